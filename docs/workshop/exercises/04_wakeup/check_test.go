package wakeup_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	wakeup "example.com/eventloop/docs/workshop/exercises/04_wakeup"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	looptest.RunVirtual(t, func() eventloop.Loop { return wakeup.New() })
	if !t.Failed() { // else it may hang
		t.Run("LaterTimerWakesNobody", laterTimerWakesNobody)
	}
}

// The contract would allow it. It would only cost a wake-up for each timer.
func laterTimerWakesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := wakeup.New()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = l.Run(ctx)
		}()
		l.SetTimeout(time.Hour, func() {})
		synctest.Wait() // asleep until then
		before := l.Turns()
		l.SetTimeout(2*time.Hour, func() {})
		synctest.Wait()
		if turns := l.Turns() - before; turns != 0 {
			t.Errorf("SetTimeout(2h), with a timer of 1h pending, took %d turns: a timer that is due later wakes nobody", turns)
		}
		cancel()
		<-ended
	})
}
