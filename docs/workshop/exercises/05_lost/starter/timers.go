// Package lost is an exercise: a wake-up that comes while the timer loop is
// falling asleep.
package lost

import (
	"container/heap"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eventloop/docs/workshop/base"
)

// New returns a loop whose timer loop sleeps until the earliest deadline.
//
// The timer loop calls pause between its last look and its falling asleep, which
// is where the operating system may pause it, too, for as long as it likes. The
// check uses that.
func New(pause func()) *base.Loop {
	return base.New(base.Parts{Timers: &timerLoop{pause: pause}})
}

// An event wakes one sleeper.
type event chan struct{}

func newEvent() event { return make(event) } // BROKEN: where is a value that comes before its receiver?

// set wakes the sleeper. It never waits.
func (e event) set() {
	select {
	case e <- struct{}{}:
	default:
	}
}

// A timerLoop is that of stage 3 except in one line: its timers wait in a heap.
type timerLoop struct {
	callbacks base.Callbacks
	start     time.Time
	turns     atomic.Uint64
	pause     func()

	mu       sync.Mutex    // guards seq to room
	seq      uint64        // of the next timer
	arrivals []*base.Timer // set since the last turn
	until    time.Duration // when to look next: there is no need before
	asleep   bool          // the timer loop sleeps until then, or is about to
	room     int           // how many more may be stopped before the next sweep

	wake event // set to wake the timer loop: there is need to look sooner

	pending base.TimerHeap // the timer loop's own: needs no lock
}

func (l *timerLoop) Init(callbacks base.Callbacks) {
	l.callbacks = callbacks
	l.start = time.Now()
	l.wake = newEvent()
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
		l.wake.set()
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
		l.pause()
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
