// Package queue is an exercise: from a map that is swept to a queue that is
// waited for.
package queue

import (
	"runtime"
	"slices"
	"time"

	"example.com/eventloop/docs/workshop/base"
)

// New returns a loop whose timer loop waits at a queue.
func New() *base.Loop {
	return base.New(base.Parts{Timers: func(l *base.Loop) base.Timers {
		return &timers{loop: l, pending: base.NewQueue[*base.Timer]()}
	}})
}

type timers struct {
	loop    *base.Loop
	pending base.Queue[*base.Timer]
	seq     uint64 // only whoever has taken pending may touch it
}

func (t *timers) Add(timer *base.Timer, delay time.Duration) {
	pending := t.pending.Take()
	timer.Deadline = t.loop.After(delay)
	timer.Seq = t.seq
	t.seq++
	t.pending.Put(append(pending, timer))
}

// Drop leaves the timer to the next turn.
func (t *timers) Drop(*base.Timer) {}

func (t *timers) Run(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case pending := <-t.pending.Items: // asleep until there is a timer
			t.turn(pending)
			runtime.Gosched()
		}
	}
}

// turn looks at each timer once, hands over what is due and puts the rest back.
func (t *timers) turn(pending []*base.Timer) {
	t.loop.Turn()
	now := t.loop.Now()
	t.pending.Put(nil) // who sets a timer need not wait for this turn
	var due, kept []*base.Timer
	for _, timer := range pending {
		switch {
		case timer.Stopped():
		case timer.Deadline <= now:
			due = append(due, timer)
		default:
			kept = append(kept, timer)
		}
	}
	slices.SortFunc(due, base.ByDeadline)
	for _, timer := range due {
		t.loop.Due(timer)
	}
	t.pending.Put(append(kept, t.pending.Take()...))
}
