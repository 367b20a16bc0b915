package polling

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop"
)

// A turn sweeps out what was stopped; and when three quarters of the map are
// empty, it moves to a smaller one.
func TestTurnGivesMemoryBack(t *testing.T) {
	const n = 1000
	for _, test := range []struct {
		kept  int
		moves bool
	}{{n, false}, {n / 4, false}, {n/4 - 1, true}, {1, true}, {0, true}} {
		l := New()
		var timers []eventloop.Timer
		for range n {
			timers = append(timers, l.SetTimeout(time.Hour, func() {}))
		}
		l.timers.turn()
		require.Len(t, l.timers.pending, n)
		require.Empty(t, l.timers.arrivals, "they have come")
		before := reflect.ValueOf(l.timers.pending).Pointer()
		for _, timer := range timers[test.kept:] {
			require.True(t, timer.Stop())
		}
		l.timers.turn()
		require.Len(t, l.timers.pending, test.kept)
		for _, kept := range timers[:test.kept] {
			_, there := l.timers.pending[kept.(*timer)]
			require.True(t, there)
		}
		after := reflect.ValueOf(l.timers.pending).Pointer()
		assert.Equal(t, test.moves, after != before, "with %d of %d left", test.kept, n)
		l.timers.turn()
		assert.Equal(t, after, reflect.ValueOf(l.timers.pending).Pointer(), "a turn with nothing to do moved it")
	}
}

// A turn hands a due timer over once, however long the callback loop takes to come
// to it.
func TestTurnHandsOverOnce(t *testing.T) {
	l := New()
	l.SetTimeout(0, func() {})
	for range 3 {
		l.timers.turn()
		assert.Len(t, l.callbacks.waiting, 1)
		assert.Empty(t, l.timers.pending)
	}
}

// A look that finds nothing allocates nothing: there are millions of them a second.
func TestLooksMakeNoObjects(t *testing.T) {
	l := New()
	done := make(chan struct{})
	close(done)
	look := func() {
		l.timers.turn()
		l.callbacks.run(done) // one turn
		l.callbacks.take()
	}
	assert.Zero(t, testing.AllocsPerRun(1000, look), "idle")
	l.SetTimeout(time.Hour, func() {})
	look()
	assert.Zero(t, testing.AllocsPerRun(1000, look), "a timer pending")
}

// A turn counts once, whichever loop makes it. From outside only the sum is seen.
func TestEachLoopCountsItsTurns(t *testing.T) {
	l := New()
	done := make(chan struct{})
	close(done)
	l.callbacks.run(done) // looks once
	assert.Equal(t, uint64(1), l.Turns(), "a turn of the callback loop")
	l.timers.turn()
	assert.Equal(t, uint64(2), l.Turns(), "and one of the timer loop")
}
