package bench

import (
	"context"
	"runtime"
	"testing"
	"time"

	"example.com/eventloop"
)

// patience is how long a benchmark waits for something a working loop does at
// once. It bounds no measurement: it is there so that a loop that loses a
// callback gets a sentence instead of silence.
const patience = time.Minute

const nilNewLoop = "bench: newLoop is nil"

// running is a loop that runs, for one benchmark.
type running struct {
	eventloop.Loop
	b      *testing.B
	cancel context.CancelFunc
	ended  chan struct{} // closed when Run has returned; never holds a value
	err    error         // what Run returned; to be read once ended is closed
}

// start makes a loop and runs it, on a goroutine of its own, with the garbage
// of the loop before collected, and returns when it has settled. The caller
// must call stop.
func start(b *testing.B, newLoop func() eventloop.Loop) *running {
	if newLoop == nil {
		panic(nilNewLoop)
	}
	runtime.GC()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{Loop: newLoop(), b: b, cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		r.err = r.Run(ctx)
	}()
	r.settle()
	return r
}

// settle returns when the loop has run a callback, and what was set in motion
// has had time to come to rest.
func (r *running) settle() {
	called := make(chan struct{})
	r.CallSoon(func() { close(called) })
	r.await(called)
	time.Sleep(20 * time.Millisecond)
}

// await returns when done is closed. It fails the benchmark if Run returns
// before that, or when patience is at its end.
func (r *running) await(done <-chan struct{}) {
	r.b.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-done:
	case <-r.ended:
		r.b.Fatalf("Run returned %v, but its context was not done: it runs callbacks until then", r.err)
	case <-limit.C:
		r.b.Fatalf("a callback was not called for %v: package looptest tells which promise the loop breaks", patience)
	}
}

// stop ends the loop and returns when Run has.
func (r *running) stop() {
	r.cancel()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-r.ended:
	case <-limit.C:
		r.b.Errorf("Run did not return for %v after its context was cancelled", patience)
	}
}
