package bench

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"example.com/eventloop"
)

// Idle measures a loop that has nothing to do: %cpu, turns/s and wakeups/s.
func Idle(b *testing.B, newLoop func() eventloop.Loop) {
	Waiting(b, newLoop, 0)
}

// window is how long Waiting watches a loop.
var window = 200 * time.Millisecond

// Waiting measures a loop that has nothing to do yet: the given number of
// timers are pending, and none falls due before the measurement is over. It
// reports %cpu, turns/s and wakeups/s. It panics if timers is negative.
func Waiting(b *testing.B, newLoop func() eventloop.Loop, timers int) {
	if timers < 0 {
		panic("bench: negative number of timers")
	}
	r := start(b, newLoop)
	defer r.stop()
	pending := make([]eventloop.Timer, timers)
	for i := range pending {
		pending[i] = r.SetTimeout(time.Hour+time.Duration(i)*time.Millisecond, func() {})
	}
	r.settle()

	m := r.measure()
	for b.Loop() {
		time.Sleep(window)
	}
	cost := m.cost()
	for _, timer := range pending {
		timer.Stop()
	}

	reportShare(b, cost)
	reportTurns(b, cost)
	reportWakeUps(b, cost)
	b.ReportMetric(0, "ns/op") // the window, whatever the loop
}

// Firing measures many timers that fall due in a short time: 1,000 of them
// over 10 ms, set in no particular order, until the last callback has run. It
// reports cpu-ns/op, an op being one timer from SetTimeout to its callback, and
// the lateness. What the loop burns while it waits is part of the price.
func Firing(b *testing.B, newLoop func() eventloop.Loop) {
	const (
		timers  = 1000
		soonest = 10 * time.Millisecond // time enough to set them all
		spread  = 10 * time.Millisecond
	)
	delays := make([]time.Duration, timers)
	for i, place := range rand.New(rand.NewPCG(1, 2)).Perm(timers) {
		delays[i] = soonest + spread*time.Duration(place)/timers
	}

	r := start(b, newLoop)
	defer r.stop()

	var all lateness
	m := r.measure()
	for b.Loop() {
		var left atomic.Int64
		left.Store(timers)
		batch := make(lateness, timers) // a slot each: AfterFunc's callbacks overlap
		done := make(chan struct{})
		for i, delay := range delays {
			set := time.Now()
			r.SetTimeout(delay, func() {
				batch[i] = time.Since(set) - delay
				if left.Add(-1) == 0 {
					close(done)
				}
			})
		}
		r.await(done)
		all = append(all, batch...)
	}
	cost := m.cost()

	all.report(b)
	reportEach(b, cost, len(all))
	b.ReportMetric(0, "ns/op") // the delays, whatever the loop
}

// SetStop measures timers that never fire, as the time limit of a call that
// succeeds: set for an hour, stopped at once. It reports ns/op, which is how
// long the caller is held up, and cpu-ns/op, which has in it what the loop does
// about it meanwhile.
func SetStop(b *testing.B, newLoop func() eventloop.Loop) {
	const batch = 10_000

	r := start(b, newLoop)
	defer r.stop()

	ops := 0
	m := r.measure()
	for b.Loop() {
		for range batch {
			if !r.SetTimeout(time.Hour, func() {}).Stop() {
				b.Fatal("Stop returned false for a timer set an hour ahead: it reports whether it kept the callback from running")
			}
		}
		ops += batch
	}
	cost := m.cost()

	reportEach(b, cost, ops)
	b.ReportMetric(float64(cost.wall)/float64(ops), "ns/op")
}

// CallSoon measures callbacks handed over from another goroutine, 10,000 in a
// row, until the last has run. It reports ns/op and cpu-ns/op, an op being one
// call and its callback.
func CallSoon(b *testing.B, newLoop func() eventloop.Loop) {
	const batch = 10_000

	r := start(b, newLoop)
	defer r.stop()

	ops := 0
	m := r.measure()
	for b.Loop() {
		left := batch
		done := make(chan struct{})
		callback := func() {
			if left--; left == 0 {
				close(done)
			}
		}
		for range batch {
			r.CallSoon(callback)
		}
		r.await(done)
		ops += batch
	}
	cost := m.cost()

	reportEach(b, cost, ops)
	b.ReportMetric(float64(cost.wall)/float64(ops), "ns/op")
}

// Lateness measures how punctual a loop is when it has to be woken for each
// callback: timers of 1 to 2 ms, one after the other. It reports the lateness,
// and %cpu, which is what that punctuality costs. A loop that sleeps can hope
// for about what the row impl=AfterFunc shows: the same runtime wakes both.
func Lateness(b *testing.B, newLoop func() eventloop.Loop) {
	const timers = 100

	r := start(b, newLoop)
	defer r.stop()

	var all lateness
	m := r.measure()
	for b.Loop() {
		for i := range timers {
			// Steps of no round number, so that they don't fall in with some other clock.
			delay := time.Millisecond + time.Duration(i*371%1000)*time.Microsecond
			var late time.Duration
			done := make(chan struct{})
			set := time.Now()
			r.SetTimeout(delay, func() {
				late = time.Since(set) - delay
				close(done)
			})
			r.await(done)
			all = append(all, late)
		}
	}
	cost := m.cost()

	all.report(b)
	reportShare(b, cost)
	b.ReportMetric(0, "ns/op") // the delays, whatever the loop
}
