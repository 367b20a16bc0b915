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
	Rounds       int
	First, Last  uint64 // bytes reachable after the first round and after the last
	TimersAtOnce int
}

// String returns the report as one sentence.
func (r Report) String() string {
	return fmt.Sprintf("%d rounds, %d callbacks added, %d ran, %d stopped; lost %d, twice %d, early %d, out of order %d; heap %d KiB, then %d KiB",
		r.Rounds, r.Added, r.Ran, r.Stopped, r.Lost, r.Twice, r.Early, r.Order, r.First>>10, r.Last>>10)
}

// Soak does all at once to one loop, for so long: goroutines set, stop and call
// soon; callbacks add callbacks, panic, call Goexit, cancel, sleep. Each round
// ends when every callback has run or has been stopped.
func Soak(l eventloop.Loop, long time.Duration) (Report, error) {
	var r Report
	for begun := time.Now(); r.Rounds == 0 || time.Since(begun) < long; {
		a := NewAccount(l)
		soakRound(a, uint64(r.Rounds))
		r.Tally = r.Tally.Plus(a.Tally())
		r.Rounds++
		r.Last = reachable()
		if r.Rounds == 3 { // what is made room for once has been
			r.First = r.Last
		}
		if err := r.Err(); err != nil {
			return r, err
		}
	}
	return r, nil
}

// reachable returns the size of all that is reachable.
func reachable() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func soakRound(a *Account, seed uint64) {
	const goroutines, actions = 8, 3000
	cancel, end := serve(a.Loop)
	defer end()
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
	settle(a)
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
