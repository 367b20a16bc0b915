// Package question is the benchmark that one writes first, and the one that
// tells the truth. Chapter 0 begins with them.
//
//	go test -bench="." ./bench/question
package question

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/bench"
	polling "example.com/eventloop/stage1_polling"
	queue "example.com/eventloop/stage2_queue"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var stages = []struct {
	name    string
	newLoop func() eventloop.Loop
}{
	{"stage1", func() eventloop.Loop { return polling.New() }},
	{"stage2", func() eventloop.Loop { return queue.New() }},
	{"stage3", func() eventloop.Loop { return event.New() }},
}

// How long does a timer of 20 ms take?
func BenchmarkTimer20ms(b *testing.B) {
	for _, stage := range stages {
		b.Run(stage.name, func(b *testing.B) {
			loop := stage.newLoop()
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
	for _, stage := range stages {
		b.Run(stage.name, func(b *testing.B) { bench.Waiting(b, stage.newLoop, 1) })
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
