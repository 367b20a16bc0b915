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
// And the garbage collector, run again and again, stops each goroutine for a moment
// to look at its stack, wherever that goroutine stands. On two cores, one is the
// collector's. So whatever waits for the other core goes on while the loop stands
// still, for one in ten collections between looking and sleeping.
//
// Found in twenty of twenty runs, in the loops of TestLostWakeUps, one goroutine or
// two: an event with no room, an event that is cleared after the look, and a deadline
// that is compared before the lock is taken. In a loop as short as stage 3 the first
// was found in 40 of 40 runs, the third in 36, and the second, which lasts a few
// instructions, in 16 only, on a busy machine. Not found surely is any moment of a few
// instructions, with no lock and no call of a function in it. In WebAssembly nothing
// stops a goroutine, and only the context is left.

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

// interruption is how long collections, or a crowd, go on at most, should the machine
// be busy.
var interruption = 2 * time.Second

// hasty has all tests be small. It is for tests of this package.
var hasty bool

// collect runs the garbage collector as often as the test wants. It is called outside
// the bubble: inside, it would keep the clock from moving.
func (t *trial) collect() {
	limit := interruption
	if t.small {
		limit /= 5
	}
	for end := time.Now().Add(limit); t.collections.Load() > 0 && time.Now().Before(end); t.collections.Add(-1) {
		runtime.GC()
	}
	t.collections.Store(0)
}

func noWakeUpLost(t *trial) {
	release := onCores(2)
	defer release()
	defer t.collections.Store(0)
	never := 2 * virtualPatience
	test := func(ctx context.Context, kinds int, collections int64) {
		l := t.newLoop()
		r := t.startWith(l, ctx)
		if kinds > 2 {
			l.SetTimeout(never, func() {})
		}
		t.collections.Store(collections)
		for t.collections.Load() > 0 {
			t.addWhileItFallsAsleep(l, kinds)
		}
		t.stop(r)
	}
	all := 5
	if t.virtual && t.waits.Pending != Blocks { // then the clock stands still while a timer is pending
		all = 2
	}
	test(givingWay{context.Background()}, all, 10)
	if t.waits.Idle == Spins {
		return // it never falls asleep
	}
	if t.waits.Pending == Blocks && runtime.GOOS != "js" { // where a crowd would let nobody else run
		l := t.newLoop()
		t.start(l)
		l.SetTimeout(never, func() {})
		for range t.size(200) {
			t.addInACrowd(l, never)
		}
	}
	test(context.Background(), 1, 150)
	test(context.Background(), all, 250)
}

// addWhileItFallsAsleep adds something to a loop that has just run something and
// is on its way to sleep, and waits until that has run, too.
func (t *trial) addWhileItFallsAsleep(l eventloop.Loop, kinds int) {
	w := [...]way{
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
	}[rand.IntN(kinds)]
	t.runs(l, w, "added while the loop fell asleep (a lost wake-up?)")
}

// addInACrowd sets timers that are due at once, so that the first of them wakes the
// loop, while others set and stop timers that are not due for long.
func (t *trial) addInACrowd(l eventloop.Loop, long time.Duration) {
	const crowd, setters = 3, 3
	var enough atomic.Bool
	var others, set sync.WaitGroup
	for range crowd {
		others.Go(func() {
			for !enough.Load() {
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
