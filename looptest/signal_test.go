package looptest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What a list has returned stays as it was, and whoever has it may sort it.
func TestListsAreNotShared(t *testing.T) {
	var l list[int]
	for i := range 3 {
		l.add(i)
	}
	all := l.all()
	all[0] = 5
	assert.Equal(t, []int{0, 1, 2}, l.all())
}
