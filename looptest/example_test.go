package looptest_test

import (
	"fmt"

	"example.com/eventloop/looptest"
)

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
