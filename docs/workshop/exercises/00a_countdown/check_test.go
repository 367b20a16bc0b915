package countdown_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	countdown "example.com/eventloop/docs/workshop/exercises/00a_countdown"
	"example.com/eventloop/docs/workshop/exercises/internal/checks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ms = time.Millisecond

func TestCheck(t *testing.T) {
	for _, rule := range []struct {
		name, text string
		n          int
		other      time.Duration // when another callback is due
		takes      time.Duration // and how long it takes
		want       string
	}{
		{"EachSecond", "say is called with n, and then with one less each second", 3, time.Hour, 0, "0s: 3, 1s: 2, 2s: 1"},
		{"FromZero", "it counts down to 1: from 0 there is nothing to say", 0, time.Hour, 0, ""},
		{"OthersRunMeanwhile", "meanwhile other callbacks run", 3, 500 * ms, 0, "0s: 3, 500ms: other, 500ms: other ends, 1s: 2, 2s: 1"},
		{"OneAtATime", "callbacks run one at a time: say, too, is called by the loop", 2, 900 * ms, 200 * ms, "0s: 2, 900ms: other, 1.1s: other ends, 1.1s: 1"},
		{"TheLoopWaits", "the loop does the waiting: that is what SetTimeout is for", 3, time.Hour, 0, "0s: 3, 1s: 2, 2s: 1"},
	} {
		checks.Try(t, rule.name, rule.text, func(c *checks.Trial) {
			note := func(what any) { c.Note(c.Since(), ": ", what) }
			c.Stage3.SetTimeout(rule.other, func() {
				note("other")
				time.Sleep(rule.takes)
				note("other ends")
			})
			countdown.Countdown(c.Loop, rule.n, func(n int) { note(n) })
			synctest.Wait()
			if c.Noted() > 0 {
				c.Errorf("\nseen: Countdown(%d) called say before the loop ran\nrule: say is called by the loop, as a callback", rule.n)
			}
			checks.RunFor(c.Loop, time.Minute)
			c.Want(fmt.Sprintf("Countdown(%d) gave", rule.n), rule.want)
			if rule.name == "TheLoopWaits" && len(c.Loop.Timers) == 0 {
				c.Broken("Countdown(%d) set no timer of the loop", rule.n)
			}
		})
	}
}
