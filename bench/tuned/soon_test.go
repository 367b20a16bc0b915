package tuned

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Callbacks come out in the order in which they were added, batch by batch.
func TestQueue(t *testing.T) {
	var q queue
	var got, want []int
	for round, n := range []int{0, 1, 254, 255, 256, 1000, 3} {
		for i := range n {
			q.add(func() { got = append(got, round*10_000+i) })
			want = append(want, round*10_000+i)
		}
		assert.Equal(t, n == 0, q.empty())
		assert.False(t, q.more(), "a batch is taken whole, and not before")
		q.take()
		assert.True(t, q.empty())
		for q.more() {
			c, place := q.batch, q.next
			q.pop()()
			require.Nil(t, c.items[place], "a callback that has run is still held")
		}
		require.Equal(t, want, got)
		assert.Nil(t, q.batch)
	}
}
