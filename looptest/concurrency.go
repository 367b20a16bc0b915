package looptest

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// The cases about concurrent use, the order of CallSoon, and load.

func callSoonFIFO(c *trial) {
	const n, adders = 200, 3
	type added struct{ by, n int }
	l := c.newLoop()
	var ran list[added]
	addAll := func(by int) {
		for i := range n {
			l.CallSoon(func() { ran.add(added{by, i}) })
		}
	}
	addAll(0) // before Run
	c.start(l)
	var others sync.WaitGroup
	for by := 1; by < 1+adders; by++ {
		others.Go(func() { addAll(by) })
	}
	others.Wait()
	l.CallSoon(func() { addAll(adders + 1) }) // in a callback
	l.CallSoon(func() { addAll(adders + 2) })
	c.until(func() bool { return ran.len() >= (adders+3)*n }, "the callbacks of %d CallSoon", (adders+3)*n)
	next := map[int]int{}
	for _, callback := range ran.all() {
		if callback.n != next[callback.by] {
			c.fatalf("CallSoon number %d of a goroutine ran when number %d was next", callback.n, next[callback.by])
		}
		next[callback.by]++
		if callback.by == adders+2 && next[adders+1] < n {
			c.fatalf("CallSoon, called in the second callback, ran before one that the first had called")
		}
	}
}

func concurrentUse(c *trial) {
	const goroutines, n = 4, 100
	l := c.newLoop()
	var set, over atomic.Int64 // callbacks added; run or stopped
	done := func() { over.Add(1) }
	use := func(seed uint64) {
		random := rand.New(rand.NewPCG(5, seed))
		for range n {
			switch random.IntN(5) {
			case 0:
				set.Add(1)
				l.CallSoon(done)
			case 1:
				set.Add(1)
				l.SetTimeout(randomDelay(random, 2*time.Millisecond), done)
			case 2:
				set.Add(1)
				timer := l.SetTimeout(randomDelay(random, 2*time.Millisecond), done)
				runtime.Gosched()
				if timer.Stop() {
					over.Add(1)
				}
			case 3:
				set.Add(1)
				timer := l.SetTimeout(randomDelay(random, 2*time.Millisecond), done)
				l.CallSoon(func() {
					if timer.Stop() {
						over.Add(1)
					}
				})
			case 4:
				l.Turns()
			}
		}
	}
	var users sync.WaitGroup
	concurrently := func(seed uint64) {
		for g := range uint64(goroutines) {
			users.Go(func() { use(seed + g) })
		}
	}
	concurrently(0)
	users.Wait()
	for round := range uint64(3) {
		concurrently(100 * (round + 1)) // while Run begins
		r := c.start(l)
		concurrently(100*(round+1) + 10) // during Run
		l.CallSoon(func() { use(100*(round+1) + 20) })
		time.Sleep(time.Millisecond)
		concurrently(100*(round+1) + 30)
		c.stop(r) // while it ends
		users.Wait()
	}
	c.start(l)
	c.until(func() bool { return over.Load() >= set.Load() }, "%d callbacks to run or to be stopped", set.Load())
	c.settle()
	if o, s := over.Load(), set.Load(); o != s {
		c.errorf("of %d callbacks %d ran or were stopped", s, o)
	}
}

func nothingBlocks(c *trial) {
	n := max(c.size(50_000), 1_500)
	l := c.newLoop()
	var total, ran atomic.Int64
	fill := func(where string) {
		c.expect("%d calls of SetTimeout, Stop, CallSoon and Turns %s", n, where)
		for range n {
			l.CallSoon(func() { ran.Add(1) })
			l.SetTimeout(0, func() { ran.Add(1) })
			l.SetTimeout(time.Hour, func() {}).Stop()
			l.Turns()
		}
		total.Add(int64(2 * n))
	}
	fill("before Run")
	begun, end := newSignal(), newSignal()
	defer end.give()
	l.CallSoon(func() {
		begun.give()
		<-end.done
	})
	c.start(l)
	c.await(begun.done, "the callback of CallSoon, after many others")
	fill("while a callback runs")
	l.CallSoon(func() {
		fill("in a callback")
	})
	end.give()
	c.until(func() bool { return ran.Load() >= int64(6*n) }, "the callbacks of %d SetTimeout(0) and CallSoon", 6*n)
}

func noWakeUpLost(c *trial) {
	n := c.size(5_000)
	l := c.newLoop()
	c.start(l)
	random := rand.New(rand.NewPCG(6, 6))
	for i := range n {
		// One at a time: each comes when the loop, having run the last, is
		// somewhere on its way to sleep.
		var call string
		ran := newSignal()
		switch i % 3 {
		case 0:
			call = "CallSoon"
			l.CallSoon(ran.give)
		case 1:
			call = "SetTimeout(0)"
			l.SetTimeout(0, ran.give)
		case 2:
			call = "SetTimeout(1µs)"
			l.SetTimeout(time.Microsecond, ran.give)
		}
		c.await(ran.done, "the callback of %s, added just after another had run", call)
		for range random.IntN(4) {
			runtime.Gosched()
		}
	}
}

func millionPending(c *trial) {
	n := c.size(1_000_000)
	l := c.newLoop()
	timers := make([]eventloop.Timer, n)
	for i := range timers {
		timers[i] = l.SetTimeout(time.Hour+time.Duration(i), func() {})
	}
	c.start(l)
	for range 2 {
		sooner, soon := newSignal(), newSignal()
		l.SetTimeout(time.Millisecond, sooner.give)
		l.CallSoon(soon.give)
		c.await(soon.done, "the callback of CallSoon, with %d timers pending", n)
		c.await(sooner.done, "the callback of SetTimeout(1ms), with %d timers pending", n)
	}
	c.expect("Stop, with %d timers pending", n)
	for _, timer := range timers {
		if !timer.Stop() {
			c.fatalf("Stop() = false for one of %d timers pending for an hour", n)
		}
	}
}

func synchronizes(c *trial) {
	const n = 50
	l := c.newLoop()
	// What the callbacks share, with no lock and no atomics: the race detector
	// looks on.
	var ran, last int
	var cancel func()
	for range 2 {
		var ctx context.Context
		ctx, cancel = context.WithCancel(context.Background())
		ran, last = 0, 0
		var add func()
		add = func() {
			if ran++; ran >= n {
				cancel()
				time.Sleep(time.Millisecond)
				last = ran
			} else if ran%2 == 0 {
				l.CallSoon(add)
			} else {
				l.SetTimeout(0, add)
			}
		}
		l.CallSoon(add)
		c.expect("Run to return, a callback having cancelled its context")
		_ = l.Run(ctx)
		if last != n {
			c.errorf("after Run has returned, the end of the last callback is not to be seen")
		}
	}
}
