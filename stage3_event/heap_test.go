package event

import (
	"cmp"
	"container/heap"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A heap gives out what a sorted slice would, whichever timer is taken out, and
// holds nothing that is out.
func TestHeap(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	compare := func(a, b *timer) int {
		return cmp.Or(cmp.Compare(a.deadline, b.deadline), cmp.Compare(a.seq, b.seq))
	}
	var h timerHeap
	var sorted []*timer // the model
	for seq := range uint64(5000) {
		switch n := random.IntN(100); {
		case n < 55 || len(h) == 0:
			timer := &timer{deadline: time.Duration(random.IntN(50)), seq: seq}
			heap.Push(&h, timer)
			at, _ := slices.BinarySearchFunc(sorted, timer, compare)
			sorted = slices.Insert(sorted, at, timer)
		case n < 80:
			require.Same(t, sorted[0], heap.Pop(&h))
			sorted = sorted[1:]
		default:
			at := random.IntN(len(sorted))
			require.Same(t, sorted[at], heap.Remove(&h, sorted[at].index))
			require.Equal(t, -1, sorted[at].index)
			sorted = slices.Delete(sorted, at, at+1)
		}
		require.Len(t, h, len(sorted))
		for i, timer := range h {
			if timer.index != i || i > 0 && compare(h[(i-1)/2], timer) >= 0 {
				t.Fatalf("the timer at %d has the index %d, or is before its parent", i, timer.index)
			}
		}
		out := h[len(h):cap(h)]
		require.False(t, slices.ContainsFunc(out, func(t *timer) bool { return t != nil }), "a timer that is out is still held")
	}
	for _, timer := range sorted {
		require.Same(t, timer, heap.Pop(&h))
	}
}
