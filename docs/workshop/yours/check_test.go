package yours_test

import (
	"testing"

	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/bench"
	"example.com/eventloop/docs/workshop/yours"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newLoop() eventloop.Loop { return yours.New() }

// TestCheck tells how your loop waits and tests whether it keeps the contract:
// in virtual time if it sleeps, since there nothing takes long, and else in
// real time.
func TestCheck(t *testing.T) {
	waiting := looptest.Waits(t, newLoop)
	t.Log("verdict:", waiting)
	if waiting.Idle == looptest.Blocks && waiting.Pending == looptest.Blocks {
		looptest.RunVirtual(t, newLoop)
	} else {
		looptest.Run(t, newLoop)
	}
}

// BenchmarkLoop measures your loop in the same scenarios as the stages.
func BenchmarkLoop(b *testing.B) {
	b.Run("impl=yours", func(b *testing.B) { bench.Run(b, newLoop) })
}
