// Package polling is stage 1: both loops look, and look again, without pause.
//
// It is the first idea one has. The timer loop keeps its timers in a map and
// sweeps the whole map, over and over: is anything due? The callback loop does
// the same with its callbacks. Neither ever sleeps, so neither can miss
// anything, and there is nothing to wake. This is easy to get right. It is punctual
// while each loop has a core to itself and few timers wait.
//
// The price is two cores at full speed as long as Run runs, even with nothing to
// do, and a sweep that takes longer the more timers wait. Stage 2 lets both loops
// block when they have nothing at all.
//
//	idle             both loops spin
//	a timer pending  both loops spin
//
// Read loop.go, then timers.go, then callbacks.go. In every stage the idea is in
// timers.go.
package polling

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// A Loop is this stage's [eventloop.Loop], and keeps the whole of its contract.
// Make one with [New].
//
// It is two loops, as in the article. Each has its own state and its own way to
// wait.
type Loop struct {
	timers    timerLoop    // timers.go: where timers wait until they are due
	callbacks callbackLoop // callbacks.go: where due callbacks wait until they run
	running   atomic.Bool  // there is a Run
}

// New returns a loop with nothing pending. It does nothing until Run.
func New() *Loop {
	l := &Loop{}
	l.callbacks.init()
	l.timers.init(&l.callbacks)
	return l
}

// SetTimeout implements [eventloop.Loop]. It can return at once because it hands the
// timer to another loop, and that loop waits.
func (l *Loop) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	if callback == nil {
		panic("eventloop: nil callback")
	}
	t := &timer{callback: callback}
	l.timers.add(t, max(delay, 0))
	return t
}

// CallSoon implements [eventloop.Loop]. A callback that has nothing to wait for
// goes straight to the callback loop.
func (l *Loop) CallSoon(callback func()) {
	if callback == nil {
		panic("eventloop: nil callback")
	}
	l.callbacks.add(soon(callback))
}

// Turns implements [eventloop.Loop].
func (l *Loop) Turns() uint64 { return l.timers.turns.Load() + l.callbacks.turns.Load() }

// Run implements [eventloop.Loop]. It is the article's serve_forever: the
// callback loop runs here, on the caller's goroutine, and the timer loop on one
// of its own.
//
// However Run ends, it ends the timer loop first. That has to be deferred, because
// a callback that panics or calls [runtime.Goexit] leaves through here as well. Run
// must not wait for a timer loop that has not been told to end.
func (l *Loop) Run(ctx context.Context) error {
	if ctx == nil {
		panic("eventloop: nil context")
	}
	if !l.running.CompareAndSwap(false, true) {
		panic("eventloop: Run called while the loop is running")
	}
	defer l.running.Store(false)

	stop := make(chan struct{}) // closed when the timer loop is to end
	var timers sync.WaitGroup
	timers.Go(func() { l.timers.run(stop) })
	defer timers.Wait()
	defer close(stop)

	l.callbacks.run(ctx.Done())
	return context.Cause(ctx)
}
