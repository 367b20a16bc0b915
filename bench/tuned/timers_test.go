package tuned

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
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

// inTurn calls begin, which has a turn in it. That can't go on, with all arrivals in
// its hands, until the caller unlocks heapMu.
func inTurn(l *timerLoop, begin func()) (ended <-chan struct{}) {
	l.heapMu.Lock()
	end := make(chan struct{})
	go func() { defer close(end); begin() }()
	for taken := false; !taken; {
		runtime.Gosched()
		l.mu.Lock()
		taken = len(l.arrivals) == 0
		l.mu.Unlock()
	}
	return end
}

// So it does if Stop comes at any other moment of the turn: at the latest it is
// found in the heap.
func TestStopDuringATurnTakesOut(t *testing.T) {
	for range 200 {
		l := New()
		stopped := l.SetTimeout(time.Hour, func() {})
		ended := inTurn(&l.timers, func() { l.timers.turn() })
		time.Sleep(50 * time.Microsecond) // it waits for the heap
		l.timers.heapMu.Unlock()
		require.True(t, stopped.Stop())
		<-ended
		require.Empty(t, l.timers.heap)
	}
}

// A turn has one now. Had it a later one when it takes timers out of the heap, it
// would take what has become due meanwhile, and not what was set meanwhile and is
// due before.
func TestTurnHasOneNow(t *testing.T) {
	setMeanwhile(t, 20*time.Millisecond, func(l *Loop, due time.Time, set func()) {
		ended := inTurn(&l.timers, func() { l.timers.turn() })
		set()
		time.Sleep(time.Until(due))
		l.timers.heapMu.Unlock()
		<-ended
	})
}

// A turn reads the clock with the lock held. Were it read thereafter, a timer might
// be set in between, due before some timer that the turn hands over, and be left for
// the next one.
//
// To get in between takes a lock that is handed over: on one core, a mutex for which
// somebody has waited for a millisecond lets the next one run at once.
func TestTurnReadsTheClockWithTheLockHeld(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	setMeanwhile(t, 10*time.Millisecond, func(l *Loop, due time.Time, set func()) {
		var both sync.WaitGroup
		l.timers.mu.Lock()
		both.Go(func() { l.timers.turn() })
		runtime.Gosched() // the turn waits for the lock
		both.Go(func() {
			set()
			for time.Now().Before(due) { // and lets nobody run
			}
		})
		time.Sleep(2 * time.Millisecond) // so does who sets a timer, behind it
		l.timers.mu.Unlock()
		l.timers.mu.Lock() // before anybody else: for the turn that is once too often
		runtime.Gosched()
		l.timers.mu.Unlock()
		both.Wait()
	})
}

// setMeanwhile lets turn make a turn, call set during it, and return after it. Set
// sets a timer; one that was set before, and becomes due later, is due by then. They
// have to run in the order of their deadlines, whichever turn hands them over.
func setMeanwhile(t *testing.T, delay time.Duration, turn func(l *Loop, due time.Time, set func())) {
	t.Helper()
	for ; ; delay *= 2 {
		l := New()
		var got []string
		begun := time.Now()
		l.SetTimeout(delay, func() { got = append(got, "set before the turn") })
		due := time.Now().Add(delay)
		early := false
		turn(l, due, func() {
			l.SetTimeout(0, func() { got = append(got, "set meanwhile, due earlier") })
			early = time.Since(begun) < delay
		})
		if !early {
			continue // too slow: it is not due earlier
		}
		l.timers.turn()
		ctx, cancel := context.WithCancel(t.Context())
		l.CallSoon(cancel)
		_ = l.Run(ctx)
		assert.Equal(t, []string{"set meanwhile, due earlier", "set before the turn"}, got)
		return
	}
}

// A second Run is refused until the timer loop of the first has ended: two of them
// would share what is the timer loop's own.
func TestRunLastsAsLongAsItsTimerLoop(t *testing.T) {
	l := New()
	l.SetTimeout(time.Hour, func() {})
	done, cancel := context.WithCancel(t.Context())
	cancel()
	ended := inTurn(&l.timers, func() { _ = l.Run(done) })
	for range 10 { // Run has all it needs to end but for its timer loop
		time.Sleep(time.Millisecond)
	}
	refused := make(chan any, 1)
	go func() {
		defer func() { refused <- recover() }()
		_ = l.Run(done)
	}()
	select {
	case why := <-refused:
		assert.NotNil(t, why, "it has run")
	case <-time.After(time.Minute):
		t.Error("it has begun")
		defer func() { <-refused }()
	}
	l.timers.heapMu.Unlock()
	<-ended
}

// While a turn goes on nobody has to be woken, however soon a new timer is due:
// when the turn ends, it looks at what has come.
func TestAddWakesNobodyDuringATurn(t *testing.T) {
	l := New()
	l.SetTimeout(2*time.Hour, func() {})
	l.timers.turn() // it would sleep until then
	l.SetTimeout(3*time.Hour, func() {})
	var until time.Duration
	ended := inTurn(&l.timers, func() { until = l.timers.turn() })
	l.SetTimeout(time.Hour, func() {})
	assert.Empty(t, l.timers.wake)
	l.timers.heapMu.Unlock()
	<-ended
	assert.Less(t, until, 2*time.Hour, "the turn has seen it")
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
