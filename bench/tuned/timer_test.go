package tuned

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop"
)

func set(l *Loop, n int, delay time.Duration) []eventloop.Timer {
	timers := make([]eventloop.Timer, n)
	for i := range timers {
		timers[i] = l.SetTimeout(delay, func() {})
	}
	return timers
}

// Stopped timers are swept out as soon as they are a quarter of all, and not for a few.
func TestStoppedAreSweptOut(t *testing.T) {
	for _, pending := range []int{fewStops, 40 * fewStops} {
		l := New()
		timers := set(l, pending, time.Hour)
		limit := max(fewStops, pending/4)
		for _, timer := range timers[:limit-1] {
			require.True(t, timer.Stop())
		}
		l.look()
		require.Equal(t, pending, l.pending.n)
		require.True(t, timers[limit-1].Stop())
		l.look()
		require.Equal(t, pending-limit, l.pending.n)
		for _, timer := range timers[limit:min(limit+10, pending)] {
			require.True(t, timer.Stop())
		}
		l.look()
		require.Equal(t, pending-limit, l.pending.n, "those that were swept out do not count again")
	}
}

// Stop has the loop look now and then: often enough for timers that are set and stopped
// for ever to stay few, and seldom enough to cost nothing.
func TestStopHasTheLoopLook(t *testing.T) {
	l := New()
	shards := len(l.shards.all)
	looks, most := 0, 0
	for range 100 {
		for _, timer := range set(l, fewStops, time.Hour) {
			timer.Stop()
			if l.sleeper.until.Load() == 0 {
				l.look()
				looks++
				most = max(most, l.pending.n)
			}
		}
	}
	assert.InDelta(t, 100, looks, float64(shards))
	assert.Less(t, most, fewStops*(2+shards))
}

// The loop holds nothing of what has run.
func TestWhatWasDueIsLetGoOf(t *testing.T) {
	l := New()
	ran := 0
	for range 100 {
		l.SetTimeout(0, func() { ran++ })
	}
	for ran < 100 {
		l.turn(nil)
	}
	assert.Nil(t, l.due)
	for _, e := range l.pending.buffer[:cap(l.pending.buffer)] {
		require.Nil(t, e.timer)
	}
}
