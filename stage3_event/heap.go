package event

import (
	"container/heap"
	"slices"
)

// A timerHeap keeps its earliest timer at index 0, and no more order than that
// needs: it is a tree in a slice, the children of the timer at i are at 2i+1 and
// 2i+2, and no timer is due before its parent. To put one in, or to take out the
// earliest, follows one path of that tree: 10 steps among a thousand timers, 20
// among a million.
//
// Package [container/heap] does all that, with these five methods.
type timerHeap []*timer

func (h timerHeap) Len() int           { return len(h) }
func (h timerHeap) Less(i, j int) bool { return byDeadline(h[i], h[j]) < 0 }
func (h timerHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *timerHeap) Push(t any)        { *h = append(*h, t.(*timer)) }

func (h *timerHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	h.shrink()
	return t
}

// sweep drops every timer that has been stopped. It looks at all there are, and
// what is left has to become a heap again.
func (h *timerHeap) sweep() {
	*h = slices.DeleteFunc(*h, func(t *timer) bool { return t.claimed.Load() })
	h.shrink()
	heap.Init(h)
}

// shrink moves h to a smaller slice if three quarters of this one are empty: a
// slice does not shrink by itself.
func (h *timerHeap) shrink() {
	if len(*h) < cap(*h)/4 {
		*h = slices.Clone(*h)
	}
}
