package event

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop"
)

// Whoever sets a timer wakes the timer loop if that sleeps, and would sleep for
// too long: once, and in no other case.
func TestAddWakesOnlyASleeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where the clock stands still
		l := New()
		woken := func() bool {
			select {
			case <-l.timers.wake:
				return true
			default:
				return false
			}
		}
		l.SetTimeout(3*time.Hour, func() {})
		assert.False(t, woken(), "nobody sleeps before the first turn")
		assert.Equal(t, 3*time.Hour, l.timers.turn())
		l.SetTimeout(4*time.Hour, func() {})
		assert.False(t, woken(), "by a later timer")
		l.SetTimeout(3*time.Hour, func() {})
		assert.False(t, woken(), "by one due at the same instant")
		l.SetTimeout(2*time.Hour, func() {})
		assert.True(t, woken(), "by a sooner timer")
		l.SetTimeout(time.Hour, func() {})
		assert.False(t, woken(), "it is awake already")
		assert.Equal(t, time.Hour, l.timers.turn(), "and finds the soonest")
	})
}

// A stopped timer is gone at once, wherever it waits, and the others can still
// be found.
func TestStopTakesOutAtOnce(t *testing.T) {
	const n = 1000
	random := rand.New(rand.NewPCG(1, 1))
	for _, test := range []struct {
		where string
		move  func(l *Loop)
		left  func(l *Loop) []entry
	}{
		{"arrivals", func(*Loop) {}, func(l *Loop) []entry { return l.timers.arrivals }},
		{"heap", func(l *Loop) { l.timers.turn() }, func(l *Loop) []entry { return l.timers.heap }},
	} {
		l := New()
		timers := make([]eventloop.Timer, n)
		for i := range timers {
			timers[i] = l.SetTimeout(time.Hour+time.Duration(random.IntN(n)), func() {})
		}
		test.move(l)
		for stopped, i := range random.Perm(n) {
			require.True(t, timers[i].Stop())
			left := test.left(l)
			require.Len(t, left, n-stopped-1, test.where)
			for _, e := range left {
				require.NotSame(t, timers[i], e.timer)
			}
			for _, e := range left[len(left):cap(left)] {
				require.Nil(t, e.timer, "what was taken out is still held")
			}
		}
	}
}

// One that is stopped on its way from arrivals to the heap is found in neither.
// The turn that carries it drops it.
func TestTurnDropsWhatWasStoppedOnItsWay(t *testing.T) {
	l := New()
	stopped := l.SetTimeout(time.Hour, func() {}).(*timer)
	stopped.claimed.Store(true) // as Stop does first of all
	l.SetTimeout(time.Hour, func() {})
	l.timers.turn()
	assert.Len(t, l.timers.heap, 1)
	assert.NotSame(t, stopped, l.timers.heap[0].timer)
}

// While a turn goes on nobody has to be woken, however soon a new timer is due:
// when the turn ends, it looks at what has come.
func TestAddWakesNobodyDuringATurn(t *testing.T) {
	l := New()
	l.SetTimeout(2*time.Hour, func() {})
	l.timers.turn() // it would sleep until then
	l.SetTimeout(3*time.Hour, func() {})
	l.timers.heapMu.Lock() // here the turn has to wait, with the timer in its hands
	ended := make(chan time.Duration)
	go func() { ended <- l.timers.turn() }()
	for taken := false; !taken; {
		runtime.Gosched()
		l.timers.mu.Lock()
		taken = len(l.timers.arrivals) == 0
		l.timers.mu.Unlock()
	}
	l.SetTimeout(time.Hour, func() {})
	assert.Empty(t, l.timers.wake)
	l.timers.heapMu.Unlock()
	assert.Less(t, <-ended, 2*time.Hour, "the turn has seen it")
}

// Timers move from one loop to the other in batches, and in slices that are used
// again.
func TestTurnUsesItsSlicesAgain(t *testing.T) {
	l := New()
	for range 4 * batchSize {
		l.SetTimeout(0, func() {})
	}
	l.timers.turn()
	assert.Len(t, l.callbacks.waiting, 4*batchSize)
	assert.Less(t, cap(l.timers.due), 2*batchSize, "a batch at a time")
	assert.Positive(t, cap(l.timers.due))
	l.timers.turn()
	assert.Positive(t, cap(l.timers.arrivals), "what was there before")
}
