package tuned_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/bench/tuned"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("runtime.handleEvent")) // WebAssembly's own
}

func newLoop() eventloop.Loop { return tuned.New() }

func TestContract(t *testing.T) { looptest.Run(t, newLoop) }

// How it waits, without a meter: see looptest.Waits.
func TestWaits(t *testing.T) {
	assert.Equal(t, looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Blocks}, looptest.Waits(t, newLoop))
}

// The contract once more, to the nanosecond: only a loop that blocks can live
// in a bubble where time moves when all are asleep.
func TestContractVirtual(t *testing.T) { looptest.RunVirtual(t, newLoop) }
