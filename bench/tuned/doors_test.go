package tuned

import (
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Where the clock stands still, it can't tell what was set first: one door has to.
func TestOneDoorWhereTheClockStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { assert.Len(t, New().doors.all, 1) })
	assert.LessOrEqual(t, len(New().doors.all), runtime.GOMAXPROCS(0))
}

// Elsewhere there is a door for each processor, and each is given.
func TestADoorForEachProcessor(t *testing.T) {
	start := time.Now()
	for range 1000 {
		first := time.Since(start)
		if time.Since(start) == first {
			return // a coarse clock
		}
	}
	const n = 3
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	l := New()
	require.Equal(t, n, runtime.GOMAXPROCS(0))
	require.Len(t, l.doors.all, n)
	given := make(map[any]bool)
	for range n {
		given[l.doors.near.New()] = true
	}
	assert.Len(t, given, n)
}

// Through one door timers come in the order in which they were set, with a stamp
// each; take takes them all, and brings back the chunks.
func TestDoorKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		l := New()
		door := &l.doors.all[0]
		for round := range 3 {
			for range n {
				l.SetTimeout(time.Hour, func() {})
			}
			var got []time.Duration
			for c := range door.take(&l.pending.spare).drain(&l.pending.spare) {
				for _, e := range c.items[:c.n] {
					assert.Equal(t, time.Hour, e.deadline)
					got = append(got, e.timer.set)
				}
			}
			assert.Len(t, got, n)
			assert.Len(t, slices.Compact(slices.Clone(got)), n, "each has a stamp of its own")
			assert.True(t, slices.IsSorted(got))
			assert.Equal(t, round > 0, door.spare.n > 0)
		}
	})
}

// A door that nobody uses is given nothing: what is emptied goes to where the next
// timers come in, and there are no more chunks than those need.
func TestDoorKeepsWhatItNeeds(t *testing.T) {
	spare := spares[entry]{}
	busy, idle := &door{}, &door{}
	for range 10 {
		for range 3 * len(new(chunk[entry]).items) {
			busy.timers.add(entry{}, &busy.spare)
		}
		for _, d := range []*door{idle, busy} {
			for range d.take(&spare).drain(&spare) {
			}
		}
	}
	assert.Zero(t, idle.spare.n)
	assert.Equal(t, 3, busy.spare.n)
	assert.LessOrEqual(t, spare.n, 3)

	// One for each that it gave, and none that it would have to let go of.
	for _, c := range []struct{ has, brought int }{{0, 1}, {enough - 1, 1}, {enough, 0}} {
		d := &door{}
		for d.spare.n < c.has {
			d.spare.put(new(chunk[entry]))
		}
		for spare.n < 3 {
			spare.put(new(chunk[entry]))
		}
		d.timers.grow(new(spares[entry]))
		d.take(&spare)
		assert.Equal(t, c.has+c.brought, d.spare.n)
		assert.Equal(t, 3-c.brought, spare.n)
	}
}

// A timer that a look does not see has a deadline no sooner than that look's now: the
// clock is read before the first door, and in each door with its lock held. So the
// loop hands over in order, whatever is set while it looks.
func TestLookReadsTheClockFirst(t *testing.T) {
	for delay := 5 * time.Millisecond; ; delay *= 2 {
		l := New()
		d := &l.doors.all[len(l.doors.all)-1]
		l.SetTimeout(delay, func() {})
		due := time.Now().Add(delay)
		d.mu.Lock() // the look comes to the last door, and waits
		looked := make(chan struct{})
		go func() { defer close(looked); l.look() }()
		for l.sleeper.until.Load() != never {
			runtime.Gosched()
		}
		time.Sleep(delay / 5) // it reads the clock, unless the machine is too slow
		tooSlow := time.Since(l.start) >= delay
		time.Sleep(time.Until(due)) // what was set before becomes due
		d.mu.Unlock()
		<-looked
		if len(l.due) == 0 {
			return // its now is that of before
		}
		if !tooSlow && delay > time.Second {
			t.Fatal("its now is later than the doors that it had not come to")
		}
		if delay > time.Minute {
			t.Fatal("its now is always later than the doors that it had not come to")
		}
	}
}
