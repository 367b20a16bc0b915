package looptest

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// The cases about time and order.

func neverEarly(t *trial) {
	l := t.newLoop()
	var ran atomic.Int64
	set := func(delay time.Duration) {
		called := time.Now()
		l.SetTimeout(delay, func() {
			if after := time.Since(called); after < delay {
				t.errorf("SetTimeout(%v) ran after %v", delay, after)
			}
			ran.Add(1)
		})
	}
	delays := []time.Duration{
		1, time.Microsecond, 999 * time.Microsecond, time.Millisecond, 1500 * time.Microsecond,
		1999999, 2000001, 5 * time.Millisecond, 7777777, 20 * time.Millisecond,
	}
	setAll := func() {
		for _, delay := range delays {
			set(delay)
		}
	}
	setAll() // before Run
	t.start(l)
	setAll() // while the loop is busy
	t.settle()
	for _, delay := range delays { // while it sleeps
		n := ran.Load()
		set(delay)
		t.until(func() bool { return ran.Load() > n }, "the callback of SetTimeout(%v)", delay)
	}
	l.CallSoon(setAll) // in a callback
	total := 4 * len(delays)
	t.counts(loads(&ran), total, "%d callbacks", total)
}

func onTime(t *trial) {
	l := t.newLoop()
	t.start(l)
	for _, delay := range []time.Duration{0, 1, time.Millisecond, time.Hour, 365 * 24 * time.Hour} {
		t.settle()
		called, ran := time.Now(), newSignal()
		var after time.Duration
		l.SetTimeout(delay, func() {
			after = time.Since(called)
			ran.give()
		})
		t.await(ran.done, "the callback of SetTimeout(%v)", delay)
		if after != delay {
			t.errorf("SetTimeout(%v) ran after %v", delay, after)
		}
	}
}

func negativeIsZero(t *trial) {
	l := t.newLoop()
	delays := []time.Duration{0, -time.Hour, math.MinInt64, -1, 0, math.MinInt64 + 1}
	set := func(ran *list[int]) {
		for i, delay := range delays {
			l.SetTimeout(delay, func() { ran.add(i) })
		}
	}
	check := func(ran *list[int], when string) {
		t.counts(ran.len, len(delays), "the callbacks of SetTimeout, called %s with the delays %v", when, delays)
		if order := ran.all(); !slices.IsSorted(order) {
			t.errorf("SetTimeout, called %s with the delays %v, ran them in the order %v", when, delays, order)
		}
	}
	var before, during list[int]
	set(&before)
	t.start(l)
	check(&before, "before Run")
	l.CallSoon(func() { set(&during) })
	check(&during, "in a callback")
}

func hugeDelayWaits(t *trial) {
	l := t.newLoop()
	delays := []time.Duration{math.MaxInt64, math.MaxInt64 - 1, math.MaxInt64 - time.Hour, math.MaxInt64 / 2, 100 * 365 * 24 * time.Hour}
	var stops []func() bool
	setAll := func() {
		for _, delay := range delays {
			timer := l.SetTimeout(delay, func() { t.errorf("SetTimeout(%v) ran", delay) })
			stops = append(stops, timer.Stop)
		}
	}
	setAll()
	t.start(l)
	t.settle()
	setAll()
	// They neither run nor keep the loop from those that are due sooner.
	for _, delay := range []time.Duration{0, 20 * time.Millisecond} {
		ran := newSignal()
		l.SetTimeout(delay, ran.give)
		t.await(ran.done, "the callback of SetTimeout(%v), with huge delays pending", delay)
	}
	if t.virtual {
		time.Sleep(365 * 24 * time.Hour)
	}
	for i, stop := range stops {
		if !stop() {
			t.errorf("SetTimeout(%v).Stop() = false", delays[i%len(delays)])
		}
	}
}

func soonerTimerWakes(t *trial) {
	l := t.newLoop()
	t.start(l)
	l.SetTimeout(time.Hour, func() {})
	for delay := 20 * time.Millisecond; delay > time.Millisecond; delay /= 2 {
		// The loop goes to sleep until the last timer that is pending …
		l.SetTimeout(time.Hour-delay, func() {})
		t.settle()
		// … and has to be woken for this one.
		called, ran := time.Now(), newSignal()
		var after time.Duration
		l.SetTimeout(delay, func() {
			after = time.Since(called)
			ran.give()
		})
		t.await(ran.done, "the callback of SetTimeout(%v), called while a timer of an hour was pending", delay)
		if t.virtual && after > time.Minute {
			t.errorf("SetTimeout(%v), called while a timer of an hour was pending, ran after %v", delay, after)
		}
	}
}

// A setting is one call of SetTimeout and what is known about its deadline.
type setting struct {
	by, n            int // the n-th call of goroutine number by
	delay            time.Duration
	earliest, latest time.Time // the deadline is between these
	began            time.Time // when its callback did
}

// set calls SetTimeout with a callback that adds the call to ran, after work.
func set(l eventloop.Loop, ran *list[*setting], by, n int, delay, work time.Duration) eventloop.Timer {
	s := &setting{by: by, n: n, delay: delay, earliest: time.Now().Add(delay)}
	t := l.SetTimeout(delay, func() {
		s.began = time.Now()
		if work > 0 {
			time.Sleep(work)
		}
		ran.add(s)
	})
	s.latest = time.Now().Add(s.delay)
	return t
}

func randomDelay(random *rand.Rand, below time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(below)))
}

// checkOrder reports two timers of which the later ran first. It claims only
// what is certain: that one deadline was before another if the instants between
// which they lie do not overlap, or if one goroutine set both and the first of
// them with no longer delay.
func (t *trial) checkOrder(ran []*setting) {
	for i, first := range ran {
		for _, second := range ran[i+1:] {
			if second.latest.Before(first.earliest) {
				t.errorf("SetTimeout(%v) ran before SetTimeout(%v), which was due %v earlier or more",
					first.delay, second.delay, first.earliest.Sub(second.latest))
				return
			}
			if second.by == first.by && second.n < first.n && second.delay <= first.delay {
				t.errorf("SetTimeout(%v) ran before SetTimeout(%v), which was set first", first.delay, second.delay)
				return
			}
		}
	}
}

func orderByDeadline(t *trial) {
	const n = 100
	l := t.newLoop()
	random := rand.New(rand.NewPCG(1, 2))
	var ran list[*setting]
	setAll := func(by int) {
		for i := range n {
			set(l, &ran, by, i, time.Duration(random.IntN(20))*time.Millisecond, 0)
		}
	}
	setAll(0)
	time.Sleep(25 * time.Millisecond) // all are due when Run begins
	t.start(l)
	setAll(1)
	t.counts(ran.len, 2*n, "the callbacks of %d SetTimeout(0 to 19ms)", 2*n)
	// Each sooner than the one before, and the last ones due at once.
	l.CallSoon(func() {
		for i := range n {
			set(l, &ran, 2, i, time.Duration(max(0, n-10-i))*100*time.Microsecond, 0)
		}
	})
	t.counts(ran.len, 3*n, "the callbacks of %d SetTimeout in a callback", n)
	t.checkOrder(ran.all())
}

func orderUnderLoad(t *trial) {
	const setters, n = 4, 150
	l := t.newLoop()
	var ran list[*setting]
	setAll := func(by int) {
		random := rand.New(rand.NewPCG(3, uint64(by)))
		for i := range n {
			var work time.Duration
			if i%10 == 0 {
				work = 100 * time.Microsecond // others fall due meanwhile
			}
			set(l, &ran, by, i, randomDelay(random, 5*time.Millisecond), work)
		}
	}
	setAll(0)
	t.start(l)
	var others sync.WaitGroup
	for by := 1; by < setters; by++ {
		others.Go(func() { setAll(by) })
	}
	others.Wait()
	t.counts(ran.len, setters*n, "the callbacks of %d SetTimeout(0 to 5ms)", setters*n)
	t.checkOrder(ran.all())
}

func tiesInOrderSet(t *trial) {
	const n = 50 // enough for a sort that is not stable to show it
	l := t.newLoop()
	var ran list[int]
	next := 0
	set := func(delay time.Duration) {
		for range n {
			i := next
			next++
			l.SetTimeout(delay, func() { ran.add(i) })
		}
	}
	// All these are due in three seconds. Nothing runs meanwhile, not even the
	// loop, so that in the bubble the time passes and then stands still.
	set(3 * time.Second)
	time.Sleep(time.Second)
	set(2 * time.Second)
	time.Sleep(time.Second)
	set(time.Second)
	time.Sleep(time.Second)
	set(0)
	total := 4 * n

	// The last of them goes on in the same instant.
	done := newSignal()
	l.SetTimeout(0, func() {
		set(0)
		l.SetTimeout(0, done.give)
	})
	total += n
	t.start(l)
	t.await(done.done, "the callbacks of %d SetTimeout due at one instant", total)
	if order := ran.all(); !slices.IsSorted(order) || len(order) != total {
		t.errorf("%d SetTimeout due at one instant ran in the order %v", total, order)
	}
}

func callSoonStarvesNoTimer(t *trial) {
	l := t.newLoop()
	starve(t, l, "CallSoon", l.CallSoon, func(waiting func(string, func(func()))) {
		waiting("SetTimeout(0)", func(f func()) { l.SetTimeout(0, f) })
		waiting("SetTimeout(5ms)", func(f func()) { l.SetTimeout(5*time.Millisecond, f) })
	})
}

func timersStarveNoCallSoon(t *trial) {
	l := t.newLoop()
	starve(t, l, "SetTimeout(0)", func(f func()) { l.SetTimeout(0, f) }, func(waiting func(string, func(func()))) {
		waiting("CallSoon", l.CallSoon)
	})
}

func timersStarveNoTimer(t *trial) {
	l := t.newLoop()
	starve(t, l, "SetTimeout(0)", func(f func()) { l.SetTimeout(0, f) }, func(waiting func(string, func(func()))) {
		waiting("SetTimeout(5ms)", func(f func()) { l.SetTimeout(5*time.Millisecond, f) })
	})
}

// starve keeps l busy with chains of callbacks, each adding the next, and waits
// for one callback of another kind after the other.
func starve(t *trial, l eventloop.Loop, chain string, add func(func()), each func(func(string, func(func())))) {
	t.start(l)
	var links atomic.Int64
	stop := newSignal()
	defer stop.give()
	var next func()
	next = func() {
		links.Add(1)
		if t.virtual {
			time.Sleep(time.Second) // a busy loop would stop the clock
		}
		select {
		case <-stop.done:
		default:
			add(next)
		}
	}
	for range 3 {
		add(next)
	}
	each(func(call string, add func(func())) {
		ran := newSignal()
		add(ran.give)
		if !t.virtual {
			t.await(ran.done, "the callback of %s during a chain of %s", call, chain)
			return
		}
		select {
		case <-ran.done:
		case <-time.After(time.Hour):
			t.fatalf("%s has waited for an hour and %d callbacks of %s", call, links.Load(), chain)
		}
	})
}
