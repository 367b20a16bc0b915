package panics_test

import (
	"testing"

	"go.uber.org/goleak"

	"example.com/eventloop"
	panics "example.com/eventloop/docs/workshop/exercises/08_panic"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	looptest.RunVirtual(t, func() eventloop.Loop { return panics.New() })
}
