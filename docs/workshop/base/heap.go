package base

import (
	"container/heap"
	"slices"
)

// A TimerHeap keeps its earliest timer at index 0, and no more order than that
// needs: it is a tree in a slice, the children of the timer at i are at 2i+1 and
// 2i+2, and no timer is due before its parent. To put one in, or to take out the
// earliest, follows one path of that tree: 10 steps among a thousand timers, 20
// among a million.
//
// Package [container/heap] does all that, with these five methods.
type TimerHeap []*Timer

func (h TimerHeap) Len() int           { return len(h) }
func (h TimerHeap) Less(i, j int) bool { return ByDeadline(h[i], h[j]) < 0 }
func (h TimerHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *TimerHeap) Push(t any)        { *h = append(*h, t.(*Timer)) }

func (h *TimerHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	h.shrink()
	return t
}

// Sweep drops every timer that has been stopped. It looks at all there are, and
// what is left has to become a heap again.
func (h *TimerHeap) Sweep() {
	*h = slices.DeleteFunc(*h, func(t *Timer) bool { return t.Claimed.Load() })
	h.shrink()
	heap.Init(h)
}

// shrink moves h to a smaller slice if three quarters of this one are empty: a
// slice does not shrink by itself.
func (h *TimerHeap) shrink() {
	if len(*h) < cap(*h)/4 {
		*h = slices.Clone(*h)
	}
}
