package countdown_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	countdown "example.com/eventloop/docs/workshop/exercises/00a_countdown"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// In a bubble time moves only while all are asleep, so nothing is late there.
func TestCheck(t *testing.T) {
	for _, rule := range []struct {
		name, text string
		n          int
		other      time.Duration // when another callback is due
		want       string
	}{
		{"EachSecond", "say is called with n, and then with one less each second", 3, time.Hour, "[0s: 3 1s: 2 2s: 1]"},
		{"OthersRunMeanwhile", "meanwhile other callbacks run", 3, 500 * time.Millisecond, "[0s: 3 500ms: other 1s: 2 2s: 1]"},
		{"FromZero", "down to 1: from 0 there is nothing to say", 0, time.Hour, "[]"},
	} {
		t.Run(rule.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				said := []string{}
				begin := time.Now()
				note := func(what any) { said = append(said, fmt.Sprintf("%v: %v", time.Since(begin), what)) }
				loop := event.New()
				loop.SetTimeout(rule.other, func() { note("other") })
				countdown.Countdown(loop, rule.n, func(n int) { note(n) })
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				_ = loop.Run(ctx)
				if got := fmt.Sprint(said); got != rule.want {
					t.Errorf("Countdown(%d) gave %s, not %s: %s", rule.n, got, rule.want, rule.text)
				}
			})
		})
	}
}
