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

// sweepWidth is how far a sweep goes, in steps of about a nanosecond: longer than a
// loop takes from its turn to its sleep.
const sweepWidth = 3000

// sweepPatience is how often Sweep gives way to a loop that does not go round, before
// it goes on without.
const sweepPatience = 10_000

// Sweep looks for a lost wake-up in the moment in which a loop has looked, found
// nothing to do, and is about to block. The loop has not seen a callback that is added
// there. It does not sleep yet either, so nobody can wake it.
//
// Sweep wakes the loop, waits until it goes round, waits a little longer, and adds a
// callback. The next time it waits a nanosecond longer, and so on across the whole
// moment. It does so in a bubble, where a lost callback shows at once: all goroutines
// sleep, and it has not run.
//
// The loop has to block when idle. pending says whether it also blocks when a timer is
// pending. If it does not, Sweep sets no timer that is not due at once.
//
// Sweep needs two cores. On one, the loop always gets to its sleep before Sweep goes
// on.
func Sweep(t *testing.T, newLoop func() eventloop.Loop, pending bool) {
	t.Helper()
	sweeps, tell, instants := size(*sweepsFlag, 10, 2), telling(t), 0
	for _, wake := range wakes {
		if wake.pending && !pending {
			continue
		}
		for _, add := range adds {
			for range sweeps {
				lost := ""
				synctest.Test(t, func(*testing.T) { lost = sweep(newLoop(), wake, add) })
				if lost != "" {
					t.Fatalf("%s: a callback that is added while the loop falls asleep wakes it", lost)
				}
				instants += sweepWidth
				tell("swept %d instants", instants)
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

// Each hour is a little shorter than the one before, so that the loop has to look at it.
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

// pause takes about a nanosecond for each step. Its result is of no use: it keeps the
// compiler from leaving out the steps.
//
//go:noinline
func pause(steps int) (passed int) {
	for i := range steps {
		passed ^= i
	}
	return passed
}
