package looptest_test

import (
	"fmt"
	"testing"

	"example.com/eventloop"
	"example.com/eventloop/looptest"
)

// The whole of a test for a loop of your own. New stands for its constructor.
func ExampleRun() {
	TestLoop := func(t *testing.T) {
		newLoop := func() eventloop.Loop { return New() }
		looptest.Run(t, newLoop)
		want := looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Blocks}
		if got := looptest.Waits(t, newLoop); got != want {
			t.Errorf("it waits like this: %v; want: %v", got, want)
		}
	}
	_ = TestLoop // in a _test.go file: func TestLoop(t *testing.T) { … }
}

func ExampleWaiting() {
	fmt.Println(looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Spins})
	fmt.Println(looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Blocks})
	fmt.Println(looptest.Waiting{Idle: looptest.Naps, Pending: looptest.Naps})
	fmt.Println(looptest.Waiting{Idle: looptest.Spins, Pending: looptest.Spins}, looptest.Mode(0))
	// Output:
	// idle: blocks, timer pending: spins (waits like stage 2)
	// idle: blocks, timer pending: blocks (waits like stage 3)
	// idle: naps, timer pending: naps (waits like none of the stages)
	// idle: spins, timer pending: spins (waits like stage 1) Mode(0)
}

// New returns a loop that keeps the contract.
func New() eventloop.Loop { return newLoop(oneLoop) }
