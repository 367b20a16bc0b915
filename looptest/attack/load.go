package attack

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/eventloop"
)

// Load sets many timers on the loops of newLoop, in a sub-test for each way. Each ends
// when every callback has run or has been stopped, and fails if a callback was lost, ran
// twice or though stopped, ran early or out of order.
//
// With -v it tells how many callbacks there were. For the timers that are due at once it
// also tells how long the longest call took meanwhile. That is no rule: a machine can
// hold up any call.
func Load(t *testing.T, newLoop func() eventloop.Loop) {
	t.Run("few deadlines", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { fewDeadlines(t, newLoop()) })
	})
	load := func(name string, do func(a *account)) {
		t.Run(name, func(t *testing.T) {
			a := newAccount(newLoop())
			do(a)
			t.Log(a)
			if !a.balances() {
				t.Error("the account does not balance")
			}
		})
	}
	timers := size(*timersFlag, 100_000, 10_000)
	load("one goroutine", func(a *account) { stream(a, timers, 1, 100_000, 5*time.Millisecond) })
	load("few microseconds", func(a *account) { stream(a, timers, 4, 2000, 60*time.Microsecond) })
	load("due at once", func(a *account) { jam(a, timers/10) })
}

// fewDeadlines sets timers in no order of their deadlines. Those of one deadline have to
// run in the order in which they were set. In a bubble the clock stands still while they
// are set, so that deadlines are equal. All are due before Run begins, so that a loop
// that spins can be tried too.
//
// A sort that is not stable keeps what is in order already, and disturbs only the rest:
// for it deadlines must be mixed.
func fewDeadlines(t *testing.T, l eventloop.Loop) {
	type set struct {
		delay time.Duration
		n     int
	}
	random := rand.New(rand.NewPCG(1, 1))
	var want, got []set
	for n := range 1000 {
		s := set{time.Duration(random.IntN(5)) * time.Microsecond, n}
		want = append(want, s)
		l.SetTimeout(s.delay, func() { got = append(got, s) })
	}
	slices.SortStableFunc(want, func(a, b set) int { return cmp.Compare(a.delay, b.delay) })
	ctx, cancel := context.WithCancel(t.Context())
	l.SetTimeout(5*time.Microsecond, cancel)
	time.Sleep(5 * time.Microsecond)
	_ = l.Run(ctx)
	if !slices.Equal(got, want) {
		t.Errorf("timers of few deadlines ran in the order %v: timers with equal deadlines run in the order in which they were set", got)
	}
}

// stream sets timers from several goroutines as fast as it can, with never many more
// than most pending. If most delays are a few microseconds, many deadlines are within
// nanoseconds of each other, and of the loop's own look at the clock. Some are out of
// order unless the loop takes that look at the right moment.
func stream(a *account, timers, goroutines int, most int64, longest time.Duration) {
	const burst = 50
	_, end := serve(a.loop)
	few := func() bool { return a.added.Load()-a.ran.Load() <= most }
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			random := rand.New(rand.NewPCG(4, uint64(g)))
			for range timers / goroutines / burst {
				for range burst {
					a.setTimeout(time.Duration(random.IntN(3))*time.Duration(random.Int64N(int64(longest)))/2, nil)
				}
				if !a.await(few) {
					return
				}
			}
		})
	}
	all.Wait()
	settle(a, end)
}

// jam has all its timers pending before Run begins, and due at once. While the loop is
// busy with them it stops some, and makes other calls.
func jam(a *account, timers int) {
	due := time.Now().Add(time.Duration(timers) * time.Microsecond)
	stops := make([]func(), timers)
	for i := range stops {
		stops[i] = a.setTimeout(time.Until(due), nil)
	}
	var over atomic.Bool
	a.setTimeout(time.Until(due), func() { over.Store(true) })
	_, end := serve(a.loop)
	begun := time.Now()
	for i := 0; !over.Load() && time.Since(begun) < patience; i += 3 {
		if i < timers {
			a.timed(stops[i])
		}
		var stop func()
		a.timed(func() { stop = a.setTimeout(time.Hour, nil) })
		a.timed(stop)
		a.timed(func() { a.callSoon(nil) })
		time.Sleep(time.Microsecond)
	}
	settle(a, end)
}

var errFault = errors.New("on purpose")

// serve calls Run again and again until end is called, whatever ends a Run: a callback
// that panics with errFault, calls Goexit, or cancels. cancel cancels the context of
// the Run that goes on.
func serve(l eventloop.Loop) (cancel, end func()) {
	var mu sync.Mutex // guards stop and over
	stop := func() {} // cancels the context of the last Run
	over := false
	next := func() (context.Context, bool) {
		mu.Lock()
		defer mu.Unlock()
		var ctx context.Context
		ctx, stop = context.WithCancel(context.Background())
		return ctx, !over
	}
	run := func(ctx context.Context) {
		defer func() {
			if r := recover(); r != nil && r != errFault {
				panic(r)
			}
		}()
		_ = l.Run(ctx)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx, ok := next(); ok; ctx, ok = next() {
			var one sync.WaitGroup
			one.Go(func() { run(ctx) }) // on a goroutine of its own: Goexit ends it
			one.Wait()
		}
	}()
	cancel = func() {
		mu.Lock()
		defer mu.Unlock()
		stop()
	}
	return cancel, func() {
		mu.Lock()
		over = true
		stop()
		mu.Unlock()
		<-ended
	}
}

// settle waits until every callback has run or has been stopped, and ends the loop.
// What has not run after a long time of nothing at all is lost.
func settle(a *account, end func()) {
	a.await(a.settled)
	end()
}
