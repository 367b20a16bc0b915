package looptest

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"example.com/eventloop"
)

// The cases about Stop, and about what is left of a timer afterwards.

func stopPrevents(t *trial) {
	l := t.newLoop()
	set := func() {
		for _, delay := range []time.Duration{0, time.Millisecond, 10 * time.Millisecond, time.Hour} {
			var stopped atomic.Bool
			timer := l.SetTimeout(delay, func() {
				if stopped.Load() {
					t.errorf("SetTimeout(%v).Stop() = true, and its callback ran", delay)
				}
			})
			stopped.Store(timer.Stop())
		}
	}
	set() // before Run
	t.start(l)
	set() // while the loop is busy
	t.settle()
	set() // while it sleeps
	t.runs(l, setTimeout(20*time.Millisecond), "set after others that were stopped")
}

func stopTellsTruth(t *trial) {
	l := t.newLoop()
	check := func(when string, timer eventloop.Timer, want bool) {
		if got := timer.Stop(); got != want {
			t.errorf("Stop() = %v %s", got, when)
		}
	}
	before := l.SetTimeout(time.Hour, func() {})
	check("before Run", before, true)
	t.start(l)
	during := l.SetTimeout(time.Hour, func() {})
	t.settle()
	check("an hour before the deadline", during, true)
	for _, delay := range []time.Duration{0, time.Millisecond} {
		var own eventloop.Timer
		ran := newSignal()
		l.CallSoon(func() {
			own = l.SetTimeout(delay, func() {
				check("in its own callback", own, false)
				ran.give()
			})
		})
		t.await(ran.done, "the callback of SetTimeout(%v)", delay)
		check("when its callback had begun", own, false)
		t.settle()
		check("when its callback had run", own, false)
	}
	check("when it was stopped before Run", before, false)
	check("when it was stopped before", during, false)
}

func stopSibling(t *trial) {
	const n = 20
	l := t.newLoop()
	var timers [n]eventloop.Timer
	var ran list[int]
	for i := range n {
		timers[i] = l.SetTimeout(0, func() {
			ran.add(i)
			// Even ones stop the next, odd ones would stop the one before.
			if timers[i^1].Stop() != (i%2 == 0) {
				t.errorf("Stop() = %v in a callback due at the same instant, for the timer %s", i%2 != 0, [...]string{"after it", "before it"}[i%2])
			}
		})
	}
	time.Sleep(time.Millisecond) // all are due when Run begins
	t.start(l)
	t.runs(l, setTimeout(0), fmt.Sprintf("after %d timers that stop each other", n))
	for _, i := range ran.all() {
		if i%2 != 0 {
			t.errorf("a timer ran that a callback due at the same instant had stopped")
		}
	}
}

func stopRaces(t *trial) {
	const n, stoppers = 300, 3
	l := t.newLoop()
	var ran, stopped [n]atomic.Int64
	t.start(l)
	for i := range n {
		timer := l.SetTimeout(rand.N(5*time.Microsecond), func() { ran[i].Add(1) })
		var goroutines sync.WaitGroup
		for range stoppers {
			goroutines.Go(func() {
				if timer.Stop() {
					stopped[i].Add(1)
				}
			})
		}
		goroutines.Wait()
	}
	t.runs(l, setTimeout(time.Millisecond), "after others of at most 5µs, each stopped in three goroutines at once")
	for i := range n {
		if r, s := ran[i].Load(), stopped[i].Load(); r+s != 1 {
			t.errorf("a timer ran %d times, and %d of %d concurrent calls of Stop returned true", r, s, stoppers)
		}
	}
}

func stopLeavesOthers(t *trial) {
	l := t.newLoop()
	t.start(l)
	stops := func(delay time.Duration) way {
		return way{fmt.Sprintf("SetTimeout(%v)", delay), func(l eventloop.Loop, callback func()) {
			head := l.SetTimeout(delay/4, func() {})
			l.SetTimeout(delay, callback)
			t.settle()
			head.Stop()
		}}
	}
	next := func(delay time.Duration, after string) {
		if took := t.runs(l, stops(delay), after); took < delay {
			t.errorf("SetTimeout(%v) ran after %v, %s", delay, took, after)
		}
	}
	next(40*time.Millisecond, "an earlier timer having been stopped")

	// A timer that is over is not counted as pending, nor as one less.
	var own eventloop.Timer
	l.CallSoon(func() {
		own = l.SetTimeout(0, func() { own.Stop() })
	})
	t.runs(l, setTimeout(time.Millisecond), "after one that stops itself")
	for range 3 {
		own.Stop()
	}
	next(20*time.Millisecond, "one that had run having been stopped")
}

func stoppedTimersAreFree(t *trial) {
	for _, how := range []string{"idle", "busy"} {
		l := t.newLoop()
		r := t.start(l)
		if how == "busy" {
			stop := t.chain(l, callSoon)
			defer stop()
		}
		t.keepsNoStopped(l, how)
		t.stop(r)
	}
}

// keepsNoStopped sets and stops timers while l runs.
func (t *trial) keepsNoStopped(l eventloop.Loop, how string) {
	// To keep a timer takes far more than perTimer bytes: at the least a
	// deadline and a pointer to the callback.
	const batch, perTimer = 1000, 16
	tries := 7
	if hasty {
		tries = 4
	}
	round := func() {
		for range batch {
			l.SetTimeout(2*virtualPatience, func() {}).Stop()
		}
		// By the time this has run the loop has had its next turn.
		t.runs(l, setTimeout(0), fmt.Sprintf("after %d timers were set and stopped", batch))
	}
	round() // whatever the loop makes room for only once

	// The heap is that of the process, and others may fill it. What the loop keeps
	// shows each time. And with twice as many timers each time, it shows although
	// a slice that grows does so in steps.
	n := 10 * batch
	for try := range tries {
		before := heap()
		for range n / batch {
			round()
		}
		for range 3 { // what a busy loop throws away during a collection counts as kept, once
			if heap() < before+uint64(n*perTimer) {
				return
			}
		}
		n *= 2
		time.Sleep(50 * time.Millisecond << try)
	}
	runtime.KeepAlive(l)
	t.errorf("%d times, from %d to %d timers, set and stopped while the loop was %s, left %d bytes each or more", tries, 10*batch, n/2, how, perTimer)
}

// heap returns the size of all that is reachable.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func letsGo(t *trial) {
	l := t.newLoop()
	var timers []eventloop.Timer // kept to the end: they keep no callback
	alive := map[string]func() bool{}
	add := func(w way, what string) {
		var callback func()
		callback, alive[w.call+what] = capture()
		w.add(l, callback)
	}
	stopped := way{"SetTimeout(1h)", func(l eventloop.Loop, callback func()) {
		timer := l.SetTimeout(time.Hour, callback)
		timer.Stop()
		timers = append(timers, timer)
	}}
	kept := way{"SetTimeout(1ms)", func(l eventloop.Loop, callback func()) {
		timers = append(timers, l.SetTimeout(time.Millisecond, callback))
	}}
	check := func() {
		for what, alive := range alive {
			if !t.becomes(func() bool { return !alive() }) {
				t.errorf("the callback of %s is still held", what)
			}
		}
		clear(alive)
	}
	add(stopped, ", stopped before Run")
	check()

	add(setTimeout(0), ", which has run")
	add(kept, ", which has run")
	add(callSoon, ", which has run first")
	add(callSoon, ", which has run")
	t.start(l)
	add(stopped, ", stopped while the loop runs")
	t.runs(l, setTimeout(2*time.Millisecond), "")
	add(callSoon, ", which has run last")
	t.settle()
	check()
	runtime.KeepAlive(timers)
	runtime.KeepAlive(l)
}

// capture returns a callback that captures something, and a function that reports
// whether that something is still reachable.
func capture() (callback func(), alive func() bool) {
	captured := new([1 << 10]byte)
	pointer := weak.Make(captured)
	return func() { captured[0]++ }, func() bool {
		runtime.GC()
		return pointer.Value() != nil
	}
}
