package tuned

import (
	"math"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop"
)

// lookBetween has a look take up the first shard, calls f, and has the look take up the
// last shard, which is locked while f runs.
func lookBetween(l *Loop, f func(first, last *shard)) {
	first, last := &l.shards.all[0], &l.shards.all[len(l.shards.all)-1]
	last.mu.Lock()
	var look sync.WaitGroup
	look.Go(l.look)
	for taken := false; !taken; runtime.Gosched() {
		first.mu.Lock()
		taken = first.timers.first == nil
		first.mu.Unlock()
	}
	f(first, last)
	last.mu.Unlock()
	look.Wait()
}

// Equal deadlines keep their order though a look misses the first of them, in a shard
// that it has passed. The clock can't tell: in a bubble it stands still.
func TestLookMissesNothingEarlier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New()
		l.shards.all = []shard{{loop: l}, {loop: l}}
		var seen, missed, after timer
		l.shards.all[0].add(&seen, 0)
		lookBetween(l, func(first, last *shard) {
			first.add(&missed, 0)
			after.seq = l.shards.seq.Add(1) // as add does it, for the shard is locked
			last.timers.add(entry{time.Since(l.start), &after}, &entryChunks)
		})
		for _, want := range [][]entry{{{0, &seen}}, {{0, &missed}, {0, &after}}, nil} {
			require.Equal(t, want, l.due)
			l.look()
		}
	})
}

// A look reads the clock before it comes to the first shard: what is set, and becomes
// due, while it goes from shard to shard is for the next one.
func TestLookReadsTheClockFirst(t *testing.T) {
	l := New()
	l.shards.all = []shard{{loop: l}, {loop: l}}
	l.shards.all[0].add(new(timer), time.Hour)
	lookBetween(l, func(_, last *shard) {
		now := time.Since(l.start)
		last.timers.add(entry{now + 1, new(timer)}, &entryChunks)
		for time.Since(l.start) <= now+1 { // until it is due
		}
	})
	assert.Empty(t, l.due)
	l.look()
	assert.Len(t, l.due, 1)
}

// A caller that hands something over wakes the loop if it sleeps: once, and if it hands
// over a timer, only if the loop would sleep for too long.
func TestSleeperIsWokenOnce(t *testing.T) {
	s := &sleeper{event: make(chan struct{}, 1)}
	s.until.Store(int64(3 * time.Hour))
	wake := func(asleep bool, instants ...time.Duration) (woken int) {
		s.asleep.Store(asleep)
		for _, instant := range instants {
			s.lookBy(instant)
			if len(s.event) > 0 {
				<-s.event
				woken++
			}
		}
		return woken
	}
	assert.Zero(t, wake(true, 4*time.Hour, 3*time.Hour), "it wakes up in time anyway")
	assert.Equal(t, 1, wake(true, 2*time.Hour, time.Hour), "once is enough")
	assert.Zero(t, wake(false, time.Minute), "it is awake")
	assert.EqualValues(t, time.Minute, s.until.Load(), "and finds the soonest")
	s.event <- struct{}{} // it is set, and the loop has woken up for something else
	assert.Equal(t, 1, wake(true, time.Second), "no caller waits")
}

// There is an alarm only if a timer is pending, even that with the hugest delay. So Go
// ends a program that could never do anything again, and no other.
func TestAlarm(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // so that Gosched lets the loop run
	for _, pending := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l := New()
			if pending {
				l.SetTimeout(math.MaxInt64, func() {})
			}
			var running sync.WaitGroup
			running.Go(func() { l.Run(t.Context()) })
			t.Cleanup(running.Wait) // when the context has ended
			synctest.Wait()
			turns := l.Turns()
			time.Sleep(math.MaxInt64) // until the clock ends, and with it all alarms
			for range 1000 {
				runtime.Gosched()
			}
			assert.Equal(t, pending, l.Turns() > turns)
		})
	}
}

func set(l *Loop, n int) []eventloop.Timer {
	timers := make([]eventloop.Timer, n)
	for i := range timers {
		timers[i] = l.SetTimeout(time.Hour, func() {})
	}
	return timers
}

// Stopped timers are swept out as soon as they are a quarter of all, not for a few.
func TestStoppedAreSweptOut(t *testing.T) {
	for _, pending := range []int{fewStops, 40 * fewStops} {
		l := New()
		limit := max(fewStops, pending/4)
		for i, timer := range set(l, pending)[:min(limit+10, pending)] {
			require.True(t, timer.Stop())
			l.look()
			if i+1 < limit {
				require.Equal(t, pending, l.pending.n)
			} else {
				require.Equal(t, pending-limit, l.pending.n)
			}
		}
	}
}

// Stop has the loop look now and then: stopped timers stay few, and cost little.
func TestStopHasTheLoopLook(t *testing.T) {
	l := New()
	looks, shards := 0, len(l.shards.all)
	for range 100 {
		for _, timer := range set(l, fewStops) {
			timer.Stop()
			if l.sleeper.until.Load() == 0 {
				l.look()
				looks++
				require.Less(t, l.pending.n, fewStops*(2+shards))
			}
		}
	}
	assert.InDelta(t, 100, looks, float64(shards))
}

// The loop holds nothing of what has run.
func TestWhatWasDueIsLetGoOf(t *testing.T) {
	l := New()
	ran, turns := false, uint64(0)
	l.SetTimeout(0, func() { ran = true })
	for ; !ran; turns++ {
		l.turn(nil)
	}
	assert.Equal(t, turns, l.Turns())
	assert.Nil(t, l.due)
	assert.Zero(t, l.pending.buffer[:1][0])
}
