// Package lost is an exercise: a wake-up that comes while the timer loop is
// falling asleep.
package lost

import (
	"sync"
	"time"

	"example.com/eventloop/docs/workshop/base"
)

// New returns a loop whose timer loop sleeps until the earliest deadline.
//
// The timer loop calls pause between its last look and its falling asleep, which
// is where the operating system may pause it, too, for as long as it likes. The
// check uses that.
func New(pause func()) *base.Loop {
	return base.New(base.Parts{Timers: func(l *base.Loop) base.Timers {
		return &timers{
			loop:  l,
			heap:  base.NewHeap(base.ByDeadline),
			wake:  make(chan struct{}), // BROKEN: where is a value that comes before its receiver?
			pause: pause,
		}
	}})
}

type timers struct {
	loop *base.Loop

	mu   sync.Mutex // guards heap and seq
	heap *base.Heap
	seq  uint64

	wake  chan struct{} // a value in it: look again
	pause func()
}

func (t *timers) Add(timer *base.Timer, delay time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	timer.Deadline = t.loop.After(delay)
	timer.Seq = t.seq
	t.seq++
	t.heap.Push(timer)
	if t.heap.First() == timer { // it would sleep too long
		select {
		case t.wake <- struct{}{}:
		default: // it is awake anyhow
		}
	}
}

func (t *timers) Drop(timer *base.Timer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.heap.Remove(timer)
}

func (t *timers) Run(stop <-chan struct{}) {
	for {
		alarm := t.turn()
		t.pause()
		select {
		case <-stop:
			return
		case <-alarm: // asleep until the earliest deadline
		case <-t.wake:
		}
	}
}

// turn hands over what is due and returns an alarm for what is next.
func (t *timers) turn() <-chan time.Time {
	t.loop.Turn()
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.loop.Now()
	for t.heap.First() != nil && t.heap.First().Deadline <= now {
		t.loop.Due(t.heap.Pop())
	}
	if t.heap.First() == nil {
		return nil // which never rings
	}
	return time.After(t.heap.First().Deadline - now)
}
