package attack

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/eventloop"
)

// On one core an endless chain of callbacks could keep the timer loop from its
// turn until the runtime takes the core away: for 10 ms and more, and for ever
// where it never does (WebAssembly). So the callback loop gives way by itself.
//
// How late the timers are is nobody's promise. How many links of the chain run
// meanwhile does not depend on how fast the machine is: it is counted in turns.
func TestChainGivesWayOnOneCore(t *testing.T) {
	const (
		timers  = 20
		allowed = 500 // links for each of them; without giving way, 20,000 and more
	)
	for _, stage := range loops {
		t.Run(stage.name, func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			ctx, cancel := context.WithCancel(t.Context())
			loop := stage.new()
			var due time.Time // of the next timer, or somewhat later
			links, ran := 0, 0
			var link, next func()
			link = func() {
				if time.Now().After(due) {
					links++
				}
				loop.CallSoon(link)
			}
			set := func() {
				loop.SetTimeout(time.Millisecond, next)
				due = time.Now().Add(time.Millisecond)
			}
			next = func() {
				if ran++; ran == timers {
					cancel()
					return
				}
				set()
			}
			set()
			loop.CallSoon(link)
			assert.ErrorIs(t, loop.Run(ctx), context.Canceled)
			assert.LessOrEqual(t, links, timers*allowed, "links of the chain that ran while a timer was due")
			t.Logf("%d timers, %d links while one was due", ran, links)
		})
	}
}

// A caller that lets others run for a moment gets the core back after a few turns,
// whatever the loop does meanwhile: it spins, or a callback always adds another. If
// the loop never gave way, the caller would get it back when the runtime takes it away:
// 10 ms and many thousands of turns later.
func TestSpinningLoopGivesWayOnOneCore(t *testing.T) {
	givesWay(t, func(loop eventloop.Loop) { loop.SetTimeout(time.Hour, func() {}) })
}

func TestChainLetsCallersGoOnOnOneCore(t *testing.T) {
	givesWay(t, func(loop eventloop.Loop) {
		var link func()
		link = func() { loop.CallSoon(link) }
		link()
	})
}

func givesWay(t *testing.T, begin func(eventloop.Loop)) {
	const (
		times   = 20
		allowed = 500 // turns for each of them
	)
	for _, stage := range loops {
		t.Run(stage.name, func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			loop := stage.new()
			_, end := serve(loop)
			begin(loop)
			running := make(chan struct{})
			loop.CallSoon(func() { close(running) })
			<-running

			before := loop.Turns()
			for range times {
				runtime.Gosched()
			}
			turns := loop.Turns() - before
			end() // before anything is written: WebAssembly can't while a loop spins
			assert.LessOrEqual(t, turns, uint64(times*allowed), "turns while a caller let others run")
			t.Logf("%d turns while a caller let others run %d times", turns, times)
		})
	}
}
