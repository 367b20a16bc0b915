package tuned_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/eventloop"
	"example.com/eventloop/bench"
	"example.com/eventloop/bench/tuned"
)

// BenchmarkLoop gives this loop a column beside the stages: go run ./bench/table ./bench
// ./bench/tuned.
func BenchmarkLoop(b *testing.B) {
	b.Run("impl=tuned", func(b *testing.B) { bench.Run(b, newLoop) })
}

// The benchmarks from here on are small, for one trick at a time: bench/tuned/tricks runs
// each of them with and without it. How the loop does beside others is in bench/peers.

// start returns a loop that runs until the benchmark ends.
func start(b *testing.B) *tuned.Loop {
	l := tuned.New()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { l.Run(ctx) })
	b.Cleanup(func() { cancel(); running.Wait() })
	return l
}

// share calls f from several goroutines at once, b.N times in all.
func share(b *testing.B, goroutines int, f func()) {
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := g; i < b.N; i += goroutines {
				f()
			}
		})
	}
	all.Wait()
}

func nothing() {}

func BenchmarkSetStop(b *testing.B) {
	for _, goroutines := range []int{1, 4} {
		b.Run(fmt.Sprintf("goroutines=%d", goroutines), func(b *testing.B) {
			l := start(b)
			defer l.SetTimeout(time.Hour, nothing).Stop()
			share(b, goroutines, func() { l.SetTimeout(2*time.Hour, nothing).Stop() })
		})
	}
}

func BenchmarkCallSoon(b *testing.B) {
	for _, goroutines := range []int{1, 4} {
		b.Run(fmt.Sprintf("goroutines=%d", goroutines), func(b *testing.B) {
			l := start(b)
			done := make(chan struct{})
			var left atomic.Int64
			left.Store(int64(b.N))
			callback := func() {
				if left.Add(-1) == 0 {
					close(done)
				}
			}
			share(b, goroutines, func() { l.CallSoon(callback) })
			<-done
		})
	}
}

// A callback that adds the next: each is a turn of its own.
func BenchmarkChain(b *testing.B) {
	l := start(b)
	done := make(chan struct{})
	left := b.N
	var next func()
	next = func() {
		if left--; left == 0 {
			close(done)
		} else {
			l.CallSoon(next)
		}
	}
	l.CallSoon(next)
	<-done
}

// Many timers with random delays over 10 ms, from the first call to the last callback.
func BenchmarkFire(b *testing.B) {
	const timers = 100_000
	random := rand.New(rand.NewPCG(1, 2))
	delays := make([]time.Duration, timers)
	for i := range delays {
		delays[i] = time.Duration(random.Int64N(int64(10 * time.Millisecond)))
	}
	l := start(b)
	for b.Loop() {
		left, done := timers, make(chan struct{})
		callback := func() {
			if left--; left == 0 {
				close(done)
			}
		}
		for _, delay := range delays {
			l.SetTimeout(delay, callback)
		}
		<-done
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*timers), "ns/op")
}

// Stop one of the pending and set another: as many as are pending, so that whatever
// is put off is done.
func BenchmarkReplace(b *testing.B) {
	for _, pending := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("pending=%d", pending), func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 2))
			delay := func() time.Duration { return time.Hour + time.Duration(random.Int64N(int64(time.Hour))) }
			l := start(b)
			timers := make([]eventloop.Timer, pending)
			for i := range timers {
				timers[i] = l.SetTimeout(delay(), nothing)
			}
			place := 0
			replace := func() {
				for range pending {
					place = (place + 7919) % pending // not the neighbour
					timers[place].Stop()
					timers[place] = l.SetTimeout(delay(), nothing)
				}
			}
			replace()
			for b.Loop() {
				replace()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*pending), "ns/op")
		})
	}
}
