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
	waits := t.Run("WaitsLikeStage2", func(t *testing.T) {
		want := looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Spins}
		if got := looptest.Waits(t, newLoop); got != want {
			t.Errorf("\nseen: %v\nrule: with no timer, the timer loop is asleep at its queue; with one, it looks at it again and again", got)
		}
	})
	if waits {
		looptest.Run(t, newLoop)
	}
}
