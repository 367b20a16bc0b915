package attack

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/eventloop"
)

// sweepWidth is how far a sweep goes, in steps of about a nanosecond: longer
// than a loop takes from its turn to its sleep.
const sweepWidth = 3000

// sweepPatience is how often Sweep gives way to a loop that does not go round,
// before it goes on without.
const sweepPatience = 10_000

// Sweep looks for a lost wake-up where it is the hardest to find: a loop has
// looked, found nothing to do, and is about to block. What somebody adds there is
// not in what it has seen, and it does not sleep yet, so that it cannot be woken
// either.
//
// Sweep wakes the loop, waits until it goes round, waits a little longer, and
// adds a callback. The next time a little longer still: one step after the other
// across the whole moment. It is in a bubble, so that a callback that is lost
// shows at once: all goroutines sleep, and it has not run.
//
// That takes two cores: on one, the loop always gets to its sleep before Sweep goes
// on, and only what is lost there can be found.
//
// The loop has to block when idle. If it spins when a timer is pending, pending
// is false, and no timer is set that is not due at once.
//
// Each round is one sweep.
func Sweep(t *testing.T, newLoop func() eventloop.Loop, pending bool, rounds int) {
	t.Helper()
	instants := 0
	for _, wake := range wakes {
		if wake.pending && !pending {
			continue
		}
		for _, add := range adds {
			for range rounds {
				lost := ""
				synctest.Test(t, func(*testing.T) { lost = sweep(newLoop(), wake, add) })
				if lost != "" {
					t.Fatalf("%s: what is added while the loop falls asleep wakes it", lost)
				}
				instants += sweepWidth
			}
		}
	}
	t.Logf("swept %d instants", instants)
}

// An action adds a callback.
type action struct {
	name    string
	pending bool // leaves a timer that is not due at once
	add     func(l eventloop.Loop, step int, callback func())
}

var adds = []action{
	{"SetTimeout(0)", false, func(l eventloop.Loop, _ int, f func()) { l.SetTimeout(0, f) }},
	{"CallSoon", false, func(l eventloop.Loop, _ int, f func()) { l.CallSoon(f) }},
}

// Each hour is a little shorter than the one before: the loop has to look at it.
var wakes = append(adds, action{"SetTimeout(1h)", true, func(l eventloop.Loop, step int, f func()) {
	l.SetTimeout(time.Hour-time.Duration(step), f)
}})

// sweep returns what has been lost, or nothing.
func sweep(l eventloop.Loop, wake, add action) string {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = l.Run(ctx)
	}()
	defer func() {
		cancel()
		<-ended
	}()
	passed := 0
	defer func() { runtime.KeepAlive(passed) }()
	for step := range sweepWidth {
		synctest.Wait()
		before := l.Turns()
		wake.add(l, step, func() {})
		for range sweepPatience {
			if l.Turns() != before {
				break
			}
			runtime.Gosched()
		}
		passed += pause(step)
		var ran atomic.Bool
		add.add(l, step, func() { ran.Store(true) })
		synctest.Wait()
		if !ran.Load() {
			return fmt.Sprintf("%s, called %d steps after the turn of %s, is lost", add.name, step, wake.name)
		}
	}
	return ""
}

// pause takes about a nanosecond for each step. What it returns is of no use: it
// keeps a compiler from leaving out the steps.
//
//go:noinline
func pause(steps int) (passed int) {
	for i := range steps {
		passed ^= i
	}
	return passed
}
