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
	delays := []time.Duration{
		1, time.Microsecond, 999 * time.Microsecond, time.Millisecond, 1500 * time.Microsecond,
		1999999, 2000001, 5 * time.Millisecond, 7777777, 10 * time.Millisecond,
	}
	l := t.newLoop()
	var ran atomic.Int64
	check := func(delay, after time.Duration) {
		if after < delay {
			t.errorf("SetTimeout(%v) ran after %v", delay, after)
		}
	}
	setAll := func() {
		for _, delay := range delays {
			called := time.Now()
			l.SetTimeout(delay, func() {
				check(delay, time.Since(called))
				ran.Add(1)
			})
		}
	}
	setAll() // before Run
	t.start(l)
	setAll() // while the loop is busy
	t.settle()
	for _, delay := range delays { // while it sleeps
		check(delay, t.runs(l, setTimeout(delay), ""))
	}
	l.CallSoon(setAll) // in a callback
	total := 3 * len(delays)
	t.counts(loads(&ran), total, "%d callbacks", total)
}

func onTime(t *trial) {
	l := t.newLoop()
	t.start(l)
	for _, delay := range []time.Duration{0, 1, time.Millisecond, time.Hour, 365 * 24 * time.Hour} {
		t.settle()
		if after := t.runs(l, setTimeout(delay), ""); after != delay {
			t.errorf("SetTimeout(%v) ran after %v", delay, after)
		}
	}
}

func negativeIsZero(t *trial) {
	l := t.newLoop()
	delays := []time.Duration{0, -time.Hour, math.MinInt64, -1, 0, math.MinInt64 + 1}
	var ran list[int]
	set := func() {
		for i, delay := range delays {
			l.SetTimeout(delay, func() { ran.add(i) })
		}
	}
	set() // before Run
	t.start(l)
	t.counts(ran.len, len(delays), "the callbacks of SetTimeout with the delays %v", delays)
	l.CallSoon(set) // in a callback
	t.counts(ran.len, 2*len(delays), "the callbacks of SetTimeout, called in a callback with the delays %v", delays)
	order := ran.all()
	if before, during := order[:len(delays)], order[len(delays):]; !slices.IsSorted(before) || !slices.IsSorted(during) {
		t.errorf("SetTimeout with the delays %v ran them in the order %v, and in a callback %v", delays, before, during)
	}
}

func hugeDelayWaits(t *trial) {
	l := t.newLoop()
	delays := []time.Duration{math.MaxInt64, math.MaxInt64 - 1, math.MaxInt64 - time.Hour, math.MaxInt64 / 2, virtualPatience}
	var timers []eventloop.Timer
	setAll := func() {
		for _, delay := range delays {
			timers = append(timers, l.SetTimeout(delay, func() { t.errorf("SetTimeout(%v) ran", delay) }))
		}
	}
	setAll()
	t.start(l)
	t.settle()
	setAll()
	// They neither run nor keep the loop from those that are due sooner.
	t.runs(l, setTimeout(0), "with huge delays pending")
	t.runs(l, setTimeout(5*time.Millisecond), "with huge delays pending")
	if t.virtual {
		time.Sleep(365 * 24 * time.Hour)
	}
	for i, timer := range timers {
		if !timer.Stop() {
			t.errorf("SetTimeout(%v).Stop() = false", delays[i%len(delays)])
		}
	}
}

func soonerTimerWakes(t *trial) {
	const pending = "called while a timer of an hour was pending"
	l := t.newLoop()
	t.start(l)
	l.SetTimeout(time.Hour, func() {})
	for delay := 10 * time.Millisecond; delay > time.Millisecond; delay /= 2 {
		// The loop goes to sleep until the last timer that is pending …
		l.SetTimeout(time.Hour-delay, func() {})
		t.settle()
		// … and has to be woken for this one.
		if after := t.runs(l, setTimeout(delay), pending); t.virtual && after > time.Minute {
			t.errorf("SetTimeout(%v), %s, ran after %v", delay, pending, after)
		}
	}
}

// A setting is one call of SetTimeout and what is known about its deadline.
type setting struct {
	by, n            int // the n-th call of goroutine number by
	delay            time.Duration
	earliest, latest time.Time // the deadline is between these
}

// set calls SetTimeout with a callback that adds the call to ran, after work.
func set(l eventloop.Loop, ran *list[*setting], by, n int, delay, work time.Duration) eventloop.Timer {
	s := &setting{by: by, n: n, delay: delay, earliest: time.Now().Add(delay)}
	t := l.SetTimeout(delay, func() {
		if work > 0 {
			time.Sleep(work)
		}
		ran.add(s)
	})
	s.latest = time.Now().Add(s.delay)
	return t
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
	const setters, n = 4, 150
	l := t.newLoop()
	var ran list[*setting]
	setAll := func(by int) {
		for i := range n {
			var work time.Duration
			if i%25 == 0 {
				work = 100 * time.Microsecond // others fall due meanwhile
			}
			set(l, &ran, by, i, rand.N(5*time.Millisecond), work)
		}
	}
	setAll(0)
	time.Sleep(10 * time.Millisecond) // all are due when Run begins
	t.start(l)
	var others sync.WaitGroup
	for by := 1; by < setters; by++ {
		others.Go(func() { setAll(by) })
	}
	others.Wait()
	t.counts(ran.len, setters*n, "the callbacks of %d SetTimeout(0s to 5ms)", setters*n)

	// Each sooner than the one before, and the last ones due at once.
	l.CallSoon(func() {
		for i := range n {
			timer := set(l, &ran, setters, i, time.Duration(max(0, n-10-i))*100*time.Microsecond, 0)
			if i%3 == 0 {
				timer.Stop()
			}
		}
	})
	t.counts(ran.len, setters*n+n*2/3, "the callbacks of %d SetTimeout in a callback, of which each third was stopped", n)
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
	for delay := 3 * time.Second; delay > 0; delay -= time.Second {
		set(delay)
		time.Sleep(time.Second)
	}
	set(0)

	// The last of them goes on in the same instant.
	done := newSignal()
	l.SetTimeout(0, func() {
		set(0)
		l.SetTimeout(0, done.give)
	})
	const total = 5 * n
	t.start(l)
	t.await(done.done, "the callbacks of %d SetTimeout due at one instant", total)
	if order := ran.all(); !slices.IsSorted(order) || len(order) != total {
		t.errorf("%d SetTimeout due at one instant ran in the order %v", total, order)
	}
}

func callSoonStarvesNoTimer(t *trial) {
	starve(t, callSoon, setTimeout(0), setTimeout(5*time.Millisecond))
}

func timersStarveNothing(t *trial) {
	starve(t, setTimeout(0), callSoon, setTimeout(5*time.Millisecond))
}

// starve keeps a loop busy and waits for callbacks of other kinds, one after the other.
func starve(t *trial, busy way, waiting ...way) {
	l := t.newLoop()
	t.start(l)
	stop := t.chain(l, busy)
	defer stop()
	for _, w := range waiting {
		if !t.virtual {
			t.runs(l, w, "during a chain of "+busy.call)
			continue
		}
		ran := newSignal()
		w.add(l, ran.give)
		select {
		case <-ran.done:
		case <-time.After(time.Hour):
			t.fatalf("%s has waited for an hour, with a callback of %s each second", w.call, busy.call)
		}
	}
}

// chain keeps l busy with chains of callbacks, each adding the next, until stop is
// called.
func (t *trial) chain(l eventloop.Loop, w way) (stop func()) {
	enough := newSignal()
	var next func()
	next = func() {
		if t.virtual {
			time.Sleep(time.Second) // a busy loop would stop the clock
		}
		if !enough.given() {
			w.add(l, next)
		}
	}
	for range 3 {
		w.add(l, next)
	}
	return enough.give
}
