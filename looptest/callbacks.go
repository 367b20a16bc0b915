package looptest

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// The cases about how callbacks are called: when a callback may run at all,
// where, and what becomes of it when it panics.

// inside is on the stack of whatever call runs.
func inside(call func()) { call() }

func neverInline(t *trial) {
	l := t.newLoop()
	var ran atomic.Int64
	total := 0
	try := func() {
		for _, call := range []struct {
			name string
			make func(callback func())
		}{
			{"SetTimeout(0)", func(f func()) { l.SetTimeout(0, f) }},
			{"SetTimeout(-1h)", func(f func()) { l.SetTimeout(-time.Hour, f) }},
			{"CallSoon", func(f func()) { l.CallSoon(f) }},
			{"Stop", func(f func()) { l.SetTimeout(0, f); l.SetTimeout(time.Hour, func() {}).Stop() }},
		} {
			if call.name != "SetTimeout(-1h)" { // whether that runs at all is another rule's question
				total++
			}
			inside(func() {
				call.make(func() {
					if onStack("looptest.inside") {
						t.errorf("%s ran a callback before it returned", call.name)
					}
					if call.name != "SetTimeout(-1h)" {
						ran.Add(1)
					}
				})
			})
		}
	}
	try() // before Run
	t.start(l)
	t.settle()
	try() // from another goroutine
	done := newSignal()
	l.CallSoon(func() {
		try() // from a callback
		done.give()
	})
	t.await(done.done, "CallSoon's callback")
	t.counts(loads(&ran), total, "%d callbacks", total)
}

func calledOnce(t *trial) {
	const n = 100
	l := t.newLoop()
	var soon, timers [2 * n]atomic.Int64
	ran := func(calls *[2 * n]atomic.Int64) (k int) {
		for i := range calls {
			if calls[i].Load() > 0 {
				k++
			}
		}
		return k
	}
	add := func(from int) {
		for i := from; i < from+n; i++ {
			l.CallSoon(func() { soon[i].Add(1) })
			l.SetTimeout(time.Duration(i%5)*time.Millisecond, func() { timers[i].Add(1) })
		}
	}
	add(0)
	r := t.start(l)
	add(n)
	t.until(func() bool { return ran(&soon) == 2*n }, "the callbacks of %d CallSoon", 2*n)
	t.until(func() bool { return ran(&timers) == 2*n }, "the callbacks of %d SetTimeout(0 to 4ms)", 2*n)
	t.settle()
	t.stop(r)
	for i := range 2 * n {
		if calls := soon[i].Load(); calls != 1 {
			t.errorf("CallSoon's callback was called %d times", calls)
		}
		if calls := timers[i].Load(); calls != 1 {
			t.errorf("SetTimeout's callback was called %d times", calls)
		}
	}
}

func oneAtATime(t *trial) {
	const n = 20
	l := t.newLoop()
	var running, ran atomic.Int64
	callback := func() {
		if running.Add(1) != 1 {
			t.errorf("a callback began while another was running")
		}
		runtime.Gosched()
		time.Sleep(100 * time.Microsecond)
		running.Add(-1)
		ran.Add(1)
	}
	t.start(l)
	var adders sync.WaitGroup
	for range 4 {
		adders.Go(func() {
			for range n {
				l.CallSoon(callback)
				l.SetTimeout(time.Millisecond, callback)
			}
		})
	}
	adders.Wait()
	t.counts(loads(&ran), 8*n, "%d callbacks", 8*n)
}

func onRunsGoroutine(t *trial) {
	l := t.newLoop()
	var ran atomic.Int64
	callback := func(call string) func() {
		return func() {
			if !onStack("looptest.callRun") {
				t.errorf("the callback of %s ran on another goroutine", call)
			}
			ran.Add(1)
		}
	}
	add := func() {
		l.CallSoon(callback("CallSoon"))
		l.SetTimeout(0, callback("SetTimeout(0)"))
		l.SetTimeout(time.Millisecond, callback("SetTimeout(1ms)"))
	}
	add()
	t.start(l)
	t.settle()
	add()
	l.CallSoon(add)
	t.counts(loads(&ran), 9, "9 callbacks")
}

func noLockHeld(t *trial) {
	l := t.newLoop()
	var ran atomic.Int64
	use := func() {
		l.SetTimeout(time.Hour, func() {}).Stop()
		l.SetTimeout(0, func() { ran.Add(1) })
		l.CallSoon(func() { ran.Add(1) })
		l.Turns()
	}
	t.start(l)
	for _, add := range []struct {
		call string
		add  func(callback func())
	}{
		{"CallSoon", l.CallSoon},
		{"SetTimeout(1ms)", func(f func()) { l.SetTimeout(time.Millisecond, f) }},
	} {
		ran.Store(0)
		itself, another := newSignal(), newSignal()
		add.add(func() {
			use()
			itself.give()
			go func() {
				use()
				another.give()
			}()
			<-another.done
		})
		t.await(itself.done, "the callback of %s to call SetTimeout, CallSoon, Stop and Turns", add.call)
		t.await(another.done, "another goroutine to call SetTimeout, CallSoon, Stop and Turns during the callback of %s", add.call)
		t.counts(loads(&ran), 4, "the callbacks added during that of %s", add.call)
	}
}

func panicUnwinds(t *trial) {
	l := t.newLoop()
	for _, add := range []struct {
		call string
		add  func(callback func())
	}{
		{"CallSoon", l.CallSoon},
		{"SetTimeout(0)", func(f func()) { l.SetTimeout(0, f) }},
		{"SetTimeout(1ms)", func(f func()) { l.SetTimeout(time.Millisecond, f) }},
	} {
		value := new(int)
		add.add(func() { panic(value) })
		r := t.startToEnd(l)
		t.end(r)
		switch {
		case r.panicked == nil:
			t.errorf("the callback of %s panicked, and Run returned %v", add.call, r.err)
		case r.panicked != value:
			t.errorf("the callback of %s panicked with %v, and Run with %v", add.call, value, r.panicked)
		}
	}
}

func panicLosesNothing(t *trial) { lossOfOne(t, "panicked", func() { panic("on purpose") }) }

func goexit(t *trial) {
	l := t.newLoop()
	l.CallSoon(runtime.Goexit)
	r := t.startToEnd(l)
	t.end(r)
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
	var soon, timers list[int]
	for i := range n {
		add := func(ran *list[int]) func() {
			return func() {
				ran.add(i)
				if i == n/2 {
					fail()
				}
			}
		}
		l.CallSoon(add(&soon))
		l.SetTimeout(0, add(&timers))
	}
	t.end(t.startToEnd(l)) // ended by the failing callback of CallSoon or SetTimeout
	t.end(t.startToEnd(l)) // ended by the other
	t.start(l)
	later := newSignal()
	l.SetTimeout(time.Millisecond, later.give)
	t.await(later.done, "the callback of SetTimeout(1ms), after an earlier one %s", failed)
	t.counts(soon.len, n, "the %d callbacks of CallSoon, one of which %s", n, failed)
	t.counts(timers.len, n, "the %d callbacks of SetTimeout(0), one of which %s", n, failed)
	for _, ran := range []struct {
		call  string
		order []int
	}{{"CallSoon", soon.all()}, {"SetTimeout(0)", timers.all()}} {
		for i, got := range ran.order {
			if got != i {
				t.errorf("number %d of %s %s, and they ran in the order %v", n/2, ran.call, failed, ran.order)
				break
			}
		}
	}
}

func nilCallback(t *trial) {
	l := t.newLoop()
	ran := newSignal()
	calls := func() {
		for _, call := range []struct {
			name string
			call func()
		}{
			{"SetTimeout(0, nil)", func() { l.SetTimeout(0, nil) }},
			{"SetTimeout(1h, nil)", func() { l.SetTimeout(time.Hour, nil) }},
			{"CallSoon(nil)", func() { l.CallSoon(nil) }},
		} {
			t.refuses(call.call, call.name)
		}
	}
	calls() // before Run
	l.CallSoon(func() {
		calls() // in a callback
		ran.give()
	})
	t.start(l)
	t.await(ran.done, "the callback of CallSoon")
	calls() // during Run

	// No trace of them is left for the loop to find.
	later := newSignal()
	l.SetTimeout(time.Millisecond, later.give)
	t.await(later.done, "the callback of SetTimeout(1ms)")
}
