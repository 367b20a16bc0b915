package queue

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop"
)

// A turn holds nothing of the timers that it has not put back; and when three
// quarters of the queue are empty, it moves to a smaller one.
func TestTurnGivesMemoryBack(t *testing.T) {
	const n = 1000
	room := func(l *Loop) []*timer { // with n timers in it
		pending := l.timers.pending.take()
		for range n {
			l.timers.pending.put(pending)
			l.SetTimeout(time.Hour, func() {})
			pending = l.timers.pending.take()
		}
		return pending
	}
	quarter := cap(room(New())) / 4
	for _, test := range []struct {
		kept  int
		moves bool
	}{{n, false}, {quarter, false}, {quarter - 1, true}, {1, true}} {
		l := New()
		pending := room(l)
		for _, timer := range pending[test.kept:] {
			require.True(t, eventloop.Timer(timer).Stop())
		}
		l.timers.turn(pending)
		kept := l.timers.pending.take()
		require.Len(t, kept, test.kept)
		assert.Equal(t, test.moves, &kept[0] != &pending[0], "with %d of %d left", test.kept, cap(pending))
		for _, timer := range pending[test.kept:] {
			require.Nil(t, timer, "what has not been put back is still held")
		}
	}
}

// A turn counts once, whichever loop makes it. From outside only the sum is seen.
func TestEachLoopCountsItsTurns(t *testing.T) {
	l := New()
	done := make(chan struct{})
	close(done)
	l.callbacks.run(done) // looks once
	assert.Equal(t, uint64(1), l.Turns(), "a turn of the callback loop")
	l.timers.turn(l.timers.pending.take())
	assert.Equal(t, uint64(2), l.Turns(), "and one of the timer loop")
}
