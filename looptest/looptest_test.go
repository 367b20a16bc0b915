package looptest_test

import (
	"testing"

	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type fault string

const losesWakeUps fault = "loses wake-ups"

func TestRun(t *testing.T) {
	looptest.Run(t, func() eventloop.Loop { return newLoop("") })
}

func TestRunVirtual(t *testing.T) {
	looptest.RunVirtual(t, func() eventloop.Loop { return newLoop("") })
}

func TestWaits(t *testing.T) {
	t.Log(looptest.Waits(t, func() eventloop.Loop { return newLoop("") }))
}
