package attack

import (
	"context"
	"runtime"
	"testing"
	"time"
	"weak"

	"example.com/eventloop"
)

// Memory sees that the loops of newLoop keep nothing of callbacks that are over. After a
// burst of callbacks that run, or of timers that are stopped when they are due, the loop
// gives their room back, although nothing comes after them. And a Run that ends in the
// middle of what was due keeps the rest for the next Run, but not the callbacks that
// have run.
func Memory(t *testing.T, newLoop func() eventloop.Loop) {
	t.Run("ended", func(t *testing.T) { keepsOnlyPending(t, newLoop()) })
	t.Run("ran", func(t *testing.T) {
		burst(t, newLoop(), func(l eventloop.Loop, n int) func() {
			for range n / 2 {
				l.CallSoon(func() {})
				l.SetTimeout(0, func() {})
			}
			return func() {}
		})
	})
	t.Run("stopped", func(t *testing.T) {
		burst(t, newLoop(), func(l eventloop.Loop, n int) func() {
			timers := make([]eventloop.Timer, n)
			for i := range timers {
				timers[i] = l.SetTimeout(0, func() {})
			}
			return func() {
				for _, timer := range timers {
					timer.Stop()
				}
			}
		})
	})
}

func keepsOnlyPending(t *testing.T, l eventloop.Loop) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	captured := new([1 << 10]byte)
	held := weak.Make(captured)
	l.CallSoon(func() {
		captured[0]++
		cancel()
	})
	l.CallSoon(func() {}) // the rest
	_ = l.Run(ctx)
	runtime.GC()
	if held.Value() != nil {
		t.Error("a callback that has run is kept: the loop lets go of it when it begins")
	}
	runtime.KeepAlive(l)
}

// burst adds so many callbacks while the loop is busy, so that all of them wait at once.
// over is called when the timers among them are due.
func burst(t *testing.T, l eventloop.Loop, add func(l eventloop.Loop, n int) (over func())) {
	n := size(0, 1<<18, 1<<15)
	allowed := uint64(n) * 4 // the least that can be left of a callback is a pointer
	before := reachable()
	_, end := serve(l)
	busy, free := make(chan struct{}), make(chan struct{})
	l.CallSoon(func() { close(busy); <-free })
	<-busy
	over := add(l, n)
	time.Sleep(time.Duration(n) * 200 * time.Nanosecond) // the timer loop hands most of them over
	over()
	done := make(chan struct{})
	l.CallSoon(func() { close(done) })
	close(free)
	<-done
	// Stages 1 and 2 drop stopped timers in their next turn.
	after := reachable()
	for begun := time.Now(); after > before+allowed && time.Since(begun) < patience; after = reachable() {
		time.Sleep(10 * time.Millisecond)
	}
	if after > before+allowed {
		t.Errorf("%d bytes are reachable after a burst of %d callbacks that are over, %d before", after, n, before)
	}
	end()
}
