package limit_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	limit "example.com/eventloop/docs/workshop/exercises/00b_limit"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// In a bubble time moves only while all are asleep, so nothing is late there.
func TestCheck(t *testing.T) {
	const second = time.Second
	for _, rule := range []struct {
		name, text string
		answers    []time.Duration
		want       string
	}{
		{"InTime", "an answer in time is told so, and late is never called", []time.Duration{second}, "[1s: true]"},
		{"TooLate", "late is called when the limit is over, and an answer after that is told that it is too late", []time.Duration{3 * second}, "[2s: late 3s: false]"},
		{"OnlyTheFirst", "of several answers only the first is in time", []time.Duration{second, second}, "[1s: true 1s: false]"},
		{"NoAnswer", "late is called once, when the limit is over", nil, "[2s: late]"},
	} {
		t.Run(rule.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				happened := []string{}
				begin := time.Now()
				note := func(what any) { happened = append(happened, fmt.Sprintf("%v: %v", time.Since(begin), what)) }
				loop := event.New()
				inTime := limit.Limit(loop, 2*second, func() { note("late") })
				for _, at := range rule.answers {
					loop.SetTimeout(at, func() { note(inTime()) })
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				_ = loop.Run(ctx)
				if got := fmt.Sprint(happened); got != rule.want {
					t.Errorf("with a limit of 2s and answers after %v there came %s, not %s: %s", rule.answers, got, rule.want, rule.text)
				}
			})
		})
	}
}
