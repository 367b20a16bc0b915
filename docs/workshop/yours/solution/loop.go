// Package yours is for a loop of your own: the whole of it in this file.
//
// This one waits like stage 3 and is a single loop: the goroutine that called
// Run sleeps until the earliest deadline, or until somebody adds something.
package yours

import (
	"cmp"
	"container/heap"
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// A Loop is an event loop.
type Loop struct {
	start   time.Time
	turns   atomic.Uint64
	running atomic.Bool
	wake    chan struct{} // of capacity 1; a value in it: look again

	mu    sync.Mutex // guards what follows
	seq   uint64
	heap  timers
	ready []func() // to run next, in this order
}

// New returns a loop with nothing pending.
func New() *Loop { return &Loop{start: time.Now(), wake: make(chan struct{}, 1)} }

// Run implements [eventloop.Loop].
func (l *Loop) Run(ctx context.Context) error {
	if ctx == nil {
		panic("eventloop: nil context")
	}
	if !l.running.CompareAndSwap(false, true) {
		panic("eventloop: Run called while the loop is running")
	}
	defer l.running.Store(false)
	alarm := time.NewTimer(math.MaxInt64)
	defer alarm.Stop()
	for ctx.Err() == nil {
		l.turns.Add(1)
		callback, wait := l.next()
		if callback != nil {
			callback()
			continue
		}
		alarm.Reset(wait)
		select {
		case <-ctx.Done():
		case <-alarm.C:
		case <-l.wake:
		}
	}
	return context.Cause(ctx)
}

// next returns the next callback, or how long there is to wait for one.
func (l *Loop) next() (callback func(), wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// What is due goes behind what is ready, so that neither keeps the other
	// waiting for ever.
	now := time.Since(l.start)
	for len(l.heap) > 0 && l.heap[0].deadline <= now {
		l.ready = append(l.ready, heap.Pop(&l.heap).(*timer).run)
	}
	if len(l.ready) > 0 {
		callback, l.ready[0] = l.ready[0], nil
		l.ready = l.ready[1:]
		return callback, 0
	}
	if len(l.heap) > 0 {
		return nil, l.heap[0].deadline - now
	}
	return nil, math.MaxInt64
}

// SetTimeout implements [eventloop.Loop].
func (l *Loop) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	if callback == nil {
		panic("eventloop: nil callback")
	}
	l.mu.Lock()
	now := time.Since(l.start)
	t := &timer{deadline: now + min(max(delay, 0), math.MaxInt64-now), seq: l.seq, callback: callback}
	t.loop.Store(l)
	l.seq++
	heap.Push(&l.heap, t)
	first := t.index == 0
	l.mu.Unlock()
	if first {
		l.look()
	}
	return t
}

// CallSoon implements [eventloop.Loop].
func (l *Loop) CallSoon(callback func()) {
	if callback == nil {
		panic("eventloop: nil callback")
	}
	l.mu.Lock()
	l.ready = append(l.ready, callback)
	first := len(l.ready) == 1
	l.mu.Unlock()
	if first {
		l.look()
	}
}

// look has the loop look again, if it sleeps or is about to.
func (l *Loop) look() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Turns implements [eventloop.Loop].
func (l *Loop) Turns() uint64 { return l.turns.Load() }

// A timer is one call of SetTimeout.
type timer struct {
	deadline time.Duration // since loop.start
	seq      uint64        // breaks ties
	index    int           // in loop.heap, or -1; guarded by loop.mu

	// The first to set loop to nil, Stop or run, owns callback. A timer that is kept
	// afterwards keeps neither.
	loop     atomic.Pointer[Loop]
	callback func()
}

// take returns the callback to the first caller, and nil to all others.
func (t *timer) take() (callback func()) {
	l := t.loop.Swap(nil)
	if l == nil {
		return nil
	}
	callback, t.callback = t.callback, nil
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.index >= 0 {
		heap.Remove(&l.heap, t.index)
	}
	return callback
}

func (t *timer) run() {
	if callback := t.take(); callback != nil {
		callback()
	}
}

// Stop implements [eventloop.Timer].
func (t *timer) Stop() bool { return t.take() != nil }

// timers is a heap: by deadline, and where that is equal by seq.
type timers []*timer

func (h timers) Len() int { return len(h) }

func (h timers) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].deadline, h[j].deadline), cmp.Compare(h[i].seq, h[j].seq)) < 0
}

func (h timers) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *timers) Push(t any) {
	t.(*timer).index = len(*h)
	*h = append(*h, t.(*timer))
}

func (h *timers) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	t.index = -1
	return t
}
