package tuned

import (
	stdheap "container/heap"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// BenchmarkHeap asks whether a heap of our own is worth its lines: every timer
// goes in, then every timer comes out, in this heap and in container/heap.
//
//	go test -run=^$ -bench=Heap ./bench/tuned
func BenchmarkHeap(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		entries := make([]entry, n)
		random := rand.New(rand.NewPCG(1, uint64(n)))
		for i := range entries {
			entries[i] = entry{time.Duration(random.Int64N(int64(time.Hour))), &timer{seq: uint64(i)}}
		}
		run := func(impl string, push func(entry), pop func()) {
			b.Run(fmt.Sprintf("impl=%s/timers=%d", impl, n), func(b *testing.B) {
				for b.Loop() {
					for _, e := range entries {
						push(e)
					}
					for range entries {
						pop()
					}
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/timer")
			})
		}
		var ours heap
		run("ours", func(e entry) { ours.push(e) }, func() { ours.pop() })
		var std containerHeap
		run("container", func(e entry) { stdheap.Push(&std, e) }, func() { stdheap.Pop(&std) })
	}
}

// A containerHeap keeps the same entries, and their timers' places, in the way
// of package container/heap.
type containerHeap []entry

func (h containerHeap) Len() int           { return len(h) }
func (h containerHeap) Less(i, j int) bool { return h[i].before(h[j]) }

func (h containerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].timer.index = i
	h[j].timer.index = j
}

func (h *containerHeap) Push(x any) {
	e := x.(entry)
	e.timer.index = len(*h)
	*h = append(*h, e)
}

func (h *containerHeap) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	*h = (*h)[:last]
	return e
}
