package queue_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/bench"
	"example.com/eventloop/looptest"
	queue "example.com/eventloop/stage2_queue"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("runtime.handleEvent")) // WebAssembly's own
}

func newLoop() eventloop.Loop { return queue.New() }

func TestContract(t *testing.T) { looptest.Run(t, newLoop) }

// How this stage waits, without a meter: see looptest.Waits.
func TestWaits(t *testing.T) {
	assert.Equal(t, looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Spins}, looptest.Waits(t, newLoop))
}

// What this stage costs: go test -run="^$" -bench="." ./stage2_queue
func BenchmarkLoop(b *testing.B) { bench.Run(b, newLoop) }

func Example() {
	loop := queue.New()
	ctx, cancel := context.WithCancel(context.Background())
	var ran []string
	loop.SetTimeout(20*time.Millisecond, cancel)
	loop.SetTimeout(10*time.Millisecond, func() { ran = append(ran, "10 ms later") })
	loop.CallSoon(func() { ran = append(ran, "soon") })
	err := loop.Run(ctx)
	fmt.Printf("%q, and then: %v\n", ran, err)
	// Output: ["soon" "10 ms later"], and then: context canceled
}
