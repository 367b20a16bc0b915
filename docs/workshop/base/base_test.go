package base_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/docs/workshop/base"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newLoop() eventloop.Loop { return base.New(base.Parts{}) }

// The base of the exercises is sound: a failure there is that of the exercise's own part.
// In virtual time, the solutions are tried on it.
func TestContract(t *testing.T) { looptest.Run(t, newLoop) }

func TestWaits(t *testing.T) {
	assert.Equal(t, looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Blocks}, looptest.Waits(t, newLoop))
}
