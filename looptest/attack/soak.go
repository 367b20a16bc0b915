package attack

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/eventloop"
)

// Soak does all at once to one loop, for as long as -soak says: goroutines set, stop
// and call soon, while callbacks add callbacks, panic, call Goexit, cancel and sleep.
// Each round ends when every callback has run or has been stopped. Soak fails if a
// callback was lost, ran twice or though stopped, ran early or out of order, and if the
// heap has grown by more than a loop may keep for later.
func Soak(t *testing.T, newLoop func() eventloop.Loop) {
	t.Helper()
	long := max(*soakFlag, 0)
	if long == 0 && !testing.Short() {
		long = 300 * time.Millisecond
	}
	begun, tell := time.Now(), telling(t)
	report, err := soakWhile(newLoop(), func(rounds int, report string) bool {
		t.Helper()
		tell("%v: %s", time.Since(begun).Round(time.Second), report)
		return time.Since(begun) < long
	})
	t.Log(report)
	if err != nil {
		t.Error(err)
	}
}

// roomToKeep is in bytes: slices that were needed in one round and may be again.
const roomToKeep = 16 << 20

// soakWhile makes one round, and others while more says so. It returns a report.
func soakWhile(l eventloop.Loop, more func(rounds int, report string) bool) (report string, err error) {
	a := newAccount(l)
	var before, now uint64
	for rounds := 1; ; rounds++ {
		soakRound(a, uint64(rounds))
		now = reachable()
		if rounds <= 3 { // what is made room for once has been
			before = now
		}
		report = fmt.Sprintf("%d rounds, %v; heap %d KiB, now %d KiB", rounds, a, before>>10, now>>10)
		switch {
		case !a.balances():
			return report, fmt.Errorf("the account does not balance: %v", a)
		case now > before+roomToKeep:
			return report, fmt.Errorf("after %d rounds %d KiB are reachable, after 3 it was %d KiB", rounds, now>>10, before>>10)
		case !more(rounds, report):
			return report, nil
		}
	}
}

// reachable returns the size of the heap without garbage.
func reachable() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func soakRound(a *account, seed uint64) {
	const goroutines = 64
	actions := size(0, 400, 100)
	cancel, end := serve(a.loop)
	forever := a.loop.SetTimeout(1000*time.Hour, func() {})
	defer forever.Stop()
	var shared [256]atomic.Pointer[func()] // how to stop some timers
	var all sync.WaitGroup
	for g := range uint64(goroutines) {
		all.Go(func() {
			random := rand.New(rand.NewPCG(seed, g))
			for range actions {
				soakAction(a, random, cancel, &shared[random.IntN(len(shared))])
				if random.IntN(100) == 0 {
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
	all.Wait()
	settle(a, end)
}

// soakAction does one thing. shared is how to stop a timer of another goroutine, or nil.
func soakAction(a *account, random *rand.Rand, cancel func(), shared *atomic.Pointer[func()]) {
	delay := time.Duration(random.IntN(4_000_000))
	switch random.IntN(400) {
	case 0:
		a.callSoon(func() { panic(errFault) })
	case 1:
		a.setTimeout(delay, func() { panic(errFault) })
	case 2:
		a.callSoon(runtime.Goexit)
	case 3:
		a.setTimeout(delay, runtime.Goexit)
	case 4:
		a.setTimeout(delay, cancel)
	case 5:
		cancel()
	case 6:
		a.setTimeout(delay, func() { time.Sleep(delay / 2) })
	case 7:
		a.callSoon(func() {
			for i := range 1000 {
				a.setTimeout(delay+time.Duration(i), nil)
			}
		})
	case 8:
		a.setTimeout(time.Hour, nil)()
	default:
		stop := a.setTimeout(delay, nil)
		switch random.IntN(4) {
		case 0:
			a.callSoon(nil)
		case 1:
			a.setTimeout(delay, stop)
		case 2:
			if other := shared.Swap(&stop); other != nil {
				(*other)()
			}
		}
	}
}
