package base

import (
	"sync"
	"time"
)

// timers is the base's own timer loop. It sleeps until the earliest deadline,
// or until it is woken because there is an earlier one.
type timers struct {
	loop *Loop

	mu   sync.Mutex // guards heap and seq
	heap *Heap
	seq  uint64

	wake chan struct{} // of capacity 1: a wake-up waits for the loop to fall asleep
}

func newTimers(l *Loop) Timers {
	return &timers{loop: l, heap: NewHeap(ByDeadline), wake: make(chan struct{}, 1)}
}

func (t *timers) Add(timer *Timer, delay time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	timer.Deadline = t.loop.After(delay)
	timer.Seq = t.seq
	t.seq++
	t.heap.Push(timer)
	if t.heap.First() == timer {
		select {
		case t.wake <- struct{}{}:
		default:
		}
	}
}

func (t *timers) Drop(timer *Timer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.heap.Remove(timer)
}

func (t *timers) Run(stop <-chan struct{}) {
	for {
		alarm := t.turn()
		select {
		case <-stop:
			return
		case <-alarm:
		case <-t.wake:
		}
	}
}

// turn hands over what is due, and returns an alarm for what is next.
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
