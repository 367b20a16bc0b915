package tuned

import (
	"math"
	"time"
)

// An entry is a timer that waits. Its deadline is beside it, not in it: to
// compare two entries no timer has to be fetched from memory.
type entry struct {
	deadline time.Duration // since loop.start
	timer    *timer
}

// before reports whether a is to run before b: by deadline, and where that is
// equal in the order in which they were set.
func (a entry) before(b entry) bool {
	return a.deadline < b.deadline || a.deadline == b.deadline && a.timer.seq < b.timer.seq
}

// A heap keeps the earliest of its entries at index 0, and no more order than
// that needs. It is a tree in a slice: the children of the entry at i are those
// at 4i+1 to 4i+4. The invariants, between any two calls:
//
//	no entry is before its parent
//	h[i].timer.index == i, so that a timer can be found when it is stopped
//
// What things cost is at most the height of the tree: 6 levels for a thousand
// timers, 11 for a million. push costs less on average, since most entries stay
// near the bottom.
//
// container/heap does the same with two children and any type. This one is at
// least 1.3 times as fast (BenchmarkHeap): four children lie side by side in
// memory and halve the height, and the compiler sees what is compared. Go's own
// runtime keeps its timers in such a heap, too.
type heap []entry

// earliest returns the earliest deadline, or one that never comes.
func (h heap) earliest() time.Duration {
	if len(h) == 0 {
		return math.MaxInt64
	}
	return h[0].deadline
}

func (h *heap) push(e entry) {
	*h = append(*h, e)
	h.up(len(*h)-1, e)
}

func (h *heap) pop() *timer {
	t := (*h)[0].timer
	h.remove(0)
	return t
}

// remove takes out the entry at i and fills the gap with the last one.
func (h *heap) remove(i int) {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = entry{}
	*h = shrink((*h)[:last])
	switch {
	case i == last:
	case i > 0 && e.before((*h)[parent(i)]):
		h.up(i, e)
	default:
		h.down(i, e)
	}
}

func parent(i int) int { return (i - 1) / 4 }

// up puts e at i or, as long as e is before its parent, moves that down into
// the gap and tries one level higher.
func (h heap) up(i int, e entry) {
	for i > 0 && e.before(h[parent(i)]) {
		h.put(i, h[parent(i)])
		i = parent(i)
	}
	h.put(i, e)
}

// down puts e at i or, as long as one of its children is before e, moves the
// first of them up into the gap and tries one level lower.
func (h heap) down(i int, e entry) {
	for {
		first := 4*i + 1
		if first >= len(h) {
			break
		}
		for c := first + 1; c < min(4*i+5, len(h)); c++ {
			if h[c].before(h[first]) {
				first = c
			}
		}
		if !h[first].before(e) {
			break
		}
		h.put(i, h[first])
		i = first
	}
	h.put(i, e)
}

func (h heap) put(i int, e entry) {
	h[i] = e
	e.timer.index = i
}
