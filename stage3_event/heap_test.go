package event

import (
	"cmp"
	"container/heap"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A heap gives out what a sorted slice would, and holds nothing of what it has
// given out or swept out.
func TestHeap(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var h timerHeap
	var sorted []*timer // the model
	for seq := range uint64(20_000) {
		switch n := random.IntN(100); {
		case n < 55 || len(h) == 0:
			e := &timer{deadline: time.Duration(random.IntN(50)), seq: seq}
			heap.Push(&h, e)
			at, _ := slices.BinarySearchFunc(sorted, e, compare)
			sorted = slices.Insert(sorted, at, e)
		case n < 95:
			require.Same(t, sorted[0], heap.Pop(&h))
			sorted = sorted[1:]
		default:
			for _, e := range sorted {
				e.claimed.Store(random.IntN(8) == 0)
			}
			h.sweep()
			sorted = slices.DeleteFunc(sorted, func(e *timer) bool { return e.claimed.Load() })
		}
		require.Len(t, h, len(sorted))
		for i := range h[min(1, len(h)):] {
			require.Negative(t, compare(h[i/2].timer, h[i+1].timer), "the timer at %d is before its parent", i+1)
		}
		for _, e := range h[len(h):cap(h)] {
			require.Nil(t, e.timer, "a timer that is out is still held")
		}
		if random.IntN(2000) == 0 { // empty it, too
			for _, e := range sorted {
				require.Same(t, e, heap.Pop(&h))
			}
			sorted = nil
		}
	}
}

func compare(a, b *timer) int {
	return cmp.Or(cmp.Compare(a.deadline, b.deadline), cmp.Compare(a.seq, b.seq))
}

// Equal deadlines are in the order of setting, and nothing is before itself.
func TestHeapLess(t *testing.T) {
	type at struct {
		deadline time.Duration
		seq      uint64
	}
	less := func(a, b at) bool {
		return timerHeap{{a.deadline, &timer{seq: a.seq}}, {b.deadline, &timer{seq: b.seq}}}.Less(0, 1)
	}
	assert.True(t, less(at{1, 1}, at{1, 2}))
	assert.False(t, less(at{1, 2}, at{1, 1}))
	assert.False(t, less(at{1, 1}, at{1, 1}))
	assert.True(t, less(at{1, 2}, at{2, 1}))
	assert.False(t, less(at{2, 1}, at{1, 2}))
}

// What is due comes in order, and in batches; what is not due stays.
func TestHeapDue(t *testing.T) {
	const n = 2500
	var h timerHeap
	for _, deadline := range rand.Perm(2 * n) {
		heap.Push(&h, &timer{deadline: time.Duration(deadline)})
	}
	next, batches := time.Duration(0), 0
	for due := h.due(n - 1); len(due) > 0; due = h.due(n - 1) {
		batches++
		require.LessOrEqual(t, len(due), n/2)
		for _, task := range due {
			require.Equal(t, next, task.(*timer).deadline)
			next++
		}
	}
	assert.EqualValues(t, n, next)
	assert.Len(t, h, n)
	assert.Greater(t, batches, 1)
}

// A heap that was large gives its room back, popped or swept.
func TestHeapShrinks(t *testing.T) {
	const n = 10_000
	full := func() (h timerHeap) {
		for seq := range uint64(n) {
			heap.Push(&h, &timer{seq: seq})
		}
		return h
	}
	popped := full()
	for range n - 10 {
		heap.Pop(&popped)
	}
	assert.Less(t, cap(popped), 100)

	swept := full()
	for _, e := range swept[10:] {
		e.timer.claimed.Store(true)
	}
	swept.sweep()
	assert.Len(t, swept, 10)
	assert.Less(t, cap(swept), 100)
}
