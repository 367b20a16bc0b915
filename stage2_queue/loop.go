// Package queue is stage 2: both loops wait at a queue, and an empty queue
// costs nothing.
//
// The maps of stage 1 become queues (queue.go), and receiving from an empty
// queue blocks. Idle, both loops are asleep. But the timer loop has only one
// way to find out whether a timer is due: take it out, look at the clock, and
// put it back if it is too early. So while a single timer waits, the next turn
// begins at once, and the timer loop goes round as fast as it can.
//
// The price is one core at full speed while Run runs and any timer is pending, for
// a minute, an hour or a day. Stage 3 asks how long there is to wait, and then
// sleeps that long.
//
//	idle             both loops block
//	a timer pending  the timer loop spins
//
// Read timers.go, then callbacks.go and queue.go. This file is that of stage 1.
package queue

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
