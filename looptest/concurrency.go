package looptest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// The cases about concurrent use, the order of CallSoon, and load.

func callSoonFIFO(t *trial) {
	const n, adders = 200, 5
	l := t.newLoop()
	var ran [adders]list[int]
	var all atomic.Int64
	addAll := func(by int) {
		for i := range n {
			l.CallSoon(func() {
				ran[by].add(i)
				all.Add(1)
				if by == adders-1 && ran[by-1].len() < n {
					t.errorf("CallSoon, called in the second callback, ran before one that the first had called")
				}
			})
		}
	}
	addAll(0) // before Run
	t.start(l)
	var others sync.WaitGroup
	for by := 1; by < adders-2; by++ {
		others.Go(func() { addAll(by) })
	}
	others.Wait()
	l.CallSoon(func() { addAll(adders - 2) }) // in a callback
	l.CallSoon(func() { addAll(adders - 1) })
	t.counts(loads(&all), adders*n, "the callbacks of %d CallSoon", adders*n)
	for i := range ran {
		if order := ran[i].all(); !slices.IsSorted(order) {
			t.errorf("%d CallSoon of one goroutine ran in the order %v", n, order)
		}
	}
}

func concurrentUse(t *trial) {
	const goroutines, n, times = 4, 100, 3
	const total = ((1+3*times)*goroutines + times) * n // use is called in goroutines before Run and thrice in each, and in a callback
	l := t.newLoop()
	var over atomic.Int64 // callbacks that ran or were stopped
	done := func() { over.Add(1) }
	stop := func(timer eventloop.Timer) {
		if timer.Stop() {
			done()
		}
	}
	use := func() {
		for range n {
			if rand.IntN(4) == 0 {
				l.CallSoon(done)
				l.Turns()
				continue
			}
			timer := l.SetTimeout(rand.N(2*time.Millisecond), done)
			switch rand.IntN(3) {
			case 0:
				runtime.Gosched()
				stop(timer)
			case 1:
				l.CallSoon(func() { stop(timer) })
			}
		}
	}
	var users sync.WaitGroup
	concurrently := func() {
		for range goroutines {
			users.Go(use)
		}
	}
	concurrently()
	users.Wait()
	for range times {
		concurrently() // while Run begins
		r := t.start(l)
		concurrently() // during Run
		l.CallSoon(use)
		time.Sleep(time.Millisecond)
		concurrently()
		t.stop(r) // while it ends
		users.Wait()
	}
	t.start(l)
	t.counts(loads(&over), total, "%d callbacks to run or to be stopped", total)
	t.settle()
	if o := over.Load(); o != total {
		t.errorf("of %d callbacks %d ran or were stopped", total, o)
	}
}

func nothingBlocks(t *trial) {
	n := max(t.size(50_000), 1_500)
	l := t.newLoop()
	var ran atomic.Int64
	fill := func(where string) {
		t.expect("%d calls of SetTimeout, Stop, CallSoon and Turns %s", n, where)
		t.times(n, func(int) {
			l.CallSoon(func() { ran.Add(1) })
			l.SetTimeout(0, func() { ran.Add(1) })
			l.SetTimeout(time.Hour, func() {}).Stop()
			l.Turns()
		})
	}
	fill("before Run")
	begun, end := newSignal(), newSignal()
	defer end.give()
	running := l.SetTimeout(0, func() {
		begun.give()
		<-end.done
	})
	t.start(l)
	t.await(begun.done, "the callback of SetTimeout(0s), after many others")
	t.expect("Stop to return while the callback of its timer runs")
	running.Stop()
	fill("while a callback runs")
	l.CallSoon(func() { fill("in a callback") })
	end.give()
	t.counts(loads(&ran), 6*n, "the callbacks of %d SetTimeout(0s) and CallSoon", 6*n)
}

func millionPending(t *trial) {
	n := max(t.size(1_000_000), 10_000)
	l := t.newLoop()
	timers := make([]eventloop.Timer, n)
	t.times(n, func(i int) { timers[i] = l.SetTimeout(time.Hour+time.Duration(i), func() {}) })
	t.start(l)
	pending := fmt.Sprintf("with %d timers pending", n)
	for range 2 {
		for _, w := range ways {
			t.runs(l, w, pending)
		}
	}
	t.expect("Stop, %s", pending)
	t.times(n, func(i int) {
		if !timers[i].Stop() {
			t.fatalf("Stop() = false for one of %d timers pending for an hour", n)
		}
	})
}

func synchronizes(t *trial) {
	const n = 50
	l := t.newLoop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// What the callbacks share, with no lock and no atomics: the race detector
	// looks on.
	ran, last := 0, 0
	var add func()
	add = func() {
		if ran++; ran < n {
			ways[ran%2].add(l, add)
			return
		}
		cancel()
		time.Sleep(time.Millisecond)
		last = ran
	}
	l.CallSoon(add)
	t.expect("Run to return, a callback having cancelled its context")
	_ = callRun(l, ctx)
	if last != n {
		t.errorf("after Run has returned, the end of the last callback is not to be seen")
	}
}
