package head_test

import (
	"testing"

	"go.uber.org/goleak"

	"example.com/eventloop"
	head "example.com/eventloop/docs/workshop/exercises/07_head"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	looptest.RunVirtual(t, func() eventloop.Loop { return head.New() })
}
