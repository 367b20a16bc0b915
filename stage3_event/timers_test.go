package event

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop"
)

// SetTimeout wakes the timer loop if that would sleep too long: once, and in no
// other case.
func TestAddWakesOnlyForASoonerTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where the clock stands still
		l := New()
		l.SetTimeout(3*time.Hour, func() {})
		assert.Empty(t, l.timers.wake, "before the first turn")
		assert.Equal(t, 3*time.Hour, l.timers.turn())
		l.SetTimeout(4*time.Hour, func() {})
		assert.Empty(t, l.timers.wake, "by a later timer")
		l.SetTimeout(3*time.Hour, func() {})
		assert.Empty(t, l.timers.wake, "by one due at the same instant")
		l.SetTimeout(time.Hour, func() {})
		assert.Len(t, l.timers.wake, 1, "by a sooner timer")
		<-l.timers.wake
		l.SetTimeout(2*time.Hour, func() {})
		assert.Empty(t, l.timers.wake, "by one that is later than the one it was woken for")
		assert.Equal(t, time.Hour, l.timers.turn(), "it finds the soonest")
	})
}

// Stop gives the timer's place and memory back at once, without a Run.
func TestStopTakesOutAtOnce(t *testing.T) {
	const n = 1000
	l := New()
	var timers []eventloop.Timer
	for i := range n {
		timers = append(timers, l.SetTimeout(time.Hour+time.Duration(i%7), func() {}))
	}
	for left := n - 1; left >= 0; left-- {
		require.True(t, timers[left].Stop())
		require.Len(t, l.timers.pending, left)
	}
	assert.Less(t, cap(l.timers.pending), 10, "a slice that was large")

	// A timer that is on its way to the callback loop is not in the heap any more.
	due := l.SetTimeout(0, func() {})
	l.SetTimeout(time.Hour, func() {})
	l.timers.turn()
	assert.True(t, due.Stop())
	assert.Len(t, l.timers.pending, 1)
}

// inTurn calls turn, in which a timer is due, lets f run while the turn hands that
// timer over, and waits for turn to end.
func inTurn(l *Loop, turn, f func()) {
	l.callbacks.waiting.take() // the turn waits for the put
	before := pending(l)
	var ended sync.WaitGroup
	ended.Go(turn)
	for pending(l) == before {
		runtime.Gosched()
	}
	f()
	l.callbacks.waiting.put(nil)
	ended.Wait()
}

func pending(l *Loop) int {
	l.timers.mu.Lock()
	defer l.timers.mu.Unlock()
	return len(l.timers.pending)
}

// A turn hands over without its lock: callers do not wait for it. And the timers
// that they set meanwhile are among those of its last look.
func TestTurnSeesWhatIsSetMeanwhile(t *testing.T) {
	l := New()
	l.SetTimeout(0, func() {}) // due, for inTurn
	var until time.Duration
	inTurn(l, func() { until = l.timers.turn() }, func() { l.SetTimeout(time.Hour, func() {}) })
	assert.Equal(t, l.timers.pending[0].deadline, until)
}

// A turn has one now. With a later one for its later timers, it would take what
// has become due meanwhile before what was set meanwhile and is due earlier.
func TestTurnHasOneNow(t *testing.T) {
	l := New()
	l.SetTimeout(0, func() {}) // due, for inTurn
	later := l.SetTimeout(20*time.Millisecond, func() {}).(*timer)
	inTurn(l, func() { l.timers.turn() }, func() {
		time.Sleep(later.deadline + time.Millisecond - time.Since(l.timers.start))
	})
	assert.Equal(t, 1, pending(l), "it became due after the turn had begun")
}

// SetTimeout reads the clock with the lock held. Otherwise a turn might come
// between, and hand over timers that are due later than the new one.
func TestAddReadsTheClockWithTheLockHeld(t *testing.T) {
	l := New()
	l.timers.mu.Lock()
	set := make(chan *timer)
	go func() { set <- l.SetTimeout(0, func() {}).(*timer) }()
	time.Sleep(10 * time.Millisecond) // it waits for the lock
	turn := time.Since(l.timers.start)
	l.timers.mu.Unlock()
	assert.GreaterOrEqual(t, (<-set).deadline, turn)
}

// A second Run is refused until the timer loop of the first has ended: two of them
// would share the heap and the alarm.
func TestRunLastsAsLongAsItsTimerLoop(t *testing.T) {
	l := New()
	l.SetTimeout(0, func() {}) // due, for inTurn
	done, cancel := context.WithCancel(t.Context())
	cancel()
	inTurn(l, func() { _ = l.Run(done) }, func() {
		for range 10 { // Run has all it needs to end but for its timer loop
			time.Sleep(time.Millisecond)
		}
		assert.Panics(t, func() { _ = l.Run(done) })
	})
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
