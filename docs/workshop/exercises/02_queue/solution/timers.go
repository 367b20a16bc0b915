// Package queue is an exercise: from a map that is swept to a queue that is
// waited for.
package queue

import (
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"example.com/eventloop/docs/workshop/base"
)

// New returns a loop whose timer loop waits at a queue.
func New() *base.Loop { return base.New(base.Parts{Timers: &timerLoop{}}) }

// A timerLoop is that of stage 2: its timers wait in a queue.
type timerLoop struct {
	callbacks base.Callbacks
	start     time.Time
	turns     atomic.Uint64

	pending base.Queue[*base.Timer]
	seq     uint64 // guarded by pending: read it while taken
}

func (l *timerLoop) Init(callbacks base.Callbacks) {
	l.callbacks = callbacks
	l.start = time.Now()
	l.pending = base.NewQueue[*base.Timer]()
}

func (l *timerLoop) Add(t *base.Timer, delay time.Duration) {
	pending := l.pending.Take()
	t.Deadline = base.After(time.Since(l.start), delay)
	t.Seq = l.seq
	t.Loop = l
	l.seq++
	l.pending.Put(append(pending, t))
}

// Remove leaves the timer to the next turn.
func (l *timerLoop) Remove(*base.Timer) {}

func (l *timerLoop) Turns() uint64 { return l.turns.Load() }

func (l *timerLoop) Run(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case pending := <-l.pending.Items: // asleep until there is a timer
			l.turn(pending)
			runtime.Gosched()
		}
	}
}

// turn looks at each timer once, hands over what is due and puts the rest back.
func (l *timerLoop) turn(pending []*base.Timer) {
	l.turns.Add(1)
	now := time.Since(l.start)
	l.pending.Put(nil) // nobody who sets a timer waits for this turn

	var due []*base.Timer
	kept := pending[:0]
	for _, t := range pending {
		switch {
		case t.Claimed.Load(): // stopped
		case t.Deadline <= now:
			due = append(due, t)
		default:
			kept = append(kept, t)
		}
	}
	clear(pending[len(kept):])
	if len(kept) < cap(kept)/4 { // a slice does not shrink by itself
		kept = slices.Clone(kept)
	}

	slices.SortFunc(due, base.ByDeadline)
	for _, t := range due {
		l.callbacks.Add(t)
	}
	l.pending.Put(append(kept, l.pending.Take()...))
}
