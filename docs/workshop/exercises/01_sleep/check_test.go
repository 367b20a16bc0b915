package sleep_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/bench"
	sleep "example.com/eventloop/docs/workshop/exercises/01_sleep"
	"example.com/eventloop/docs/workshop/exercises/internal/checks"
	"example.com/eventloop/looptest"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	newLoop := func() eventloop.Loop { return sleep.New(time.Millisecond) }
	napping := t.Run("Naps", func(t *testing.T) {
		want := looptest.Waiting{Idle: looptest.Naps, Pending: looptest.Naps}
		if got := looptest.Waits(t, newLoop); got != want {
			t.Errorf("\nseen: %v\nrule: the loop naps between two looks, whether a timer is pending or not", got)
		}
	})
	if !napping { // then the clock below would stand still
		return
	}
	if t.Run("EndsDuringANap", endsDuringANap) && t.Run("NobodyWaitsForANap", nobodyWaits) && t.Run("AtMostANapLate", func(t *testing.T) { trade(t, t.Errorf) }) {
		looptest.Run(t, newLoop)
	}
}

// The loop naps for an hour, and Run does not wait for the end of the nap.
func endsDuringANap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := sleep.New(time.Hour)
		end := checks.Start(l)
		time.Sleep(90 * time.Minute)
		begin := time.Now()
		end()
		if waited := time.Since(begin); waited > 0 {
			t.Errorf("\nseen: Run, its context being done during a nap of an hour, returned after %v\nrule: the end of Run ends the nap", waited)
		}
	})
}

// Nor does SetTimeout. This is in real time: in a bubble, a lock that is held during a nap
// would stop the clock.
func nobodyWaits(t *testing.T) {
	const patience = 10 * time.Second // it only says when to give up
	l := sleep.New(time.Hour)
	defer checks.Start(l)()
	time.Sleep(10 * time.Millisecond)
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		l.SetTimeout(0, func() {})
	}()
	select {
	case <-returned:
	case <-time.After(patience):
		t.Errorf("\nseen: SetTimeout, called during a nap of an hour, has not returned after %v\nrule: SetTimeout never waits for the loop: a nap holds no lock", patience)
	}
}

// What is traded for what: the figures of this table have no noise, since they
// are taken by a clock that moves only while all are asleep.
func trade(t *testing.T, errorf func(string, ...any)) {
	table := []string{fmt.Sprintf("%10s %12s %12s %12s", "nap", "turns/s", "mean late", "most late")}
	for _, nap := range []time.Duration{100 * time.Microsecond, time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			l := sleep.New(nap)
			defer checks.Start(l)()
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
				errorf("\nseen: with naps of %v a callback was %v late\nrule: the loop looks again after each nap, and New is told how long that is", nap, most)
			}
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
