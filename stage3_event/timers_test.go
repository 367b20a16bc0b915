package event

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

// What has been stopped is swept out as soon as there is as much of it as there
// was pending, and no sooner: the timer loop sleeps on until then.
func TestStopWakesForASweep(t *testing.T) {
	for _, pending := range []int{1, 5000} {
		l := New()
		for range pending {
			l.SetTimeout(time.Hour, func() {})
		}
		l.timers.turn()
		most := max(1000, pending)
		for i := range most {
			assert.Empty(t, l.timers.wake, "woken after %d of %d", i, most)
			require.True(t, l.SetTimeout(2*time.Hour, func() {}).Stop())
		}
		require.Len(t, l.timers.wake, 1, "not woken with %d pending", pending)
		l.timers.turn()
		assert.Empty(t, l.timers.arrivals)
		assert.Len(t, l.timers.pending, pending)
	}
}

// In the heap as well: one sweep takes out all that had been stopped.
func TestSweepTakesOutOfTheHeap(t *testing.T) {
	const n = 5000
	random := rand.New(rand.NewPCG(1, 1))
	l := New()
	timers := make([]eventloop.Timer, 2*n)
	for i := range timers {
		timers[i] = l.SetTimeout(time.Hour+time.Duration(random.IntN(n)), func() {})
	}
	l.timers.turn()
	for round, most := range []int{2 * n, 1000} { // the first time all, and then what is the least
		for _, timer := range timers[:most] {
			require.Len(t, l.timers.pending, len(timers), "round %d", round)
			require.True(t, timer.Stop())
		}
		l.timers.turn()
		require.Empty(t, l.timers.pending)
		timers = timers[:0]
		for range 1000 {
			timers = append(timers, l.SetTimeout(time.Hour, func() {}))
		}
		l.timers.turn()
	}
}

// What is stopped while a sweep goes on counts for the next one: nothing is
// forgotten, and a timer that is neither in the heap nor in arrivals disturbs
// nothing.
func TestStopDuringASweepCounts(t *testing.T) {
	synctest.Test(t, stopDuringASweepCounts)
}

func stopDuringASweepCounts(t *testing.T) {
	const n = 5000
	l := New()
	timers := make([]eventloop.Timer, n)
	for i := range timers {
		timers[i] = l.SetTimeout(time.Hour, func() {})
	}
	l.timers.turn()
	for range n { // as many as are pending
		l.SetTimeout(time.Hour, func() {}).Stop()
	}
	l.SetTimeout(0, func() {}) // due, for inTurn
	ended := inTurn(&l.timers, func() { l.timers.turn() })
	synctest.Wait() // the sweep is over, the turn is not
	for _, timer := range timers[:n/2] {
		timer.Stop()
	}
	l.callbacks.waiting.put(nil)
	<-ended
	l.timers.turn()
	<-l.timers.wake // for what came before
	for i, timer := range timers[n/2:] {
		require.Empty(t, l.timers.wake, "woken after %d", i)
		timer.Stop()
	}
	require.Len(t, l.timers.wake, 1)
	l.timers.turn()
	require.Empty(t, l.timers.pending)
}

// The limit falls with what is pending: thousands that have run make no room for
// thousands that are stopped.
func TestRoomFallsWithThePending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New()
		for range 5000 {
			l.SetTimeout(time.Second, func() {})
		}
		timers := make([]eventloop.Timer, 1000)
		for i := range timers {
			timers[i] = l.SetTimeout(time.Hour, func() {})
		}
		l.timers.turn() // with room for as many as are pending
		time.Sleep(time.Second)
		l.timers.turn()
		require.Len(t, l.timers.pending, len(timers))
		for _, timer := range timers {
			require.Empty(t, l.timers.wake)
			timer.Stop()
		}
		require.Len(t, l.timers.wake, 1)
		l.timers.turn()
		require.Empty(t, l.timers.pending)
	})
}

// One that is stopped on its way from arrivals to the heap is found in neither.
// The turn that carries it drops it.
func TestTurnDropsWhatWasStoppedOnItsWay(t *testing.T) {
	l := New()
	l.timers.turn() // the first one sweeps
	stopped := l.SetTimeout(time.Hour, func() {}).(*timer)
	stopped.claimed.Store(true) // as Stop does first of all
	l.SetTimeout(time.Hour, func() {})
	l.timers.turn()
	assert.Len(t, l.timers.pending, 1)
	assert.NotSame(t, stopped, l.timers.pending[0].timer)
}

// inTurn calls begin, which has a turn in it, in which some timer is due. The turn
// can't hand that over until the caller puts the queue of the callback loop back.
func inTurn(l *timerLoop, begin func()) (ended <-chan struct{}) {
	l.callbacks.waiting.take()
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

// A turn has one now. Had it a later one when it takes timers out of the heap, it
// would take what has become due meanwhile, and not what was set meanwhile and is
// due before.
func TestTurnHasOneNow(t *testing.T) {
	setMeanwhile(t, 20*time.Millisecond, func(l *Loop, due time.Time, set func()) {
		l.SetTimeout(0, func() {}) // due, for inTurn
		ended := inTurn(&l.timers, func() { l.timers.turn() })
		set()
		time.Sleep(time.Until(due))
		l.callbacks.waiting.put(nil)
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
	l.SetTimeout(0, func() {}) // due, for inTurn
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
	l.callbacks.waiting.put(nil)
	<-ended
}

// While a turn goes on nobody has to be woken, however soon a new timer is due:
// when the turn ends, it looks at what has come.
func TestAddWakesNobodyDuringATurn(t *testing.T) {
	l := New()
	l.SetTimeout(2*time.Hour, func() {})
	l.timers.turn()            // it would sleep until then
	l.SetTimeout(0, func() {}) // due, for inTurn
	<-l.timers.wake            // which it is woken for
	var until time.Duration
	ended := inTurn(&l.timers, func() { until = l.timers.turn() })
	l.SetTimeout(time.Hour, func() {})
	assert.Empty(t, l.timers.wake)
	l.callbacks.waiting.put(nil)
	<-ended
	assert.Less(t, until, 2*time.Hour, "the turn has seen it")
}
