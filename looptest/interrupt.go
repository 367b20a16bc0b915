package looptest

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// A wake-up is lost in a moment of a few nanoseconds: the loop has looked and
// found nothing to do, somebody adds something and wakes a loop that is not yet
// asleep, and then it falls asleep. Left to chance, that moment is met once in
// ten thousand tries. Two things here meet it on purpose.
//
// A context that gives way lets others run whenever the loop looks at it. A loop
// that does so just before it falls asleep, as in
//
//	select {
//	case <-ctx.Done():
//	case <-wake:
//	}
//
// is met in its first turn, on any system.
//
// And the garbage collector, run again and again, stops each goroutine for a moment
// to look at its stack, wherever that goroutine stands. On two cores, one is the
// collector's. So whatever waits for the other core goes on while the loop stands
// still, for one in ten collections between looking and sleeping. A few hundred
// collections meet that moment in the loops of lost_test.go whose event has no room,
// or is cleared after the look, in one goroutine or in two.
//
// What they do not meet surely: a moment of a few instructions, with no call of a
// function in it. A goroutine is hardly ever stopped there. A loop that compares a
// new timer's deadline before it takes its lock is of that kind. On a machine
// that is busy fewer collections are made in the time there is. And in WebAssembly
// nothing stops a goroutine, and only the context is left.

// givingWay is a context that lets others run when it is looked at: every second
// time, by chance, since a loop may look at it before it looks for work, too.
type givingWay struct{ context.Context }

func (c givingWay) Err() error {
	giveWay()
	return c.Context.Err()
}

func (c givingWay) Done() <-chan struct{} {
	giveWay()
	return c.Context.Done()
}

func giveWay() {
	for range rand.IntN(2) * 3 {
		runtime.Gosched()
	}
}

// interruption is how long collections go on at most, should the machine be busy.
var interruption = 2 * time.Second

// hasty has all tests be small. It is for tests of this package.
var hasty bool

// A collector runs the garbage collector again and again. It stands outside the
// bubble: inside, it would keep the clock from moving.
type collector struct {
	orders chan struct{} // to begin; of capacity 1, since nobody waits for a taker
	left   atomic.Int64  // how many collections
}

func newCollector(small bool) *collector {
	limit := interruption
	if small {
		limit /= 5
	}
	c := &collector{orders: make(chan struct{}, 1)}
	go func() {
		for range c.orders {
			for end := time.Now().Add(limit); c.left.Load() > 0 && time.Now().Before(end); c.left.Add(-1) {
				runtime.GC()
			}
			c.left.Store(0)
		}
	}()
	return c
}

// interrupted calls f again and again while the garbage collector, that many times,
// stops goroutines.
func (t *trial) interrupted(collections int, f func()) {
	release := onCores(2)
	defer release()
	defer t.collector.left.Store(0)
	t.collector.left.Store(int64(collections))
	t.collector.orders <- struct{}{}
	for t.collector.left.Load() > 0 {
		f()
	}
}

func noWakeUpLost(t *trial) {
	for _, test := range []struct {
		ctx         context.Context
		kinds       int  // of what is added, of those in addWhileItFallsAsleep
		pending     bool // a timer, for long
		collections int
	}{
		{givingWay{context.Background()}, 5, false, 10},
		{context.Background(), 1, false, 300},
		{context.Background(), 5, false, 400},
		{context.Background(), 5, true, 400},
	} {
		if t.waits.Idle == Spins && test.ctx == context.Background() {
			break // it never falls asleep
		}
		if t.virtual && t.waits.Pending != Blocks { // then the clock stands still while a timer is pending
			test.kinds = min(test.kinds, 2)
			test.pending = false
		}
		l := t.newLoop()
		r := t.startWith(l, test.ctx)
		if test.pending {
			l.SetTimeout(2*virtualPatience, func() {})
		}
		t.interrupted(test.collections, func() { t.addWhileItFallsAsleep(l, test.kinds) })
		t.stop(r)
	}
}

// addWhileItFallsAsleep adds something to a loop that has just run something and
// is on its way to sleep, and waits until that has run, too.
func (t *trial) addWhileItFallsAsleep(l eventloop.Loop, kinds int) {
	ran := newSignal()
	var call string
	switch rand.IntN(kinds) {
	case 0:
		call = "CallSoon"
		l.CallSoon(ran.give)
	case 1:
		call = "SetTimeout(0)"
		l.SetTimeout(0, ran.give)
	case 2:
		call = "SetTimeout(1µs)"
		l.SetTimeout(time.Microsecond, ran.give)
	case 3:
		call = "SetTimeout(0), called just when another timer fell due and"
		l.SetTimeout(time.Microsecond, func() {})
		time.Sleep(time.Microsecond)
		l.SetTimeout(0, ran.give)
	case 4:
		call = "SetTimeout(2µs), an earlier timer being stopped,"
		head := l.SetTimeout(time.Microsecond, func() {})
		l.SetTimeout(2*time.Microsecond, ran.give)
		head.Stop()
	}
	t.await(ran.done, "the callback of %s added while the loop fell asleep (a lost wake-up?)", call)
}
