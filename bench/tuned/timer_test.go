package tuned

import (
	"math/bits"
	"runtime"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop"
)

// The size is one for which Go's allocator has a class.
func TestTimerIsSmall(t *testing.T) {
	if bits.UintSize == 64 {
		assert.EqualValues(t, 32, unsafe.Sizeof(timer{}))
		assert.EqualValues(t, 16, unsafe.Sizeof(entry{}))
		assert.EqualValues(t, 4096, unsafe.Sizeof(chunk[entry]{}))
	}
	l := New()
	f := func() {}
	l.SetTimeout(time.Hour, f)
	assert.InDelta(t, 1, testing.AllocsPerRun(10_000, func() { l.SetTimeout(time.Hour, f) }), 0.1)
}

// Stopped timers that the loop has taken up are swept out as soon as they are a
// quarter of all, and not for a few; the loop is told now and then.
func TestStoppedAreSweptOut(t *testing.T) {
	for _, pending := range []int{notice, 40 * notice} {
		l := New()
		timers := make([]eventloop.Timer, pending)
		for i := range timers {
			timers[i] = l.SetTimeout(time.Hour, func() {})
		}
		l.look()
		require.Equal(t, pending, l.pending.n)
		limit := max(notice, pending/4)
		for i, timer := range timers[:limit-1] {
			require.True(t, timer.Stop())
			if i%500 == 0 {
				l.look()
				require.Equal(t, pending, l.pending.n, "after %d", i)
			}
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

// A timer that is stopped before the loop has taken it up does not get in, and is
// counted as out: it does not bring the next sweep nearer.
func TestStoppedIsDroppedOnArrival(t *testing.T) {
	l := New()
	timer := l.SetTimeout(time.Hour, func() {})
	const few = notice / 4 // of which nobody tells the loop
	for round := range 10 {
		for range few {
			require.True(t, l.SetTimeout(time.Hour, func() {}).Stop())
		}
		l.look()
		require.Equal(t, 1, l.pending.n)
		require.EqualValues(t, (round+1)*few, l.dropped)
	}
	timer.Stop()
	l.look()
	assert.Equal(t, 1, l.pending.n, "not for one")
}

// Nothing is held of what has run, nor the array of a burst.
func TestWhatWasDueIsLetGoOf(t *testing.T) {
	for _, n := range []int{100, 2 * largest} {
		l := New()
		ran := 0
		for range n {
			l.SetTimeout(0, func() { ran++ })
		}
		for ran < n {
			l.turn(nil)
		}
		assert.Nil(t, l.due)
		for _, e := range l.pending.room[:cap(l.pending.room)] {
			require.Nil(t, e.timer)
		}
	}
}

func TestTurnsCountsEachTurnOnce(t *testing.T) {
	l := New()
	for range 100 {
		l.turn(nil)
	}
	assert.EqualValues(t, 100, l.Turns())
}

func TestStopTellsNowAndThen(t *testing.T) {
	l := New()
	timers := make([]eventloop.Timer, 3*notice*len(l.doors.all))
	for i := range timers {
		timers[i] = l.SetTimeout(time.Hour, func() {})
	}
	l.look()
	told := 0
	for _, timer := range timers {
		timer.Stop()
		if l.sleeper.until.Load() == 0 {
			told++
			l.look()
		}
	}
	assert.GreaterOrEqual(t, told, 3)
	assert.LessOrEqual(t, told, 3*len(l.doors.all))
	assert.Less(t, l.pending.n, notice*(1+len(l.doors.all)), "and what is left is little")
}

// A timer that is stopped before the loop takes it up never gets any further, and
// counts for no sweep.
func TestStoppedOnArrival(t *testing.T) {
	l := New()
	for range 5 * notice {
		l.SetTimeout(time.Hour, func() {}).Stop()
	}
	kept := l.SetTimeout(time.Hour, func() {})
	l.look()
	assert.Equal(t, 1, l.pending.n)
	assert.EqualValues(t, 5*notice, l.dropped)
	assert.True(t, kept.Stop())
}

// However stops and looks meet, none is counted as dropped that has not been counted as
// stopped: else sweeps would come later and later.
func TestStopsAreCountedOnce(t *testing.T) {
	l := New()
	var both sync.WaitGroup
	over := make(chan struct{})
	for range 2 {
		both.Go(func() {
			for range 20_000 {
				l.SetTimeout(time.Hour, func() {}).Stop()
				timer := l.SetTimeout(time.Hour, func() {})
				runtime.Gosched()
				timer.Stop()
			}
		})
	}
	go func() { both.Wait(); close(over) }()
	for looking := true; looking; {
		select {
		case <-over:
			looking = false
		default:
		}
		l.look()
		runtime.Gosched() // on one core it would have the core to itself
	}
	l.look()
	var stopped int64
	for i := range l.doors.all {
		stopped += l.doors.all[i].stops.Load()
	}
	assert.GreaterOrEqual(t, stopped-l.dropped, int64(l.pending.n))
}
