package base

import (
	"cmp"
	"container/heap"
)

// A Heap holds timers, the first of them at hand. Which is first its order
// says. It is not safe for concurrent use.
type Heap struct{ h timerHeap }

// NewHeap returns an empty heap in which a comes before b if order(a, b) is
// less than zero.
func NewHeap(order func(a, b *Timer) int) *Heap {
	return &Heap{timerHeap{order: order}}
}

// ByDeadline orders timers as the contract asks for: by deadline, and where that is
// equal in the order in which they were set.
func ByDeadline(a, b *Timer) int {
	return cmp.Or(cmp.Compare(a.Deadline, b.Deadline), cmp.Compare(a.Seq, b.Seq))
}

// First returns the first timer without taking it out, or nil if there is none.
func (h *Heap) First() *Timer {
	if len(h.h.timers) == 0 {
		return nil
	}
	return h.h.timers[0]
}

// Len returns the number of timers.
func (h *Heap) Len() int { return len(h.h.timers) }

// Push puts t into h.
func (h *Heap) Push(t *Timer) { heap.Push(&h.h, t) }

// Pop takes the first timer out. There must be one.
func (h *Heap) Pop() *Timer { return heap.Pop(&h.h).(*Timer) }

// Remove takes t out, if it is in h.
func (h *Heap) Remove(t *Timer) {
	if i := t.place - 1; i >= 0 && i < len(h.h.timers) && h.h.timers[i] == t {
		heap.Remove(&h.h, i)
	}
}

// timerHeap is what container/heap asks for.
type timerHeap struct {
	timers []*Timer
	order  func(a, b *Timer) int
}

func (h timerHeap) Len() int           { return len(h.timers) }
func (h timerHeap) Less(i, j int) bool { return h.order(h.timers[i], h.timers[j]) < 0 }

func (h timerHeap) Swap(i, j int) {
	h.timers[i], h.timers[j] = h.timers[j], h.timers[i]
	h.timers[i].place, h.timers[j].place = i+1, j+1
}

func (h *timerHeap) Push(t any) {
	h.timers = append(h.timers, t.(*Timer))
	t.(*Timer).place = len(h.timers)
}

func (h *timerHeap) Pop() any {
	last := len(h.timers) - 1
	t := h.timers[last]
	h.timers[last] = nil
	h.timers = h.timers[:last]
	t.place = 0
	return t
}
