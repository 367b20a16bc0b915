package looptest

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// The cases about how callbacks are called: when a callback may run at all,
// where, and what becomes of it when it panics.

// inside is on the stack of whatever call runs.
func inside(call func()) { call() }

// onStack reports whether that function is on the stack of the calling goroutine.
func onStack(function string) bool { return bytes.Contains(debug.Stack(), []byte(function+"(")) }

func neverInline(t *trial) {
	l := t.newLoop()
	stop := way{"Stop", func(l eventloop.Loop, callback func()) {
		l.SetTimeout(0, callback)
		l.SetTimeout(time.Hour, func() {}).Stop()
	}}
	try := func() {
		for _, w := range slices.Concat(ways, []way{setTimeout(-time.Hour), stop}) {
			inside(func() {
				w.add(l, func() {
					if onStack("looptest.inside") {
						t.errorf("%s ran a callback before it returned", w.call)
					}
				})
			})
		}
	}
	try() // before Run
	t.start(l)
	t.settle()
	try()           // from another goroutine
	l.CallSoon(try) // from a callback
	t.runs(l, callSoon, "after others")
}

func calledOnce(t *trial) {
	const n = 150
	l := t.newLoop()
	var calls [2 * n]atomic.Int64
	var begun atomic.Int64
	add := func(from int) {
		for i := from; i < from+n; i++ {
			ways[i%len(ways)].add(l, func() {
				if calls[i].Add(1) == 1 {
					begun.Add(1)
				}
			})
		}
	}
	add(0)
	r := t.start(l)
	add(n)
	t.counts(loads(&begun), 2*n, "the callbacks of %d CallSoon, SetTimeout(0s) and SetTimeout(1ms)", 2*n)
	t.settle()
	t.stop(r)
	for i := range calls {
		if k := calls[i].Load(); k != 1 {
			t.errorf("the callback of %s was called %d times", ways[i%len(ways)].call, k)
		}
	}
}

func oneAtATime(t *trial) {
	const n, adders = 3, 4
	l := t.newLoop()
	var running, ran atomic.Int64
	add := func() {
		for i := range n * len(ways) {
			w := ways[i%len(ways)]
			w.add(l, func() {
				if running.Add(1) != 1 {
					t.errorf("a callback began while another was running")
				}
				if !onStack("looptest.callRun") {
					t.errorf("the callback of %s ran on another goroutine", w.call)
				}
				runtime.Gosched()
				time.Sleep(100 * time.Microsecond)
				running.Add(-1)
				ran.Add(1)
			})
		}
	}
	add() // before Run
	t.start(l)
	var others sync.WaitGroup
	for range adders {
		others.Go(add)
	}
	others.Wait()
	l.CallSoon(add) // in a callback
	total := (2 + adders) * n * len(ways)
	t.counts(loads(&ran), total, "%d callbacks", total)
}

func panicUnwinds(t *trial) {
	l := t.newLoop()
	for _, w := range ways {
		value := new(int)
		w.add(l, func() { panic(value) })
		r := t.toEnd(l)
		switch {
		case r.panicked == nil:
			t.errorf("the callback of %s panicked, and Run returned %v", w.call, r.err)
		case r.panicked != value:
			t.errorf("the callback of %s panicked with %v, and Run with %v", w.call, value, r.panicked)
		}
	}
}

func panicLosesNothing(t *trial) { lossOfOne(t, "panicked", func() { panic("on purpose") }) }

func goexit(t *trial) {
	l := t.newLoop()
	l.CallSoon(runtime.Goexit)
	r := t.toEnd(l)
	if !r.exited {
		t.errorf("a callback called Goexit, and Run did not end its goroutine but returned %v or panicked with %v", r.err, r.panicked)
	}
	lossOfOne(t, "called Goexit", runtime.Goexit)
}

// lossOfOne lets one of several callbacks that are due together end Run by
// calling fail, and looks for the others.
func lossOfOne(t *trial, failed string, fail func()) {
	const n = 10
	l := t.newLoop()
	ran := map[string]*list[int]{}
	for _, w := range []way{callSoon, setTimeout(0)} {
		order := new(list[int])
		ran[w.call] = order
		for i := range n {
			w.add(l, func() {
				order.add(i)
				if i == n/2 {
					fail()
				}
			})
		}
	}
	t.toEnd(l) // ended by the failing callback of CallSoon or SetTimeout
	t.toEnd(l) // ended by the other
	t.start(l)
	t.runs(l, setTimeout(time.Millisecond), "an earlier one having "+failed)
	for call, ran := range ran {
		t.counts(ran.len, n, "the %d callbacks of %s, one of which %s", n, call, failed)
		if order := ran.all(); len(order) != n || !slices.IsSorted(order) {
			t.errorf("number %d of %s %s, and they ran in the order %v", n/2, call, failed, order)
		}
	}
}

func nilCallback(t *trial) {
	l := t.newLoop()
	calls := func() {
		for _, w := range slices.Concat(ways, []way{setTimeout(time.Hour)}) {
			t.refuses(func() { w.add(l, nil) }, w.call+", its callback being nil,")
		}
	}
	calls() // before Run
	l.CallSoon(calls)
	t.start(l)
	t.runs(l, callSoon, "after one that calls CallSoon(nil)")
	calls() // during Run

	// No trace of them is left for the loop to find.
	t.runs(l, setTimeout(time.Millisecond), "a nil callback having been refused")
}
