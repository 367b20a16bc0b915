package tuned

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Callbacks come out in the order in which they were added, batch by batch; the
// chunks go back to where callers take them from.
func TestQueue(t *testing.T) {
	var q queue
	var got, want []int
	drain := func() {
		for q.more() {
			q.pop()()
		}
	}
	for round, n := range []int{0, 1, 254, 255, 256, 1000, 3} {
		for i := range n {
			q.add(func() { got = append(got, round*10_000+i) })
			want = append(want, round*10_000+i)
		}
		assert.Equal(t, n == 0, q.empty())
		assert.False(t, q.more(), "a batch is taken whole, and not before")
		q.take()
		assert.True(t, q.empty())
		drain()
		require.Equal(t, want, got)
		assert.Nil(t, q.batch)
	}
	q.take()
	assert.Zero(t, q.emptied.n)
	assert.Positive(t, q.spare.n)
	for c := q.spare.first; c != nil; c = c.next {
		for _, callback := range c.items {
			require.Nil(t, callback, "a callback that has run is still held")
		}
	}
}

// A take brings back what has been emptied as long as there is room for it, and makes
// and loses no chunk.
func TestQueueBringsBackItsChunks(t *testing.T) {
	for _, c := range []struct{ spare, emptied, brought int }{{0, 0, 0}, {0, 3, 3}, {enough - 1, 3, 1}, {enough, 3, 0}} {
		var q queue
		for range c.spare {
			q.spare.put(new(chunk[func()]))
		}
		for range c.emptied {
			q.emptied.put(new(chunk[func()]))
		}
		q.take()
		assert.Equal(t, c.spare+c.brought, q.spare.n, c)
		assert.Equal(t, c.emptied-c.brought, q.emptied.n, c)
	}
}
