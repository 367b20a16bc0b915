package event

import (
	"fmt"
	"testing"
	"time"

	"example.com/eventloop"
)

// What a set, a stop and a turn cost by themselves, with no other goroutine. (What the
// whole loop costs is in package bench.)
//
//	go test -run="^$" -bench="." ./stage3_event
func BenchmarkSet(b *testing.B) {
	l := New()
	for b.Loop() {
		l.SetTimeout(time.Hour, func() {})
	}
}

func BenchmarkStop(b *testing.B) {
	const n = 10_000
	l := New()
	timers := make([]eventloop.Timer, n)
	for b.Loop() {
		b.StopTimer()
		for i := range timers {
			timers[i] = l.SetTimeout(time.Hour, func() {})
		}
		l.timers.turn()
		b.StartTimer()
		for _, timer := range timers {
			timer.Stop()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/op")
}

// BenchmarkTurn is a turn in which nothing has come and nothing is due.
func BenchmarkTurn(b *testing.B) {
	for _, pending := range []int{1, 1_000_000} {
		b.Run(fmt.Sprintf("pending=%d", pending), func(b *testing.B) {
			l := New()
			for range pending {
				l.SetTimeout(time.Hour, func() {})
			}
			l.timers.turn()
			for b.Loop() {
				l.timers.turn()
			}
		})
	}
}
