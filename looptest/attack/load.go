package attack

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/eventloop"
)

// Load uses the loops of newLoop hard, in a sub-test for each way. Each ends when every
// callback has run or has been stopped, and fails if a callback was lost, ran twice or
// though stopped, ran early or out of order. One more sub-test sets many timers of few
// deadlines.
//
// With -v it tells how many callbacks there were, and how long the longest call took
// that a load has timed. That is told, not judged: a machine can hold up any call.
func Load(t *testing.T, newLoop func() eventloop.Loop) {
	t.Run("few deadlines", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { fewDeadlines(t, newLoop()) })
	})
	timers := size(*timersFlag, 200_000, 20_000)
	for _, load := range loads {
		t.Run(load.name, func(t *testing.T) {
			a := newAccount(newLoop())
			load.do(a, max(timers/load.share, 1))
			t.Log(a)
			if !a.balances() {
				t.Error("the account does not balance")
			}
		})
	}
}

var loads = []struct {
	name  string
	share int // for so many timers of -timers the size is one
	do    func(a *account, size int)
}{
	{"stream", 1, stream},
	{"dense", 1, dense},
	{"pending", 10, pending},
	{"jam", 10, jam},
	{"crowd", 500, crowd},
	{"panics", 1000, faults(func(func()) { panic(errFault) })},
	{"Goexits", 1000, faults(func(func()) { runtime.Goexit() })},
	{"cancels", 1000, faults(func(cancel func()) { cancel() })},
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

// stream sets timers as fast as it can, with never many more than most pending.
func stream(a *account, timers int) {
	const most = 100_000
	_, end := serve(a.loop)
	random := rand.New(rand.NewPCG(3, 3))
	for i := range timers {
		if i%1000 == 0 && !a.awaitFew(most) {
			break
		}
		a.setTimeout(time.Duration(random.Int64N(int64(5*time.Millisecond))), nil)
	}
	settle(a, end)
}

// dense sets timers of a few microseconds from several goroutines. Many deadlines are
// within nanoseconds of each other, and of the loop's own look at the clock. Some are
// out of order unless the loop takes that look at the right moment.
func dense(a *account, timers int) {
	const goroutines, burst, most = 4, 50, 2000
	_, end := serve(a.loop)
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			random := rand.New(rand.NewPCG(4, uint64(g)))
			for range timers / goroutines / burst {
				for range burst {
					a.setTimeout(time.Duration(random.IntN(3)*random.IntN(30))*time.Microsecond, nil)
				}
				if !a.awaitFew(most) {
					return
				}
			}
		})
	}
	all.Wait()
	settle(a, end)
}

// awaitFew is await until no more than most of all callbacks have still to run.
func (a *account) awaitFew(most int64) bool {
	return a.await(func() bool { return a.added.Load()-a.ran.Load() <= most })
}

// pending has all its timers pending before Run begins, stops every third of them while
// it runs, and lets the others run.
func pending(a *account, timers int) {
	random := rand.New(rand.NewPCG(1, 1))
	var some []func()
	for i := range timers {
		stop := a.setTimeout(20*time.Millisecond+time.Duration(timers+random.IntN(timers))*time.Microsecond, nil)
		if i%3 == 0 {
			some = append(some, stop)
		}
	}
	_, end := serve(a.loop)
	for _, stop := range some {
		stop()
	}
	settle(a, end)
}

// jam has all its timers due at once, and calls the loop while it is busy with them.
func jam(a *account, timers int) {
	due := time.Now().Add(time.Millisecond)
	var ran atomic.Int64
	for range timers {
		a.setTimeout(time.Until(due), func() { ran.Add(1) })
	}
	_, end := serve(a.loop)
	for begun := time.Now(); ran.Load() < int64(timers) && time.Since(begun) < patience; {
		var stop func()
		a.timed(func() { stop = a.setTimeout(time.Hour, nil) })
		a.timed(stop)
		a.timed(func() { a.callSoon(nil) })
		time.Sleep(time.Microsecond)
	}
	settle(a, end)
}

// crowd has 64 goroutines set timers, stop some of their own and some of the others',
// and call CallSoon, all at once.
func crowd(a *account, rounds int) {
	const goroutines = 64
	_, end := serve(a.loop)
	var shared [256]atomic.Pointer[func()] // how to stop a timer
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			random := rand.New(rand.NewPCG(2, uint64(g)))
			for range rounds {
				stop := a.setTimeout(time.Duration(random.Int64N(int64(2*time.Millisecond))), nil)
				other := shared[random.IntN(len(shared))].Swap(&stop)
				switch random.IntN(4) {
				case 0, 1:
					if other != nil {
						(*other)()
					}
				case 2:
					a.callSoon(nil)
				}
			}
		})
	}
	all.Wait()
	settle(a, end)
}

var errFault = errors.New("on purpose")

// faults has every tenth callback do something that ends Run.
func faults(fault func(cancel func())) func(*account, int) {
	return func(a *account, n int) {
		cancel, end := serve(a.loop)
		for i := range n * 10 {
			var callback func()
			if i%10 == 0 {
				callback = func() { fault(cancel) }
			}
			if i%20 < 10 {
				a.callSoon(callback)
			} else {
				a.setTimeout(time.Duration(i%7)*100*time.Microsecond, callback)
			}
		}
		settle(a, end)
	}
}

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
