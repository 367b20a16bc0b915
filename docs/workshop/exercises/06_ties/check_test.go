package ties_test

import (
	"testing"

	"go.uber.org/goleak"

	"example.com/eventloop"
	ties "example.com/eventloop/docs/workshop/exercises/06_ties"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	looptest.RunVirtual(t, func() eventloop.Loop { return ties.New() })
}
