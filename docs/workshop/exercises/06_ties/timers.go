// Package ties is an exercise: timers that are due at the same instant.
//
// BROKEN: they run in any order.
package ties

import (
	"container/heap"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eventloop/docs/workshop/base"
)

// New returns a loop whose timer loop sleeps until the earliest deadline.
func New() *base.Loop { return base.New(base.Parts{Timers: &timerLoop{}}) }

// A timerLoop is that of stage 3 except for three lines: its timers wait in a heap.
type timerLoop struct {
	callbacks base.Callbacks
	start     time.Time
	turns     atomic.Uint64

	mu      sync.Mutex // guards pending and until
	pending base.TimerHeap
	until   time.Duration // what the timer loop sleeps until, if it sleeps

	wake base.Event // set when a timer is sooner than until
}

func (l *timerLoop) Init(callbacks base.Callbacks) {
	l.callbacks = callbacks
	l.start = time.Now()
	l.wake = base.NewEvent()
}

func (l *timerLoop) Add(t *base.Timer, delay time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t.Deadline = base.After(time.Since(l.start), delay)
	t.Loop = l
	heap.Push(&l.pending, t)
	if t.Deadline < l.until {
		l.until = t.Deadline
		l.wake.Set()
	}
}

func (l *timerLoop) Remove(t *base.Timer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.Index >= 0 {
		heap.Remove(&l.pending, t.Index)
	}
}

func (l *timerLoop) Turns() uint64 { return l.turns.Load() }

func (l *timerLoop) Run(stop <-chan struct{}) {
	alarm := time.NewTimer(base.Never)
	defer alarm.Stop()
	for {
		var ring <-chan time.Time // nil, and never ready, if nothing is pending
		if until := l.turn(); until < base.Never {
			alarm.Reset(until - time.Since(l.start))
			ring = alarm.C
		}
		select {
		case <-stop:
			return
		case <-ring: // asleep until the earliest deadline
		case <-l.wake: // or until there is a sooner one
		}
	}
}

// turn hands over what is due, and returns how long the timer loop may sleep.
func (l *timerLoop) turn() (until time.Duration) {
	l.turns.Add(1)
	now := time.Since(l.start)
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.pending) > 0 && l.pending[0].Deadline <= now {
		due := heap.Pop(&l.pending).(*base.Timer)
		l.mu.Unlock()
		l.callbacks.Add(due)
		l.mu.Lock()
	}
	l.until = base.Never
	if len(l.pending) > 0 {
		l.until = l.pending[0].Deadline
	}
	return l.until
}
