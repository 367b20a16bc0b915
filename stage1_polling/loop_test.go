package polling_test

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
	polling "example.com/eventloop/stage1_polling"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("runtime.handleEvent")) // WebAssembly's own
}

func newLoop() eventloop.Loop { return polling.New() }

func TestContract(t *testing.T) { looptest.Run(t, newLoop) }

// How this stage waits, without a meter: see looptest.Waits.
func TestWaits(t *testing.T) {
	assert.Equal(t, looptest.Waiting{Idle: looptest.Spins, Pending: looptest.Spins}, looptest.Waits(t, newLoop))
}

// What this stage costs: go test -run="^$" -bench="." ./stage1_polling
func BenchmarkLoop(b *testing.B) { bench.Run(b, newLoop) }

func Example() {
	loop := polling.New()
	ctx, cancel := context.WithCancel(context.Background())
	var ran []string
	loop.SetTimeout(20*time.Millisecond, cancel)
	loop.SetTimeout(10*time.Millisecond, func() { ran = append(ran, "10 ms later") })
	loop.CallSoon(func() { ran = append(ran, "soon") })
	err := loop.Run(ctx)
	fmt.Printf("%q, and then: %v\n", ran, err)
	// Output: ["soon" "10 ms later"], and then: context canceled
}
