package tuned

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is added comes out in its order, across chunks; and what was emptied is
// used again, without anything of what was in it, and not without bound.
func TestListAndSpares(t *testing.T) {
	var spare spares[*int]
	size := len(new(chunk[*int]).items)
	chunks := func(n int) (l list[*int]) {
		for i := range n {
			l.add(&i, &spare)
		}
		return l
	}
	for _, n := range []int{0, 1, size - 1, size, size + 1, (enough+3)*size + 1} {
		l := chunks(n)
		next := 0
		for c := range l.drain(&spare) {
			for _, item := range c.items[:c.n] {
				require.Equal(t, next, *item)
				next++
			}
		}
		require.Equal(t, n, next)
	}
	for range chunks(3 * size).drain(&spare) {
		break // whoever has enough may stop
	}
	assert.Equal(t, enough-3, spare.n)
	for range chunks(enough * size).drain(&spare) {
	}
	assert.Equal(t, enough, spare.n)
	held := 0
	for c := spare.first; c != nil; c = c.next {
		held++
		assert.Zero(t, c.n)
		assert.Equal(t, [255]*int{}, c.items)
	}
	assert.Equal(t, enough, held)

	assert.Zero(t, testing.AllocsPerRun(10, func() {
		l := list[*int]{}
		for range 10 * size {
			l.add(nil, &spare)
		}
		for range l.drain(&spare) {
		}
	}), "a steady load allocates nothing")
}
