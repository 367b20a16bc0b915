package polling_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/looptest"
	polling "example.com/eventloop/stage1_polling"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("runtime.handleEvent")) // WebAssembly's own
}

func newLoop() eventloop.Loop { return polling.New() }

func TestContract(t *testing.T) { looptest.Run(t, newLoop) }

// How this stage waits, without a meter: see looptest.Waits.
func TestWaits(t *testing.T) {
	assert.Equal(t, looptest.Waiting{Idle: looptest.Spins, Pending: looptest.Spins}, looptest.Waits(t, newLoop))
}
