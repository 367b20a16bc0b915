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

// A wake-up is lost in a moment of a few nanoseconds: the loop has looked and
// found nothing to do, somebody adds something and wakes a loop that is not yet
// asleep, and then it falls asleep. By chance that moment is met once in ten thousand
// tries. Three things here meet it on purpose.
//
// A context that gives way lets others run whenever the loop looks at it. A loop
// that does so in the select in which it falls asleep is met in its first turn, on any
// system.
//
// A crowd sets and stops timers that wake nobody, and so keeps the loop's lock busy.
// Then others wait at the lock behind the loop's last look, and what they have
// compared before is out of date when they get the lock.
//
// And a sweep wakes the loop, watches it make a turn, and adds something a little
// later: by a time that differs with each of many thousand tries, and that covers all
// that a loop does between looking and sleeping. On two cores the loop goes on
// meanwhile.
//
// In the loops of TestLostWakeUps, which have one goroutine or two, each of these is
// found in 39 of 40 runs or in all: an event with no room, one that is cleared after
// the look, a deadline that is compared before the lock is taken. Stage 3 is quicker:
// there it was 20, 7 and 16 of 20 runs, and so CI asks with -count=20. On one core a
// moment of a few instructions is not found surely. WebAssembly has only the context.

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

// hasty has all tests be small. It is for tests of this package.
var hasty bool

func noWakeUpLost(t *trial) {
	defer onCores(2)()
	const never = 2 * virtualPatience
	test := func(ctx context.Context, kinds, n int) {
		l := t.newLoop()
		r := t.startWith(l, ctx)
		if kinds > 2 {
			l.SetTimeout(never, func() {})
		}
		for range n {
			t.addWhileItFallsAsleep(l, kinds)
		}
		t.stop(r)
	}
	all := len(sweepWays)
	if t.virtual && t.waits.Pending != Blocks { // then the clock stands still while a timer is pending
		all = 2
	}
	test(givingWay{context.Background()}, all, 100)
	if t.waits.Idle == Spins || runtime.GOOS == "js" {
		return // it never falls asleep, or nothing else runs while it does
	}
	if t.waits.Pending == Blocks {
		l := t.newLoop()
		t.start(l)
		l.SetTimeout(never, func() {})
		for range t.size(1000) {
			t.addInACrowd(l, never)
		}
	}
	sweep := 5000
	switch {
	case t.small:
		sweep /= 50
	case raceEnabled:
		sweep /= 2
	}
	test(context.Background(), 1, sweep)
	test(context.Background(), all, 4*sweep)
}

// sweepWays are what a sweep adds. The first two need no clock that moves, and so suit
// any loop.
var sweepWays = [...]way{
	callSoon,
	setTimeout(0),
	setTimeout(time.Microsecond),
	{"SetTimeout(0s), called just when another timer fell due", func(l eventloop.Loop, callback func()) {
		l.SetTimeout(time.Microsecond, func() {})
		time.Sleep(time.Microsecond)
		l.SetTimeout(0, callback)
	}},
	{"SetTimeout(2µs), an earlier timer being stopped", func(l eventloop.Loop, callback func()) {
		head := l.SetTimeout(time.Microsecond, func() {})
		l.SetTimeout(2*time.Microsecond, callback)
		head.Stop()
	}},
}

// addWhileItFallsAsleep wakes the loop, adds something while it is on its way back to
// sleep, and waits until that has run.
func (t *trial) addWhileItFallsAsleep(l eventloop.Loop, kinds int) {
	kind := rand.IntN(kinds)
	turns := l.Turns()
	sweepWays[rand.IntN(min(kinds, 2))].add(l, func() {})
	for i := 1; l.Turns() == turns && i < 10_000; i++ {
		if i%1000 == 0 {
			runtime.Gosched()
		}
	}
	for range rand.IntN(500) { // about a nanosecond each
		l.Turns()
	}
	t.runs(l, sweepWays[kind], "added while the loop fell asleep (a lost wake-up?)")
}

// addInACrowd sets timers that are due at once, so that the first of them wakes the
// loop, while others set and stop timers that are not due for long. Those end after a
// while: where they meet at no lock, they would keep the setters from the cores.
func (t *trial) addInACrowd(l eventloop.Loop, long time.Duration) {
	const crowd, setters, most = 3, 3, 1000
	var enough atomic.Bool
	var others, set sync.WaitGroup
	for range crowd {
		others.Go(func() {
			for i := 0; i < most && !enough.Load(); i++ {
				l.SetTimeout(long, func() {}).Stop()
			}
		})
	}
	var ran atomic.Int64
	for range setters {
		set.Go(func() { l.SetTimeout(0, func() { ran.Add(1) }) })
	}
	set.Wait()
	enough.Store(true)
	others.Wait()
	t.counts(loads(&ran), setters, "the callbacks of %d SetTimeout(0s), called at once in as many goroutines (a lost wake-up?)", setters)
}
