package bounded_test

import (
	"runtime"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"example.com/eventloop"
	bounded "example.com/eventloop/docs/workshop/exercises/03_bounded"
	"example.com/eventloop/docs/workshop/exercises/internal/checks"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	if t.Run("NoBound", noBound) { // else it hangs, which has been said
		looptest.RunVirtual(t, func() eventloop.Loop { return bounded.New() })
	}
}

// A callback adds more callbacks than any buffer that one would make.
func noBound(t *testing.T) {
	const n = 1_500_000
	synctest.Test(t, func(t *testing.T) {
		l := bounded.New()
		var added, ran, goroutines int
		count := func() { ran++ }
		end := checks.Start(l)
		l.CallSoon(func() {
			before := runtime.NumGoroutine()
			for ; added < n && goroutines < 100; added++ {
				l.CallSoon(count)
				if added%10_000 == 0 {
					goroutines = runtime.NumGoroutine() - before
				}
			}
		})
		synctest.Wait() // all goroutines sleep: the work is done, or nobody will do it
		switch {
		case goroutines >= 100:
			t.Errorf("\nseen: a callback called CallSoon %d times, and that has started %d goroutines\nrule: callbacks of CallSoon begin in the order in which they were added; goroutines have no order", added, goroutines)
		case added < n:
			t.Fatalf("\nseen: a callback called CallSoon, and call number %d waits for ever\nrule: CallSoon never waits for the loop, nor for a callback: here the loop itself is waiting", added+1)
		case ran < n:
			t.Errorf("\nseen: a callback called CallSoon %d times, and %d callbacks have run\nrule: every callback runs, however many wait", n, ran)
		}
		end()
	})
}
