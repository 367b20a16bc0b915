package bench

import (
	"context"
	"flag"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/internal/loops"
)

// TestMain says what to look at, where all benchmarks are run.
func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "." {
		os.Stdout.WriteString(`# What to look at: Timer20ms takes every stage 20 ms (ns/op), so time says nothing.
# Meanwhile says what the cores did. %cpu is CPU time in percent of one core, as top
# shows it: 200 is two cores. turns/s is how often the loop went round: 0 if it slept.
# impl=none is the same without a loop, and impl=AfterFunc is Go's own timer.
# More on each line: go doc ./bench. All of it as one table: go run ./bench/table.
`)
	}
	goleak.VerifyTestMain(m)
}

// How long does a timer of 20 ms take?
func BenchmarkTimer20ms(b *testing.B) {
	for _, stage := range loops.Stages {
		b.Run("impl="+stage.Dir, func(b *testing.B) {
			loop := stage.New()
			defer runInBackground(loop)()
			for b.Loop() {
				fired := make(chan struct{})
				loop.SetTimeout(20*time.Millisecond, func() { close(fired) })
				<-fired
			}
		})
	}
}

// And what did the machine do meanwhile?
func BenchmarkMeanwhile(b *testing.B) {
	for _, stage := range loops.Stages {
		b.Run("impl="+stage.Dir, func(b *testing.B) { Waiting(b, stage.New, 1) })
	}
}

// runInBackground runs a loop until the function it returns is called.
func runInBackground(loop eventloop.Loop) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { loop.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// An impl is what a scenario measures.
type impl struct {
	name    string
	newLoop func() eventloop.Loop
}

var (
	// What stands beside the stages, so that their figures can be judged: no loop
	// at all, and package time.
	harnessAlone = impl{"none", func() eventloop.Loop { return none{} }}
	packageTime  = impl{"AfterFunc", func() eventloop.Loop { return afterFunc{} }}
)

// each runs a scenario on the others and on each stage.
func each(b *testing.B, scenario func(*testing.B, func() eventloop.Loop), others ...impl) {
	for _, stage := range loops.Stages {
		others = append(others, impl{stage.Dir, stage.New})
	}
	for _, impl := range others {
		b.Run("impl="+impl.name, func(b *testing.B) { scenario(b, impl.newLoop) })
	}
}

func BenchmarkIdle(b *testing.B) { each(b, Idle, harnessAlone) }

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
