package tuned

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A turn counts once, whichever loop makes it. (From outside only the sum is
// seen, and where a loop spins nobody knows what it should be.)
func TestEachLoopCountsItsTurns(t *testing.T) {
	l := New()
	done := make(chan struct{})
	close(done)
	l.callbacks.run(done) // looks once
	assert.Equal(t, uint64(1), l.Turns(), "a turn of the callback loop")
	l.timers.turn()
	assert.Equal(t, uint64(2), l.Turns(), "and one of the timer loop")
}
