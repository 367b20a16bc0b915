package limit_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	limit "example.com/eventloop/docs/workshop/exercises/00b_limit"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// In a bubble time moves only while all goroutines sleep, so nothing is late there.
func TestCheck(t *testing.T) {
	const second = time.Second
	for _, rule := range []struct {
		name, text string
		answers    []time.Duration
		busy       time.Duration // when another callback begins that takes a second, if above zero
		want       string
	}{
		{"InTime", "an answer in time is told so, and late is never called", []time.Duration{second}, 0, "1s: true, "},
		{"TooLate", "late is called when the limit is over, and an answer after that is told that it is too late", []time.Duration{3 * second}, 0, "2s: late, 3s: false, "},
		{"OnlyTheFirst", "of several answers only the first is in time", []time.Duration{second, second}, 0, "1s: true, 1s: false, "},
		{"NoAnswer", "late is called once, when the limit is over", nil, 0, "2s: late, "},
		{"OneAtATime", "callbacks run one at a time: late, too, is called by the loop", nil, second + second/2, "2.5s: other ends, 2.5s: late, "},
	} {
		t.Run(rule.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				happened := make(chan string, 100)
				begin := time.Now()
				note := func(what any) { happened <- fmt.Sprintf("%v: %v, ", time.Since(begin), what) }
				loop := &watched{Loop: event.New()}
				if rule.busy > 0 {
					loop.Loop.SetTimeout(rule.busy, func() {
						time.Sleep(second)
						note("other ends")
					})
				}
				inTime := limit.Limit(loop, 2*second, func() { note("late") })
				for _, at := range rule.answers {
					loop.Loop.SetTimeout(at, func() {
						note(inTime())
						if loop.timer != nil && loop.timer.Stop() {
							t.Error("\nseen: an answer came, and the timer of the limit is still pending\nrule: the timer is stopped, so that the loop has nothing to keep")
						}
					})
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				_ = loop.Run(ctx)
				synctest.Wait()
				close(happened)
				got := ""
				for h := range happened {
					got += h
				}
				if got != rule.want {
					t.Errorf("\nseen: with a limit of 2s and answers after %v there came\n  %s\ninstead of\n  %s\nrule: %s", rule.answers, got, rule.want, rule.text)
				}
				if loop.timer == nil {
					t.Error("\nseen: Limit set no timer of the loop\nrule: the loop does the waiting")
				}
			})
		})
	}
}

// A watched loop remembers the timer that was set last.
type watched struct {
	eventloop.Loop
	timer eventloop.Timer
}

func (l *watched) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	l.timer = l.Loop.SetTimeout(delay, callback)
	return l.timer
}
