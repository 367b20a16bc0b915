package tuned

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Items come out in the order in which they went in, across chunks; and an emptied chunk
// holds nothing, and is used again.
func TestList(t *testing.T) {
	var pool sync.Pool
	size := len(new(chunk[*int]).items)
	emptied := make(map[*chunk[*int]]bool)
	again := 0
	for _, n := range []int{0, 1, size - 1, size, size + 1, 3*size + 1, 3*size + 1, 3*size + 1, 3*size + 1} {
		var l list[*int]
		for i := range n {
			l.add(&i, &pool)
		}
		for c := l.first; c != nil; c = c.next {
			if emptied[c] {
				again++
			}
			emptied[c] = true
		}
		next := 0
		for item := range l.drain(&pool) {
			require.Equal(t, next, *item)
			next++
		}
		require.Equal(t, n, next)
		for c := range emptied {
			require.Equal(t, chunk[*int]{}, *c)
		}
	}
	assert.Positive(t, again)
}
