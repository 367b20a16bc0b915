package queue_test

import (
	"testing"

	"go.uber.org/goleak"

	"example.com/eventloop"
	queue "example.com/eventloop/docs/workshop/exercises/02_queue"
	"example.com/eventloop/looptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	newLoop := func() eventloop.Loop { return queue.New() }
	looptest.Run(t, newLoop)
	if t.Failed() { // it may hang, which has been said
		return
	}
	t.Run("WaitsLikeStage2", func(t *testing.T) {
		want := looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Spins}
		if got := looptest.Waits(t, newLoop); got != want {
			t.Errorf("%v; with no timer, the timer loop should be asleep at its queue", got)
		}
	})
}
