package looptest

import (
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
	var timers []eventloop.Timer
	set := func() {
		for _, delay := range []time.Duration{0, time.Millisecond, 10 * time.Millisecond, time.Hour} {
			var stopped atomic.Bool
			timer := l.SetTimeout(delay, func() {
				if stopped.Load() {
					t.errorf("SetTimeout(%v).Stop() = true, and its callback ran", delay)
				}
			})
			stopped.Store(timer.Stop())
			timers = append(timers, timer)
		}
	}
	set() // before Run
	t.start(l)
	set() // while the loop is busy
	t.settle()
	set() // while it sleeps
	last := newSignal()
	l.SetTimeout(20*time.Millisecond, last.give)
	t.await(last.done, "the callback of SetTimeout(20ms), set after others that were stopped")
	for _, timer := range timers {
		if timer.Stop() {
			t.errorf("a second Stop, or one after the callback ran, returned true")
		}
	}
}

func stopTellsTruth(t *trial) {
	l := t.newLoop()
	check := func(call string, timer eventloop.Timer, want bool) {
		if got := timer.Stop(); got != want {
			t.errorf("Stop() = %v %s", got, call)
		}
	}
	before := l.SetTimeout(time.Hour, func() {})
	check("before Run", before, true)
	check("when it was stopped before", before, false)
	t.start(l)
	during := l.SetTimeout(time.Hour, func() {})
	t.settle()
	check("an hour before the deadline", during, true)
	check("when it was stopped before", during, false)
	for _, delay := range []time.Duration{0, time.Millisecond} {
		var own eventloop.Timer
		set, ran := newSignal(), newSignal()
		own = l.SetTimeout(delay, func() {
			<-set.done
			check("in its own callback", own, false)
			ran.give()
		})
		set.give()
		t.await(ran.done, "the callback of SetTimeout(%v)", delay)
		check("when its callback had begun", own, false)
		t.settle()
		check("when its callback had run", own, false)
	}
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
	last := newSignal()
	l.SetTimeout(0, last.give)
	time.Sleep(time.Millisecond) // all are due when Run begins
	t.start(l)
	t.await(last.done, "the last of %d timers that stop each other", n)
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
	var timers [n]eventloop.Timer
	t.start(l)
	random := rand.New(rand.NewPCG(4, 4))
	for i := range timers {
		timers[i] = l.SetTimeout(randomDelay(random, 5*time.Microsecond), func() { ran[i].Add(1) })
		var goroutines sync.WaitGroup
		for range stoppers {
			goroutines.Go(func() {
				if timers[i].Stop() {
					stopped[i].Add(1)
				}
			})
		}
		goroutines.Wait()
	}
	t.until(func() bool {
		for i := range ran {
			if ran[i].Load()+stopped[i].Load() == 0 {
				return false
			}
		}
		return true
	}, "%d timers, each to run or to be stopped", n)
	t.settle()
	for i := range ran {
		if r, s := ran[i].Load(), stopped[i].Load(); r+s != 1 {
			t.errorf("a timer ran %d times, and %d of %d concurrent calls of Stop returned true", r, s, stoppers)
		}
	}
}

func stopDoesNotWait(t *trial) {
	l := t.newLoop()
	begun, end := newSignal(), newSignal()
	defer end.give()
	timer := l.SetTimeout(0, func() {
		begun.give()
		<-end.done
	})
	t.start(l)
	t.await(begun.done, "the callback of SetTimeout(0)")
	t.expect("Stop to return while the callback of its timer runs")
	timer.Stop()
}

func stopLeavesOthers(t *trial) {
	l := t.newLoop()
	t.start(l)
	next := func(delay time.Duration, after string) {
		called, ran := time.Now(), newSignal()
		var took time.Duration
		head := l.SetTimeout(delay/4, func() {})
		l.SetTimeout(delay, func() {
			took = time.Since(called)
			ran.give()
		})
		t.settle()
		head.Stop()
		t.await(ran.done, "the callback of SetTimeout(%v), after %s", delay, after)
		if took < delay || t.exact && took > delay {
			t.errorf("SetTimeout(%v) ran after %v, after %s", delay, took, after)
		}
	}
	next(40*time.Millisecond, "an earlier timer was stopped")

	// A timer that is over is not counted as pending, nor as one less.
	var own eventloop.Timer
	known, over := newSignal(), newSignal()
	own = l.SetTimeout(0, func() {
		<-known.done
		own.Stop()
		over.give()
	})
	known.give()
	t.await(over.done, "the callback of SetTimeout(0)")
	for range 3 {
		own.Stop()
	}
	next(20*time.Millisecond, "one that had run was stopped")

	// Others stay in their order, whichever is stopped.
	const n = 30
	var ran list[*setting]
	var timers [n]eventloop.Timer
	for i := range n {
		timers[i] = set(l, &ran, 0, i, time.Duration(n-i)*time.Millisecond/4, 0)
	}
	stopped := 0
	for i := 0; i < n; i += 3 {
		if timers[i].Stop() {
			stopped++
		}
	}
	t.counts(ran.len, n-stopped, "%d timers after others were stopped", n-stopped)
	t.checkOrder(ran.all())
}

func stoppedTimersAreFree(t *trial) {
	for _, how := range []string{"idle", "busy"} {
		l := t.newLoop()
		r := t.start(l)
		if how == "busy" {
			var next func()
			next = func() {
				if t.virtual {
					time.Sleep(time.Second) // a busy loop would stop the clock
				}
				l.CallSoon(next)
			}
			next()
		}
		t.keepsNoStopped(l, how)
		t.stop(r)
	}
}

// keepsNoStopped sets and stops timers while l runs.
func (t *trial) keepsNoStopped(l eventloop.Loop, how string) {
	// To keep a timer takes far more than perTimer bytes: at the least a
	// deadline and a pointer to the callback.
	const batch, tries, perTimer = 1000, 7, 16
	round := func() {
		for range batch {
			l.SetTimeout(2*virtualPatience, func() {}).Stop()
		}
		// By the time this has run the loop has had its next turn.
		turned := newSignal()
		l.SetTimeout(0, turned.give)
		t.await(turned.done, "the callback of SetTimeout(0), after %d timers were set and stopped", batch)
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
		if heap() < before+uint64(n*perTimer) {
			return
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
	type held struct {
		call  string
		alive func() bool
	}
	var all []held
	set := func(call string, delay time.Duration, stop bool) {
		callback, alive := capture(func() {})
		timer := l.SetTimeout(delay, callback)
		if stop {
			timer.Stop()
		}
		timers = append(timers, timer)
		all = append(all, held{call, alive})
	}
	check := func() {
		for _, held := range all {
			t.freed(held.alive, "the callback of %s to be let go of", held.call)
		}
		all = all[:0]
	}
	set("SetTimeout(1h), stopped before Run", time.Hour, true)
	check()

	set("SetTimeout(0), which has run", 0, false)
	set("SetTimeout(1ms), which has run", time.Millisecond, false)
	soon := func(call string) *signal {
		ran := newSignal()
		callback, alive := capture(ran.give)
		l.CallSoon(callback)
		all = append(all, held{call, alive})
		return ran
	}
	soon("CallSoon, which has run first")
	soon("CallSoon, which has run")
	t.start(l)
	set("SetTimeout(1h), stopped while the loop runs", time.Hour, true)
	last := newSignal()
	l.SetTimeout(2*time.Millisecond, last.give)
	t.await(last.done, "the callback of SetTimeout(2ms)")
	ran := soon("CallSoon, which has run last")
	t.await(ran.done, "the callback of CallSoon")
	check()
	runtime.KeepAlive(timers)
	runtime.KeepAlive(l)
}

// capture returns a callback that captures something and calls f, and a
// function that reports whether that something is still reachable.
func capture(f func()) (callback func(), alive func() bool) {
	captured := new([1 << 10]byte)
	pointer := weak.Make(captured)
	callback = func() {
		captured[0]++
		f()
	}
	return callback, func() bool {
		runtime.GC()
		return pointer.Value() != nil
	}
}
