// Package base is what the exercises share: a sound event loop, taken apart.
//
// An exercise replaces one part of it by a file of its own, broken in one place,
// and what is tested then is the whole loop. The parts are the two loops of
// every stage (Timers and Callbacks) and, in one exercise, Run itself. What an
// exercise does not replace is the part in this package: timers.go and
// callbacks.go, built like stage 3 but kept as short as can be.
package base

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// Timers is a timer loop: where timers wait until they are due.
type Timers interface {
	// Add takes over a timer that has just been set. It is called by
	// SetTimeout, from any goroutine, and must not wait for the loop.
	Add(t *Timer, delay time.Duration)

	// Drop is called when t has been stopped, from any goroutine. A timer loop
	// may keep t until its next turn.
	Drop(t *Timer)

	// Run is the timer loop itself. It hands what is due to [Loop.Due], in
	// order, and returns when stop is closed.
	Run(stop <-chan struct{})
}

// Callbacks is a callback loop: where callbacks wait until they run.
type Callbacks interface {
	// Add has callback run after all that were added before. It is called from
	// any goroutine, callbacks included, and must not wait for the loop.
	Add(callback func())

	// Run is the callback loop itself, on the goroutine that called the loop's
	// Run. It returns when done is closed.
	Run(done <-chan struct{})
}

// Parts says of what a loop is made. A part that is nil is this package's own.
type Parts struct {
	Timers    func(*Loop) Timers
	Callbacks func(*Loop) Callbacks
}

// A Loop is an [eventloop.Loop] made of parts. Make one with [New].
type Loop struct {
	timers    Timers
	callbacks Callbacks
	start     time.Time
	turns     atomic.Uint64
	running   atomic.Bool
}

// New returns a loop of these parts.
func New(parts Parts) *Loop {
	if parts.Timers == nil {
		parts.Timers = newTimers
	}
	if parts.Callbacks == nil {
		parts.Callbacks = newCallbacks
	}
	l := &Loop{start: time.Now()}
	l.callbacks = parts.Callbacks(l)
	l.timers = parts.Timers(l)
	return l
}

// Run implements [eventloop.Loop].
func (l *Loop) Run(ctx context.Context) error {
	if ctx == nil {
		panic("eventloop: nil context")
	}
	if !l.running.CompareAndSwap(false, true) {
		panic("eventloop: Run called while the loop is running")
	}
	defer l.running.Store(false)

	stop := make(chan struct{})
	var timers sync.WaitGroup
	timers.Go(func() { l.RunTimers(stop) })
	defer timers.Wait()
	defer close(stop)

	l.RunCallbacks(ctx.Done())
	return context.Cause(ctx)
}

// RunTimers runs the timer loop until stop is closed.
func (l *Loop) RunTimers(stop <-chan struct{}) { l.timers.Run(stop) }

// RunCallbacks runs the callback loop until done is closed.
func (l *Loop) RunCallbacks(done <-chan struct{}) { l.callbacks.Run(done) }

// SetTimeout implements [eventloop.Loop].
func (l *Loop) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	if callback == nil {
		panic("eventloop: nil callback")
	}
	t := &Timer{timers: l.timers, callback: callback}
	l.timers.Add(t, max(delay, 0))
	return t
}

// CallSoon implements [eventloop.Loop].
func (l *Loop) CallSoon(callback func()) {
	if callback == nil {
		panic("eventloop: nil callback")
	}
	l.callbacks.Add(callback)
}

// Turns implements [eventloop.Loop].
func (l *Loop) Turns() uint64 { return l.turns.Load() }

// Turn counts one turn. Both loops call it each time they go round.
func (l *Loop) Turn() { l.turns.Add(1) }

// Now is the time since the loop was made, on the monotonic clock. Deadlines
// count like this too.
func (l *Loop) Now() time.Duration { return time.Since(l.start) }

// After returns the deadline that is delay from now, or the last instant there
// is if that is later still.
func (l *Loop) After(delay time.Duration) time.Duration {
	now := l.Now()
	if delay > math.MaxInt64-now {
		return math.MaxInt64
	}
	return now + delay
}

// Due hands a timer that is due to the callback loop.
func (l *Loop) Due(t *Timer) { l.callbacks.Add(t.run) }

// A Timer is one call of SetTimeout. Deadline and Seq belong to the timer loop
// that it was added to.
type Timer struct {
	Deadline time.Duration // as Loop.Now
	Seq      uint64        // how many timers were set before it
	place    int           // in a Heap, counted from 1; 0 if it is in none

	timers   Timers
	claimed  atomic.Bool // by run or by Stop: whoever is first owns callback
	callback func()
}

// Stop implements [eventloop.Timer].
func (t *Timer) Stop() bool {
	if !t.claimed.CompareAndSwap(false, true) {
		return false
	}
	t.callback = nil
	t.timers.Drop(t)
	return true
}

// Stopped reports whether t has been stopped (or has run).
func (t *Timer) Stopped() bool { return t.claimed.Load() }

func (t *Timer) run() {
	if t.claimed.CompareAndSwap(false, true) {
		callback := t.callback
		t.callback = nil
		callback()
	}
}
