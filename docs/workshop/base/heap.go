package base

import (
	"container/heap"
	"slices"
	"time"
)

// A TimerHeap keeps its earliest timer at index 0, and no more order than that
// needs: it is a tree in a slice, the children of the entry at i are at 2i+1 and
// 2i+2, and no entry is before its parent. To put a timer in, or to take out the
// earliest, follows one path of that tree: 10 steps among a thousand timers, 20
// among a million.
//
// Package [container/heap] does all that, with these five methods. (Push and Pop work at
// the end of the slice; heap.Push and heap.Pop do the rest.)
type TimerHeap []entry

// An entry is a timer that waits. Its deadline stands beside it as well as in it:
// most comparisons then need not fetch any timer from memory.
type entry struct {
	Deadline time.Duration
	timer    *Timer
}

func (h TimerHeap) Len() int      { return len(h) }
func (h TimerHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Less is the order in which timers run: by deadline, and where that is equal in
// the order in which they were set.
func (h TimerHeap) Less(i, j int) bool {
	if h[i].Deadline != h[j].Deadline {
		return h[i].Deadline < h[j].Deadline
	}
	return h[i].timer.Seq < h[j].timer.Seq
}

func (h *TimerHeap) Push(t any) {
	*h = append(*h, entry{t.(*Timer).Deadline, t.(*Timer)})
}

func (h *TimerHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last].timer
	(*h)[last] = entry{}
	*h = (*h)[:last]
	h.shrink()
	return t
}

// Due takes out what is due by now, in order (a heap needs no sorting), and no
// more than a batch of it: whoever adds a callback meanwhile waits for one batch to
// be handed over (and now and then for append, when it makes room), not for a
// million timers.
func (h *TimerHeap) Due(now time.Duration) (tasks []Task) {
	const batch = 1000
	for len(*h) > 0 && (*h)[0].Deadline <= now && len(tasks) < batch {
		tasks = append(tasks, heap.Pop(h).(*Timer))
	}
	return tasks
}

// Sweep drops every timer that has been stopped. It looks at all there are, and
// what is left has to become a heap again.
func (h *TimerHeap) Sweep() {
	*h = slices.DeleteFunc(*h, func(e entry) bool { return e.timer.Claimed.Load() })
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
