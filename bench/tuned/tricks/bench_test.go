package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"example.com/eventloop"
	"example.com/eventloop/bench/tuned"
)

// These benchmarks are small, for one trick at a time. How the loop does beside others
// is in bench/peers.

// start returns a loop that runs until the benchmark ends.
func start(b *testing.B) *tuned.Loop {
	l := tuned.New()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { l.Run(ctx) })
	b.Cleanup(func() { cancel(); running.Wait() })
	return l
}

// share calls f from several goroutines at once, b.N times in all, for each number of
// goroutines. Until the loop has called back once more is part of it.
func share(b *testing.B, f func(l *tuned.Loop)) {
	for _, goroutines := range []int{1, 4} {
		b.Run(fmt.Sprintf("goroutines=%d", goroutines), func(b *testing.B) {
			l := start(b)
			defer l.SetTimeout(time.Hour, nothing).Stop()
			var all sync.WaitGroup
			for g := range goroutines {
				all.Go(func() {
					for i := g; i < b.N; i += goroutines {
						f(l)
					}
				})
			}
			all.Wait()
			done := make(chan struct{})
			l.CallSoon(func() { close(done) })
			<-done
		})
	}
}

func nothing() {}

func BenchmarkSetStop(b *testing.B) {
	share(b, func(l *tuned.Loop) { l.SetTimeout(2*time.Hour, nothing).Stop() })
}

func BenchmarkCallSoon(b *testing.B) { share(b, func(l *tuned.Loop) { l.CallSoon(nothing) }) }

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
	l := start(b)
	for b.Loop() {
		left, done := timers, make(chan struct{})
		callback := func() {
			if left--; left == 0 {
				close(done)
			}
		}
		for range timers {
			l.SetTimeout(rand.N(10*time.Millisecond), callback)
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
			l := start(b)
			timers := make([]eventloop.Timer, pending)
			for i := range timers {
				timers[i] = l.SetTimeout(time.Hour+rand.N(time.Hour), nothing)
			}
			replace := func() {
				for i := range timers {
					timer := &timers[i*7919%pending] // not the neighbour
					(*timer).Stop()
					*timer = l.SetTimeout(time.Hour+rand.N(time.Hour), nothing)
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
