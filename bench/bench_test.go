package bench

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/bench/tuned"
	polling "example.com/eventloop/stage1_polling"
	queue "example.com/eventloop/stage2_queue"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An impl is a column of the table.
type impl struct {
	name    string
	newLoop func() eventloop.Loop
}

var (
	harnessAlone = impl{"none", func() eventloop.Loop { return none{} }}
	packageTime  = impl{"AfterFunc", func() eventloop.Loop { return afterFunc{} }}

	stages = []impl{
		{"stage1_polling", func() eventloop.Loop { return polling.New() }},
		{"stage2_queue", func() eventloop.Loop { return queue.New() }},
		{"stage3_event", func() eventloop.Loop { return event.New() }},
		{"tuned", func() eventloop.Loop { return tuned.New() }}, // stage 3 made fast
	}
)

// each runs a scenario for every stage, and for what else it makes sense for.
func each(b *testing.B, scenario func(*testing.B, func() eventloop.Loop), others ...impl) {
	for _, impl := range append(others, stages...) {
		b.Run("impl="+impl.name, func(b *testing.B) { scenario(b, impl.newLoop) })
	}
}

func BenchmarkIdle(b *testing.B) {
	each(b, Idle, harnessAlone)
}

func BenchmarkWaiting(b *testing.B) {
	each(b, func(b *testing.B, newLoop func() eventloop.Loop) {
		b.Run("timers=1", func(b *testing.B) { Waiting(b, newLoop, 1) })
		b.Run("timers=100", func(b *testing.B) { Waiting(b, newLoop, 100) })
		b.Run("timers=10000", func(b *testing.B) { Waiting(b, newLoop, 10_000) })
	}, harnessAlone, packageTime)
}

func BenchmarkFiring(b *testing.B) { each(b, Firing, packageTime) }

func BenchmarkSetStop(b *testing.B) { each(b, SetStop, harnessAlone, packageTime) }

func BenchmarkCallSoon(b *testing.B) { each(b, CallSoon, harnessAlone) }

func BenchmarkLateness(b *testing.B) { each(b, Lateness, packageTime) }

// none is no loop at all: what is measured with it is the harness alone. It
// has no part in Firing and Lateness, where nothing would ever happen.
type none struct{}

func (none) Run(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

func (none) SetTimeout(time.Duration, func()) eventloop.Timer { return none{} }
func (none) Stop() bool                                       { return true }
func (none) CallSoon(callback func())                         { callback() }
func (none) Turns() uint64                                    { return 0 }

// afterFunc is package time dressed as a loop. It is no event loop: each
// callback gets a goroutine of its own. That is also why it has no part in
// CallSoon.
type afterFunc struct{ none }

func (afterFunc) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	return time.AfterFunc(delay, callback)
}
