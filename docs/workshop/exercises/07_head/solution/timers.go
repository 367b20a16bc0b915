// Package head is an exercise: the earliest timer is stopped, and its alarm
// rings all the same.
package head

import (
	"sync"
	"time"

	"example.com/eventloop/docs/workshop/base"
)

// New returns a loop whose timer loop sleeps until the earliest deadline.
func New() *base.Loop {
	return base.New(base.Parts{Timers: func(l *base.Loop) base.Timers {
		return &timers{loop: l, heap: base.NewHeap(base.ByDeadline), wake: make(chan struct{}, 1)}
	}})
}

type timers struct {
	loop *base.Loop

	mu   sync.Mutex // guards heap and seq
	heap *base.Heap
	seq  uint64

	wake chan struct{} // a value in it: look again
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
		default: // it will look anyhow
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
		alarm := t.alarm()
		select {
		case <-stop:
			return
		case <-alarm: // asleep until the earliest deadline
			t.turn()
		case <-t.wake:
			t.loop.Turn()
		}
	}
}

// turn hands over the first timer if it is due. The alarm may have been set for
// another, which has been stopped since.
func (t *timers) turn() {
	t.loop.Turn()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.heap.First() != nil && t.heap.First().Deadline <= t.loop.Now() {
		t.loop.Due(t.heap.Pop())
	}
}

// alarm returns an alarm for the first timer.
func (t *timers) alarm() <-chan time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.heap.First() == nil {
		return nil // which never rings
	}
	return time.After(t.heap.First().Deadline - t.loop.Now())
}
