package event_test

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
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("runtime.handleEvent")) // WebAssembly's own
}

func newLoop() eventloop.Loop { return event.New() }

func TestContract(t *testing.T) { looptest.Run(t, newLoop) }

// How this stage waits, without a meter: see looptest.Waits.
func TestWaits(t *testing.T) {
	assert.Equal(t, looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Blocks}, looptest.Waits(t, newLoop))
}

// The contract once more, to the nanosecond: only a loop that blocks can live
// in a bubble where time moves when all are asleep.
func TestContractVirtual(t *testing.T) { looptest.RunVirtual(t, newLoop) }

// What this stage costs: go test -run="^$" -bench="." ./stage3_event
func BenchmarkLoop(b *testing.B) { bench.Run(b, newLoop) }

// A set and a stop with others pending: it climbs as far as it can and wakes nobody.
func BenchmarkPending(b *testing.B) {
	for _, pending := range []int{1, 1000, 1_000_000} {
		b.Run(fmt.Sprintf("timers=%d", pending), func(b *testing.B) {
			loop := event.New()
			loop.SetTimeout(time.Minute, func() {})
			for range pending {
				loop.SetTimeout(time.Hour, func() {})
			}
			go func() { _ = loop.Run(b.Context()) }()
			for b.Loop() {
				loop.SetTimeout(30*time.Minute, func() {}).Stop()
			}
		})
	}
}

func Example() {
	loop := event.New()
	ctx, cancel := context.WithCancel(context.Background())
	var ran []string
	loop.SetTimeout(20*time.Millisecond, cancel)
	loop.SetTimeout(10*time.Millisecond, func() { ran = append(ran, "10 ms later") })
	loop.CallSoon(func() { ran = append(ran, "soon") })
	err := loop.Run(ctx)
	fmt.Printf("%q, and then: %v\n", ran, err)
	// Output: ["soon" "10 ms later"], and then: context canceled
}
