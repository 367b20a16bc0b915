package attack

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"example.com/eventloop"
)

// A Report is what came of a soak.
type Report struct {
	Tally
	Rounds      int
	First, Last uint64 // bytes reachable after the third round and after the last
}

// String returns the report as one sentence.
func (r Report) String() string {
	return fmt.Sprintf("%d rounds, %d callbacks added, %d ran, %d stopped; lost %d, twice %d, early %d, out of order %d; heap %d KiB, then %d KiB",
		r.Rounds, r.Added, r.Ran, r.Stopped, r.Lost, r.Twice, r.Early, r.Order, r.First>>10, r.Last>>10)
}

// Soak does all at once to one loop, for so long: goroutines set, stop and call
// soon; callbacks add callbacks, panic, call Goexit, cancel, sleep. Each round
// ends when every callback has run or has been stopped. A broken rule is an
// error, and so is a heap that has grown by more than a loop may keep for later.
func Soak(l eventloop.Loop, long time.Duration) (Report, error) {
	begun := time.Now()
	return soakWhile(l, func(Report) bool { return time.Since(begun) < long })
}

// soakWhile makes one round, and others while more says so.
func soakWhile(l eventloop.Loop, more func(Report) bool) (Report, error) {
	var r Report
	for r.Rounds == 0 || more(r) {
		a := NewAccount(l)
		err := soakRound(a, uint64(r.Rounds))
		r.Tally = r.Tally.Plus(a.Tally())
		r.Rounds++
		r.Last = reachable()
		if r.Rounds == 3 { // what is made room for once has been
			r.First = r.Last
		}
		if err != nil {
			return r, err
		}
	}
	if r.Rounds > 3 && r.Last > r.First+roomToKeep {
		return r, fmt.Errorf("after %d rounds %d KiB are reachable, after 3 it was %d KiB", r.Rounds, r.Last>>10, r.First>>10)
	}
	return r, nil
}

// roomToKeep is in bytes: slices that were needed in one round and may be again.
const roomToKeep = 16 << 20

// reachable returns the size of all that is reachable.
func reachable() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func soakRound(a *Account, seed uint64) error {
	const goroutines, actions = 8, 3000
	cancel, end := serve(a.Loop)
	forever := a.Loop.SetTimeout(1000*time.Hour, func() {})
	defer forever.Stop()
	var all sync.WaitGroup
	for g := range uint64(goroutines) {
		all.Go(func() {
			random := rand.New(rand.NewPCG(seed, g))
			for range actions {
				soakAction(a, random.Uint64(), cancel)
				if random.IntN(100) == 0 {
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
	all.Wait()
	return settle(a, end)
}

// soakAction does what the bits of choice say.
func soakAction(a *Account, choice uint64, cancel func()) {
	delay := time.Duration(choice>>32) % (4 * time.Millisecond)
	switch choice % 1000 {
	case 0:
		a.CallSoon(func() { panic(errFault) })
	case 1:
		a.SetTimeout(delay, func() { panic(errFault) })
	case 2:
		a.CallSoon(runtime.Goexit)
	case 3:
		a.SetTimeout(delay, runtime.Goexit)
	case 4:
		a.SetTimeout(delay, cancel)
	case 5:
		cancel()
	case 6:
		a.SetTimeout(delay, func() { time.Sleep(delay) })
	case 7:
		a.CallSoon(func() {
			for i := range 100 {
				a.SetTimeout(delay+time.Duration(i), nil)
			}
		})
	case 8:
		a.SetTimeout(time.Hour, nil).Stop()
	default:
		switch choice % 4 {
		case 0:
			a.CallSoon(nil)
		case 1:
			a.SetTimeout(delay, nil)
		case 2:
			timer := a.SetTimeout(delay, nil)
			a.SetTimeout(delay, func() { timer.Stop() })
		case 3:
			timer := a.SetTimeout(delay, nil)
			runtime.Gosched()
			timer.Stop()
		}
	}
}
