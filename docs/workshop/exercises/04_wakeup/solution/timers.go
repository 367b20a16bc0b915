// Package wakeup is an exercise: a timer loop that sleeps until the earliest
// deadline, and what must wake it before.
package wakeup

import (
	"container/heap"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eventloop/docs/workshop/base"
)

// New returns a loop whose timer loop sleeps until the earliest deadline.
func New() *base.Loop { return base.New(base.Parts{Timers: &timerLoop{}}) }

// A timerLoop is that of stage 3: its timers wait in a heap.
type timerLoop struct {
	callbacks base.Callbacks
	start     time.Time
	turns     atomic.Uint64

	mu       sync.Mutex    // guards seq to room
	seq      uint64        // of the next timer
	arrivals []*base.Timer // set since the last turn
	until    time.Duration // when to look next: there is no need before
	asleep   bool          // the timer loop sleeps until then, or is about to
	room     int           // how many more may be stopped before the next sweep

	wake base.Event // set to wake the timer loop: there is need to look sooner

	pending base.TimerHeap // the timer loop's own: needs no lock
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
	t.Seq = l.seq
	t.Loop = l
	l.seq++
	l.arrivals = append(l.arrivals, t)
	l.lookBy(t.Deadline)
}

func (l *timerLoop) Stopped() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.room--
	if l.room <= 0 {
		l.lookBy(0)
	}
}

func (l *timerLoop) Turns() uint64 { return l.turns.Load() }

// lookBy has the timer loop look at the clock at the given instant or before.
// Whoever calls lookBy holds mu.
func (l *timerLoop) lookBy(instant time.Duration) {
	if instant >= l.until {
		return
	}
	l.until = instant
	if l.asleep {
		l.asleep = false
		l.wake.Set()
	}
}

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
		case <-l.wake: // or until there is need to look sooner
		}
	}
}

// turn hands over what is due and returns when to look next.
func (l *timerLoop) turn() (until time.Duration) {
	l.turns.Add(1)
	l.mu.Lock()
	arrivals := l.arrivals
	l.arrivals = nil
	l.until, l.asleep = base.Never, false
	sweep := l.room <= 0
	if sweep {
		l.room = 0
	}
	now := time.Since(l.start)
	l.mu.Unlock()

	for _, t := range arrivals {
		if !t.Claimed.Load() { // else stopped
			heap.Push(&l.pending, t)
		}
	}
	if sweep {
		l.pending.Sweep()
	}
	for due := l.pending.Due(now); len(due) > 0; due = l.pending.Due(now) {
		l.callbacks.Add(due...)
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	limit := max(len(l.pending), 1000)
	if sweep {
		l.room += limit
	}
	l.room = min(l.room, limit)
	if len(l.pending) > 0 {
		l.lookBy(l.pending[0].Deadline)
	}
	l.asleep = true
	return l.until
}
