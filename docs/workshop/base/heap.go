package base

import "slices"

// A TimerHeap keeps its earliest timer at index 0, and no more order than that
// needs. It is a tree in a slice: the children of the timer at i are at 2i+1 and
// 2i+2, and no timer is before its parent. Putting one in or taking one out
// follows one path of that tree: at most 10 steps among a thousand timers, 20
// among a million.
//
// Package [container/heap] does all that with these five methods. Push and Pop work
// at the end of the slice, and heap.Push, heap.Pop and heap.Remove do the rest.
// Each timer knows its index, as in that package's example of a priority queue, so
// heap.Remove need not search for it.
type TimerHeap []*Timer

func (h TimerHeap) Len() int { return len(h) }

// Less is the order in which timers run: by deadline, and with equal deadlines in
// the order in which they were set.
func (h TimerHeap) Less(i, j int) bool {
	if h[i].Deadline != h[j].Deadline {
		return h[i].Deadline < h[j].Deadline
	}
	return h[i].Seq < h[j].Seq
}

func (h TimerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].Index, h[j].Index = i, j
}

func (h *TimerHeap) Push(t any) {
	t.(*Timer).Index = len(*h)
	*h = append(*h, t.(*Timer))
}

func (h *TimerHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	t.Index = -1
	(*h)[last] = nil
	*h = (*h)[:last]
	if len(*h) < cap(*h)/4 {
		*h = slices.Clone(*h) // the old array would stay as large as it was
	}
	return t
}
