package attack

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"

	"example.com/eventloop"
)

// A Run that ends in the middle of what was due keeps the rest for the next one,
// but nothing of the callbacks that have run.
func TestRunKeepsOnlyWhatIsPending(t *testing.T) {
	for _, stage := range loops {
		t.Run(stage.name, func(t *testing.T) {
			l := stage.new()
			ctx, cancel := context.WithCancel(t.Context())
			held := callSoonWith(l, cancel)
			ran := false
			l.CallSoon(func() { ran = true })
			assert.ErrorIs(t, l.Run(ctx), context.Canceled)
			assert.False(t, ran)
			runtime.GC()
			assert.Nil(t, held.Value(), "what the callback that has run had captured")
			runtime.KeepAlive(l)
		})
	}
}

// callSoonWith has CallSoon call f in a callback that captures something, and
// returns a weak pointer to that.
func callSoonWith(l eventloop.Loop, f func()) weak.Pointer[[1 << 10]byte] {
	captured := new([1 << 10]byte)
	l.CallSoon(func() {
		captured[0]++
		f()
	})
	return weak.Make(captured)
}

// What has run is over: a loop that runs for ever does not grow.
func TestWhatHasRunIsFree(t *testing.T) {
	const rounds, each = 1000, 100
	for _, stage := range loops {
		t.Run(stage.name, func(t *testing.T) {
			l := stage.new()
			// Measured when nobody runs: a loop that spins makes garbage meanwhile.
			run := func(rounds int) {
				_, end := serve(l)
				defer end()
				for range rounds {
					done := make(chan struct{})
					for range each / 2 {
						l.CallSoon(func() {})
						l.SetTimeout(0, func() {})
					}
					l.SetTimeout(0, func() { l.CallSoon(func() { close(done) }) })
					<-done
				}
			}
			run(10) // what there is made room for once
			before := reachable()
			run(rounds)
			// The least that could be left of a callback is a pointer.
			assert.Less(t, reachable(), before+rounds*each*8)
			runtime.KeepAlive(l)
		})
	}
}

// A burst, of callbacks that run or of timers that are stopped when they are due,
// leaves nothing that lasts, were the loop idle ever after.
func TestBurstLeavesNothing(t *testing.T) {
	const burst, allowed = 1 << 20, 4 << 20 // the least that could be left is 8 bytes of each
	nothing := func() {}
	for name, add := range map[string]func(l eventloop.Loop) (over func()){
		"ran": func(l eventloop.Loop) func() {
			for range burst {
				l.CallSoon(nothing)
			}
			return nothing
		},
		"stopped": func(l eventloop.Loop) func() {
			timers := make([]eventloop.Timer, burst)
			for i := range timers {
				timers[i] = l.SetTimeout(0, nothing)
			}
			return func() {
				for _, timer := range timers {
					timer.Stop()
				}
			}
		},
	} {
		for _, stage := range loops {
			t.Run(name+"/"+stage.name, func(t *testing.T) {
				l := stage.new()
				before := reachable()
				_, end := serve(l)
				busy, free := make(chan struct{}), make(chan struct{})
				l.CallSoon(func() { close(busy); <-free })
				<-busy // so that all of it comes to wait
				over := add(l)
				time.Sleep(50 * time.Millisecond) // and the timers are due, most of them
				over()
				done := make(chan struct{})
				l.CallSoon(func() { close(done) }) // the last, and after it nothing comes
				close(free)
				<-done
				// Stages 1 and 2 drop what was stopped in their next turn.
				after := reachable()
				for begun := time.Now(); after > before+allowed && time.Since(begun) < patience; after = reachable() {
					time.Sleep(10 * time.Millisecond)
				}
				assert.LessOrEqual(t, after, before+allowed)
				end()
			})
		}
	}
}

// keepsAll is a loop that never lets go of a callback.
type keepsAll struct {
	eventloop.Loop
	mu   sync.Mutex
	kept []*[4 << 10]byte
}

func (l *keepsAll) CallSoon(callback func()) {
	l.mu.Lock()
	l.kept = append(l.kept, new([4 << 10]byte))
	l.mu.Unlock()
	l.Loop.CallSoon(callback)
}

func TestSoakNoticesThatMemoryGrows(t *testing.T) {
	_, err := soakWhile(&keepsAll{Loop: loops[2].new()}, func(r Report) bool { return r.Rounds < 5 })
	assert.ErrorContains(t, err, "are reachable")
}
