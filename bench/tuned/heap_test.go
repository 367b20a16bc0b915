package tuned

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The invariants of a heap, after each of many random calls, and that it gives
// out what a sorted slice would.
func TestHeap(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var h heap
	var sorted []entry // the model
	for seq := range uint64(20_000) {
		switch n := random.IntN(10); {
		case n < 6 || len(h) == 0:
			e := entry{time.Duration(random.IntN(50)), &timer{seq: seq}}
			h.push(e)
			at, _ := slices.BinarySearchFunc(sorted, e, compare)
			sorted = slices.Insert(sorted, at, e)
		case n < 8:
			require.Same(t, sorted[0].timer, h.pop())
			sorted = sorted[1:]
		default:
			i := random.IntN(len(h))
			e := h[i]
			h.remove(i)
			at, found := slices.BinarySearchFunc(sorted, e, compare)
			require.True(t, found)
			sorted = slices.Delete(sorted, at, at+1)
		}
		require.Len(t, h, len(sorted))
		checkHeap(t, h)
		if len(h) > 0 {
			require.Equal(t, sorted[0].deadline, h.earliest())
		}
		if random.IntN(2000) == 0 { // empty it, too
			for range len(h) {
				require.Same(t, sorted[0].timer, h.pop())
				sorted = sorted[1:]
			}
			require.Equal(t, time.Duration(math.MaxInt64), h.earliest())
		}
	}
}

func compare(a, b entry) int {
	switch {
	case a.before(b):
		return -1
	case b.before(a):
		return 1
	}
	return 0
}

func checkHeap(t *testing.T, h heap) {
	for i, e := range h {
		if e.timer.index != i {
			t.Fatalf("the timer at %d believes to be at %d", i, e.timer.index)
		}
		if i > 0 && e.before(h[parent(i)]) {
			t.Fatalf("the entry at %d is before its parent", i)
		}
	}
	for _, e := range h[len(h):cap(h)] {
		if e.timer != nil {
			t.Fatal("a timer that was taken out is still held")
		}
	}
}

// Equal deadlines are in the order of setting, and nothing is before itself.
func TestEntryBefore(t *testing.T) {
	first, second := &timer{seq: 1}, &timer{seq: 2}
	assert.True(t, entry{1, first}.before(entry{1, second}))
	assert.False(t, entry{1, second}.before(entry{1, first}))
	assert.False(t, entry{1, first}.before(entry{1, first}))
	assert.True(t, entry{1, second}.before(entry{2, first}))
	assert.False(t, entry{2, first}.before(entry{1, second}))
}

// A heap that was large gives its memory back.
func TestHeapShrinks(t *testing.T) {
	var h heap
	for seq := range uint64(8 * spareSize) {
		h.push(entry{0, &timer{seq: seq}})
	}
	for range 8*spareSize - 10 {
		h.pop()
	}
	assert.LessOrEqual(t, cap(h), spareSize)
	checkHeap(t, h)
}
