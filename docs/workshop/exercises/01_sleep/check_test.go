package sleep_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/bench"
	sleep "example.com/eventloop/docs/workshop/exercises/01_sleep"
	"example.com/eventloop/looptest"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	newLoop := func() eventloop.Loop { return sleep.New(time.Millisecond) }
	looptest.Run(t, newLoop)
	if t.Failed() { // it may hang, which has been said
		return
	}
	napping := t.Run("Naps", func(t *testing.T) {
		want := looptest.Waiting{Idle: looptest.Naps, Pending: looptest.Naps}
		if got := looptest.Waits(t, newLoop); got != want {
			t.Errorf("%v; with a sleep between two looks it would nap, idle or not", got)
		}
	})
	if napping { // else the clock below would stand still
		t.Run("AtMostANapLate", func(t *testing.T) { trade(t, t.Errorf) })
	}
}

// What is traded for what: the figures of this table have no noise, since they
// are taken by a clock that moves only while all are asleep.
func trade(t *testing.T, errorf func(string, ...any)) {
	table := []string{fmt.Sprintf("%10s %12s %12s %12s", "nap", "turns/s", "mean late", "most late")}
	for _, nap := range []time.Duration{100 * time.Microsecond, time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			l := sleep.New(nap)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_ = l.Run(ctx)
			}()
			time.Sleep(nap / 2)
			before := l.Turns()
			time.Sleep(time.Second)
			turns := l.Turns() - before

			// Deadlines at a hundred places between two naps.
			const n = 100
			var sum, most time.Duration
			for i := range time.Duration(n) {
				delay := 10*nap + i*nap/n
				set := time.Now()
				ran := make(chan struct{})
				l.SetTimeout(delay, func() {
					late := time.Since(set) - delay
					sum += late
					most = max(most, late)
					close(ran)
				})
				<-ran
			}
			table = append(table, fmt.Sprintf("%10v %12d %12v %12v", nap, turns, (sum/n).Round(time.Microsecond), most.Round(time.Microsecond)))
			if most > nap {
				errorf("with naps of %v a callback was %v late: the loop looks again after each nap", nap, most)
			}
			cancel()
			<-ended
		})
	}
	for _, row := range table { // after what is wrong
		t.Log(row)
	}
}

// What a nap costs by the two meters, on this machine, and stage 3 beside it.
func BenchmarkIdle(b *testing.B) {
	for _, nap := range []time.Duration{100 * time.Millisecond, 10 * time.Millisecond, time.Millisecond} {
		b.Run("nap="+nap.String(), func(b *testing.B) {
			bench.Idle(b, func() eventloop.Loop { return sleep.New(nap) })
		})
	}
	b.Run("stage3_event", func(b *testing.B) {
		bench.Idle(b, func() eventloop.Loop { return event.New() })
	})
}
