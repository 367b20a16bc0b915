package attack

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// A Load is a way to use a loop hard.
type Load struct {
	Name string
	Unit string // what its size counts
	Do   func(a *Account, size int) error
}

// Loads returns them all. Do returns when every callback has run or has been
// stopped, and the loop has ended; or, with an error, when nothing has happened for
// so long that something must be lost. It waits for ever for a Run that does not
// return.
func Loads() []Load {
	return []Load{
		{"timers pending at once", "timers", pending},
		{"64 goroutines setting and stopping", "rounds each", crowd},
		{"timers in one run", "timers", stream},
		{"timers due within nanoseconds", "timers", dense},
		{"timers due at once, and calls meanwhile", "timers", jam},
		{"callbacks panic", "panics", faults(func(func()) { panic(errFault) })},
		{"callbacks call Goexit", "Goexits", faults(func(func()) { runtime.Goexit() })},
		{"callbacks cancel", "cancels", faults(func(cancel func()) { cancel() })},
		{"a callback sets 5000 timers", "such callbacks", fans},
		{"a callback blocks for a second", "such callbacks", blocks},
	}
}

var errFault = errors.New("on purpose")

// serve calls Run again and again until told to end, whatever ends it: a
// callback that panics with errFault, calls Goexit, or cancels. cancel cancels the
// context of the Run that goes on; end is for the last one.
func serve(l eventloop.Loop) (cancel, end func()) {
	var mu sync.Mutex
	stop := func() {} // cancels the context of the last Run
	over := false
	ended := make(chan struct{})
	next := func() (context.Context, bool) {
		mu.Lock()
		defer mu.Unlock()
		var ctx context.Context
		ctx, stop = context.WithCancel(context.Background())
		return ctx, !over
	}
	go func() {
		defer close(ended)
		for {
			ctx, ok := next()
			if !ok {
				return
			}
			once := make(chan struct{})
			go func() { // of its own: Goexit ends it
				defer close(once)
				defer func() {
					if r := recover(); r != nil && r != errFault {
						panic(r)
					}
				}()
				_ = l.Run(ctx)
			}()
			<-once
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

// settle waits until every callback has run or has been stopped, ends the loop
// and returns what is wrong. What has not run after a time of nothing at all is
// lost.
func settle(a *Account, end func()) error {
	a.await(a.Settled)
	end()
	return a.Tally().Err()
}

// await waits until done and returns true, or false if nothing has happened for so
// long that something must be lost.
func (a *Account) await(done func() bool) bool {
	var over int64
	for moved := time.Now(); !done(); {
		if now := a.ran.Load() + a.stopped.Load(); now != over {
			over, moved = now, time.Now()
		}
		if time.Since(moved) > patience {
			return false
		}
		time.Sleep(100 * time.Microsecond)
	}
	return true
}

// awaitFew is await until no more than most of what was added have still to run.
func (a *Account) awaitFew(most int64) bool {
	return a.await(func() bool { return a.added.Load()-a.ran.Load() <= most })
}

// pending has all its timers pending before Run begins, stops every third of
// them while it runs, and lets the others run.
func pending(a *Account, timers int) error {
	random := rand.New(rand.NewPCG(1, 1))
	all := make([]Stopper, timers)
	for i := range all {
		all[i] = a.SetTimeout(100*time.Millisecond+time.Duration(random.Int64N(int64(400*time.Millisecond))), nil)
	}
	_, end := serve(a.Loop)
	for i := 0; i < timers; i += 3 {
		all[i].Stop()
	}
	return settle(a, end)
}

// crowd has 64 goroutines set timers, stop some of their own and some of the
// others', and call CallSoon, all at once.
func crowd(a *Account, rounds int) error {
	const goroutines = 64
	_, end := serve(a.Loop)
	var mu sync.Mutex
	var shared [256]Stopper
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			random := rand.New(rand.NewPCG(2, uint64(g)))
			for range rounds {
				timer := a.SetTimeout(time.Duration(random.Int64N(int64(2*time.Millisecond))), nil)
				i := random.IntN(len(shared))
				mu.Lock()
				timer, shared[i] = shared[i], timer
				mu.Unlock()
				switch random.IntN(4) {
				case 0, 1:
					if timer.timer != nil {
						timer.Stop()
					}
				case 2:
					a.CallSoon(nil)
				}
			}
		})
	}
	all.Wait()
	return settle(a, end)
}

// dense sets timers of a few microseconds from several goroutines: so many deadlines
// within nanoseconds of each other, and of the loop's own look at the clock, that
// some are out of order unless that look is taken at the right moment.
func dense(a *Account, timers int) error {
	const goroutines, burst, most = 4, 50, 2000
	_, end := serve(a.Loop)
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			random := rand.New(rand.NewPCG(4, uint64(g)))
			for range timers / goroutines / burst {
				for range burst {
					a.SetTimeout(time.Duration(random.IntN(3)*random.IntN(30))*time.Microsecond, nil)
				}
				if !a.awaitFew(most) {
					return
				}
			}
		})
	}
	all.Wait()
	return settle(a, end)
}

// jam has all its timers due at once, and calls the loop while it is busy with them.
// Nobody has to wait for it: the longest call is remembered, not judged, since a
// machine can hold up anybody.
func jam(a *Account, timers int) error {
	due := time.Now().Add(time.Millisecond)
	var ran atomic.Int64
	for range timers {
		a.SetTimeout(time.Until(due), func() { ran.Add(1) })
	}
	_, end := serve(a.Loop)
	for begun := time.Now(); ran.Load() < int64(timers) && time.Since(begun) < patience; {
		var timer Stopper
		a.timed(func() { timer = a.SetTimeout(time.Hour, nil) })
		a.timed(func() { timer.Stop() })
		a.timed(func() { a.CallSoon(nil) })
		time.Sleep(time.Microsecond)
	}
	return settle(a, end)
}

// stream sets timers as fast as it can, with never many more than most pending.
func stream(a *Account, timers int) error {
	const most = 100_000
	_, end := serve(a.Loop)
	random := rand.New(rand.NewPCG(3, 3))
	for i := range timers {
		if i%1000 == 0 {
			if !a.awaitFew(most) {
				break
			}
		}
		a.SetTimeout(time.Duration(random.Int64N(int64(5*time.Millisecond))), nil)
	}
	return settle(a, end)
}
