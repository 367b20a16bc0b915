package limit_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	limit "example.com/eventloop/docs/workshop/exercises/00b_limit"
	"example.com/eventloop/docs/workshop/exercises/internal/checks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	const second = time.Second
	for _, rule := range []struct {
		name, text string
		answers    []time.Duration
		busy       time.Duration // when another callback begins that takes a second, if above zero
		want       string
	}{
		{"InTime", "an answer in time is told so, and late is never called", []time.Duration{second}, 0, "1s: true"},
		{"TooLate", "late is called when the limit is over, and an answer after that is told that it is too late", []time.Duration{3 * second}, 0, "2s: late, 3s: false"},
		{"OnlyTheFirst", "of several answers only the first is in time", []time.Duration{second, second}, 0, "1s: true, 1s: false"},
		{"NoAnswer", "late is called once, when the limit is over", nil, 0, "2s: late"},
		{"OneAtATime", "callbacks run one at a time: late, too, is called by the loop", nil, second + second/2, "2.5s: other ends, 2.5s: late"},
	} {
		checks.Try(t, rule.name, rule.text, func(c *checks.Trial) {
			note := func(what any) { c.Note(c.Since(), ": ", what) }
			if rule.busy > 0 {
				c.Stage3.SetTimeout(rule.busy, func() {
					time.Sleep(second)
					note("other ends")
				})
			}
			inTime := limit.Limit(c.Loop, 2*second, func() { note("late") })
			for _, at := range rule.answers {
				c.Stage3.SetTimeout(at, func() {
					note(inTime())
					for _, timer := range c.Loop.Timers {
						if timer.Stop() {
							c.Error("\nseen: an answer came, and the timer of the limit is still pending\nrule: the timer is stopped, so that the loop has nothing to keep")
						}
					}
				})
			}
			checks.RunFor(c.Loop, time.Minute)
			synctest.Wait()
			c.Want(fmt.Sprintf("with a limit of 2s and answers after %v there came", rule.answers), rule.want)
			if len(c.Loop.Timers) == 0 {
				c.Error("\nseen: Limit set no timer of the loop\nrule: the loop does the waiting")
			}
		})
	}
}
