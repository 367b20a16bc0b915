package queue

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
)

// Exactly one of the two channels is full, between any two calls; and none when
// somebody has taken what there is.
func TestQueueIsOneValue(t *testing.T) {
	q := newQueue[int]()
	full := func() (items, empty int) { return len(q.items), len(q.empty) }
	check := func(wantItems, wantEmpty int, when string) {
		t.Helper()
		items, empty := full()
		assert.Equal(t, [2]int{wantItems, wantEmpty}, [2]int{items, empty}, "items, empty: %s", when)
	}
	check(0, 1, "when new")
	assert.Empty(t, q.take())
	check(0, 0, "when taken")
	q.put([]int{1, 2})
	check(1, 0, "with items")
	assert.Equal(t, []int{1, 2}, q.take())
	check(0, 0, "when taken")
	q.put([]int{})
	check(0, 1, "when nothing was put back")
	assert.Equal(t, [2]int{1, 1}, [2]int{cap(q.items), cap(q.empty)}, "room for one value, no less and no more")
}

// A goroutine that takes has the queue to itself: the next to take waits for the put.
func TestQueueTakeExcludes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue[int]()
		first := q.take()
		var second []int
		taken := false
		go func() {
			second = q.take()
			taken = true
			q.put(second)
		}()
		synctest.Wait()
		assert.False(t, taken)
		q.put(append(first, 1))
		synctest.Wait()
		assert.True(t, taken)
		assert.Equal(t, []int{1}, second)
	})
}
