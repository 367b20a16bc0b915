package lane

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/eventloop"
)

// In each stage the timer loop and the callback loop are told apart, and seen to do
// what they do.
func TestReportSeesBothLoops(t *testing.T) {
	for n, want := range map[int][2]string{1: {"runs", "runs"}, 2: {"waits", "runs"}, 3: {"waits", "waits"}} {
		w := watchStage(t, n)
		w.order(Order{Do: DoTimeout, ID: 1, Delay: 600_000, Count: 1})
		w.until(func(r Report) bool {
			does := map[bool]string{}
			for _, g := range r.Loops {
				does[g.Run] = g.Does
			}
			return r.Pending == 1 && len(r.Loops) == 2 && [2]string{does[true], does[false]} == want
		})
		if n == 3 {
			for _, g := range w.last.Loops {
				assert.Regexp(t, map[bool]string{true: `^callbacks\.go:\d+$`, false: `^timers\.go:\d+$`}[g.Run], g.At)
			}
		}
		w.end()
	}
}

// A nap is chapter 1's: not a spin, and no sleep either.
func TestReportConvictsTheNap(t *testing.T) {
	w := watchLoop(t, 1, func() eventloop.Loop { return &napping{Loop: newLoop(3)()} })
	w.until(func(r Report) bool { return r.State == Naps && r.Stands == nil })
}

type napping struct {
	eventloop.Loop
	turns atomic.Uint64
}

func (n *napping) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		n.turns.Add(1000) // however slow the machine
		time.Sleep(time.Millisecond)
	}
	return context.Cause(ctx)
}

func (n *napping) Turns() uint64 { return n.turns.Load() }

func TestParseTrace(t *testing.T) {
	assert.Equal(t, []Goroutine{
		{Run: true, Does: "waits", At: "callbacks.go:85"},
		{Does: "naps", At: "timers.go:97"},
		{Does: "runs", At: "deep.go:3"},
	}, parseTrace(`goroutine 1 [chan receive]:
main.main()
	/home/me/main.go:8 +0x1

goroutine 9 gp=0xc0 m=nil mp=0x3 [sleep, 2 minutes, locked to thread]:
time.Sleep(0x1)
	`+goLibrary+`runtime/time.go:363 +0x165
example.com/mine.(*timerLoop).run(0x1)
	C:/home/me/mine/timers.go:97 +0x2e
created by sync.(*WaitGroup).Go in goroutine 21
	`+goLibrary+`sync/waitgroup.go:238 +0x73

goroutine 10 [running]:
example.com/mine.deep(...)
	/home/me/mine/deep.go:3
created by example.com/mine.f in goroutine 9
	/home/me/mine/f.go:1 +0x1

goroutine 21 [select]:
example.com/mine.(*callbackLoop).run(0x1)
	/home/me/mine/callbacks.go:85 +0x1
example.com/eventloop/bench/live/lane.runLoop(0x1)
	`+here+`lane.go:120 +0x1
created by example.com/eventloop/bench/live/lane.run in goroutine 1
	`+here+`lane.go:100 +0x1

goroutine 30 [runnable]:
example.com/mine.other()
	/home/me/mine/other.go:1 +0x1
created by main.main in goroutine 1
	/home/me/main.go:8 +0x1

gorout`))
}

func TestState(t *testing.T) {
	round := figures{spins: true}
	runs, naps, waits := Goroutine{Does: "runs"}, Goroutine{Does: "naps"}, Goroutine{Does: "waits"}
	assert.Equal(t, Asleep, state(figures{}, []Goroutine{runs}), "caught at a turn it had reason for")
	assert.Equal(t, Spins, state(round, []Goroutine{naps, runs}))
	assert.Equal(t, Naps, state(round, []Goroutine{naps, waits}))
	assert.Equal(t, Spins, state(round, nil), "by its turns alone")
}
