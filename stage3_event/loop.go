// Package event is stage 3: the timer loop sleeps until the earliest deadline,
// or until it is woken because there is an earlier one.
//
// Stage 2 kept asking whether a timer was due yet. This timer loop keeps its timers
// in a heap (heap.go), where the earliest is always at hand. It sets one alarm for
// that one and sleeps. The danger in sleeping is new: a caller may set a sooner timer
// meanwhile. So the loop also waits for an event (event.go), and SetTimeout sets the
// event when the new timer is the sooner one.
//
// Nothing spins. The price is lateness, because waking a sleeper takes longer than
// never having slept. And each set and stop costs steps of the heap, at most as many
// as the heap has levels: twenty with a million timers pending.
//
//	idle             both loops block
//	a timer pending  both loops block
//
// Production event loops are built like this, and so was Go's own runtime up to Go
// 1.9: a heap, and one goroutine asleep until its earliest timer.
//
// Read timers.go, then heap.go and event.go. The other three files are those of
// stage 2.
package event

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
