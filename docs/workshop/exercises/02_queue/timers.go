// Package queue is an exercise: from a map that is swept to a queue that is
// waited for.
package queue

import (
	"runtime"
	"slices"
	"sync"
	"time"

	"example.com/eventloop/docs/workshop/base"
)

// New returns a loop whose timer loop waits at a queue.
func New() *base.Loop {
	return base.New(base.Parts{Timers: func(l *base.Loop) base.Timers {
		return &timers{loop: l, pending: make(map[*base.Timer]struct{})}
	}})
}

type timers struct {
	loop *base.Loop

	mu      sync.Mutex // guards pending and seq
	pending map[*base.Timer]struct{}
	seq     uint64
}

func (t *timers) Add(timer *base.Timer, delay time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	timer.Deadline = t.loop.After(delay)
	timer.Seq = t.seq
	t.seq++
	t.pending[timer] = struct{}{}
}

// Drop leaves the timer to the next turn.
func (t *timers) Drop(*base.Timer) {}

func (t *timers) Run(stop <-chan struct{}) {
	for {
		t.turn()
		select {
		case <-stop:
			return
		default: // BROKEN: an empty map is swept as busily as a full one
			runtime.Gosched()
		}
	}
}

// turn sweeps the map once and hands over what is due.
func (t *timers) turn() {
	t.loop.Turn()
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.loop.Now()
	var due []*base.Timer
	for timer := range t.pending {
		switch {
		case timer.Stopped():
			delete(t.pending, timer)
		case timer.Deadline <= now:
			delete(t.pending, timer)
			due = append(due, timer)
		}
	}
	slices.SortFunc(due, base.ByDeadline)
	for _, timer := range due {
		t.loop.Due(timer)
	}
}
