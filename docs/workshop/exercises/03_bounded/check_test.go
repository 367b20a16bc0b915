package bounded_test

import (
	"testing"

	"go.uber.org/goleak"

	"example.com/eventloop"
	bounded "example.com/eventloop/docs/workshop/exercises/03_bounded"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	looptest.RunVirtual(t, func() eventloop.Loop { return bounded.New() })
}
