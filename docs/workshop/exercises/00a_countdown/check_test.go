package countdown_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	countdown "example.com/eventloop/docs/workshop/exercises/00a_countdown"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ms = time.Millisecond

// In a bubble time moves only while all goroutines sleep, so nothing is late there.
func TestCheck(t *testing.T) {
	for _, rule := range []struct {
		name, text string
		n          int
		other      time.Duration // when another callback is due
		takes      time.Duration // and how long it takes
		want       string
	}{
		{"EachSecond", "say is called with n, and then with one less each second", 3, time.Hour, 0, "0s: 3, 1s: 2, 2s: 1, "},
		{"FromZero", "it counts down to 1: from 0 there is nothing to say", 0, time.Hour, 0, ""},
		{"OthersRunMeanwhile", "meanwhile other callbacks run", 3, 500 * ms, 0, "0s: 3, 500ms: other, 500ms: other ends, 1s: 2, 2s: 1, "},
		{"OneAtATime", "callbacks run one at a time: say, too, is called by the loop", 2, 900 * ms, 200 * ms, "0s: 2, 900ms: other, 1.1s: other ends, 1.1s: 1, "},
		{"TheLoopWaits", "the loop does the waiting: that is what SetTimeout is for", 3, time.Hour, 0, "0s: 3, 1s: 2, 2s: 1, "},
	} {
		t.Run(rule.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				said := make(chan string, 100)
				begin := time.Now()
				note := func(what any) { said <- fmt.Sprintf("%v: %v, ", time.Since(begin), what) }
				loop := &watched{Loop: event.New()}
				loop.Loop.SetTimeout(rule.other, func() {
					note("other")
					time.Sleep(rule.takes)
					note("other ends")
				})
				countdown.Countdown(loop, rule.n, func(n int) { note(n) })
				synctest.Wait()
				if len(said) > 0 {
					t.Errorf("\nseen: Countdown(%d) called say before the loop ran\nrule: say is called by the loop, as a callback", rule.n)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				_ = loop.Run(ctx)
				close(said)
				got := ""
				for s := range said {
					got += s
				}
				if got != rule.want {
					t.Errorf("\nseen: Countdown(%d) gave\n  %s\ninstead of\n  %s\nrule: %s", rule.n, got, rule.want, rule.text)
				}
				if rule.name == "TheLoopWaits" && loop.timers == 0 {
					t.Errorf("\nseen: Countdown(%d) set no timer of the loop\nrule: %s", rule.n, rule.text)
				}
			})
		})
	}
}

// A watched loop counts the timers that are set.
type watched struct {
	eventloop.Loop
	timers int
}

func (l *watched) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	l.timers++
	return l.Loop.SetTimeout(delay, callback)
}
