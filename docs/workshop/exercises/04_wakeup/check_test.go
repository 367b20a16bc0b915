package wakeup_test

import (
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	wakeup "example.com/eventloop/docs/workshop/exercises/04_wakeup"
	"example.com/eventloop/docs/workshop/exercises/internal/checks"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	if t.Run("SoonerTimerWakes", soonerTimerWakes) && t.Run("LaterTimerWakesNobody", laterTimerWakesNobody) {
		looptest.RunVirtual(t, func() eventloop.Loop { return wakeup.New() })
	}
}

func soonerTimerWakes(t *testing.T) {
	inBubble(t, func(l eventloop.Loop) {
		l.SetTimeout(time.Hour, func() {})
		synctest.Wait() // asleep until then
		const delay = 20 * time.Millisecond
		set := time.Now()
		ran := make(chan time.Duration, 1)
		l.SetTimeout(delay, func() { ran <- time.Since(set) })
		if after := <-ran; after > delay {
			t.Errorf("\nseen: SetTimeout(%v), with a timer of an hour pending, ran after %v\nrule: a timer does not wait for one that is due later", delay, after)
		}
	})
}

// The contract would allow it: it would only cost a wake-up for each timer.
func laterTimerWakesNobody(t *testing.T) {
	inBubble(t, func(l eventloop.Loop) {
		l.SetTimeout(10*time.Minute, func() {})
		const pause = 90 * time.Second
		time.Sleep(pause)
		for range 5 {
			before := l.Turns()
			l.SetTimeout(9*time.Minute, func() {})
			time.Sleep(pause)
			if turns := l.Turns() - before; turns != 0 {
				t.Errorf("\nseen: SetTimeout(9m), with a timer pending that is due before, took %d turns\nrule: a timer that is due later wakes nobody", turns)
				return
			}
		}
	})
}

// inBubble runs a loop while f runs.
func inBubble(t *testing.T, f func(eventloop.Loop)) {
	synctest.Test(t, func(t *testing.T) {
		l := wakeup.New()
		defer checks.Start(l)()
		f(l)
	})
}
