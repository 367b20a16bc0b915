package wakeup_test

import (
	"testing"

	"go.uber.org/goleak"

	"example.com/eventloop"
	wakeup "example.com/eventloop/docs/workshop/exercises/04_wakeup"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	looptest.RunVirtual(t, func() eventloop.Loop { return wakeup.New() })
}
