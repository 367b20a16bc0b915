package ties_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	ties "example.com/eventloop/docs/workshop/exercises/06_ties"
	"example.com/eventloop/docs/workshop/exercises/internal/checks"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	if t.Run("Ties", ties10) && t.Run("TiesAfterOthers", tiesAfterOthers) {
		looptest.RunVirtual(t, func() eventloop.Loop { return ties.New() })
	}
}

const rule = "rule: timers with equal deadlines run in the order in which they were set"

func ties10(t *testing.T) {
	order, want := "", ""
	var last time.Duration
	run(t, func(l eventloop.Loop) {
		begin := time.Now()
		for i := range 10 {
			l.SetTimeout(time.Second, func() {
				order += fmt.Sprint(i, " ")
				last = time.Since(begin)
			})
			want += fmt.Sprint(i, " ")
		}
	})
	if order != want {
		t.Errorf("\nseen: ten timers, all due at one instant, ran in the order %s\n%s", order, rule)
	}
	if last != time.Second {
		t.Errorf("\nseen: of ten timers, all due after 1s, the last one ran after %v\nrule: a deadline stays as it is", last)
	}
}

// Timers come and go between the two that are due at one instant.
func tiesAfterOthers(t *testing.T) {
	order := ""
	run(t, func(l eventloop.Loop) {
		for range 5 {
			l.SetTimeout(time.Second, func() {})
		}
		l.SetTimeout(3*time.Second, func() { order += "first " })
		l.SetTimeout(2*time.Second, func() {
			l.SetTimeout(time.Second, func() { order += "second " })
		})
	})
	if want := "first second "; order != want {
		t.Errorf("\nseen: two timers were due at one instant, the second being set later, when five others had run: the order was %s\n%s", order, rule)
	}
}

// run runs a loop for a minute, with the timers that set sets.
func run(t *testing.T, set func(eventloop.Loop)) {
	synctest.Test(t, func(t *testing.T) {
		l := ties.New()
		set(l)
		checks.RunFor(l, time.Minute)
	})
}
