// Package base is what the exercises share: stage 3, taken apart.
//
// An exercise replaces one part of it with a file of its own, which is broken in one
// place. The check then tests the whole loop. The parts are in parts.go: the two
// loops of every stage, [Timers] and [Callbacks], and what wakes the timer loop,
// [Waker]. One exercise replaces Run itself.
//
// All the other files are those of stage3_event, to the letter. Only the names that
// exercises use begin with a capital here. A test keeps them the same, and lists the
// other differences.
package base

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
	Timers    Timers      // where timers wait until they are due
	Callbacks Callbacks   // where due callbacks wait until they run
	Running   atomic.Bool // there is a Run
}

// New returns a loop of these parts with nothing pending. It does nothing until
// Run.
func New(parts Parts) *Loop {
	l := &Loop{Timers: parts.Timers, Callbacks: parts.Callbacks}
	if l.Timers == nil {
		l.Timers = &timerLoop{wake: parts.Wake}
	}
	if l.Callbacks == nil {
		l.Callbacks = &callbackLoop{}
	}
	l.Callbacks.Init()
	l.Timers.Init(l.Callbacks)
	return l
}

// SetTimeout implements [eventloop.Loop]. It can return at once because it hands the
// timer to another loop, and that loop waits.
func (l *Loop) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	if callback == nil {
		panic("eventloop: nil callback")
	}
	t := &Timer{callback: callback}
	l.Timers.Add(t, max(delay, 0))
	return t
}

// CallSoon implements [eventloop.Loop]. A callback that has nothing to wait for
// goes straight to the callback loop.
func (l *Loop) CallSoon(callback func()) {
	if callback == nil {
		panic("eventloop: nil callback")
	}
	l.Callbacks.Add(soon(callback))
}

// Turns implements [eventloop.Loop].
func (l *Loop) Turns() uint64 { return l.Timers.Turns() + l.Callbacks.Turns() }

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
	if !l.Running.CompareAndSwap(false, true) {
		panic("eventloop: Run called while the loop is running")
	}
	defer l.Running.Store(false)

	stop := make(chan struct{}) // closed when the timer loop is to end
	var timers sync.WaitGroup
	timers.Go(func() { l.Timers.Run(stop) })
	defer timers.Wait()
	defer close(stop)

	l.Callbacks.Run(ctx.Done())
	return context.Cause(ctx)
}
