package peers

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/eventloop/bench/cputime"
)

// delays returns n delays, at least lo and below hi; always the same ones.
func delays(n int, lo, hi time.Duration) []time.Duration {
	random := rand.New(rand.NewPCG(1, 2))
	d := make([]time.Duration, n)
	for i := range d {
		d[i] = lo + time.Duration(random.Int64N(int64(hi-lo)))
	}
	return d
}

// A tally is the callback of every peer: it counts, and says when it has been
// called as often as was expected.
type tally struct {
	left atomic.Int64
	done chan struct{}
}

func newTally() *tally { return &tally{done: make(chan struct{}, 1)} }

func (t *tally) call() {
	if t.left.Add(-1) == 0 {
		t.done <- struct{}{}
	}
}

func (t *tally) expect(n int) { t.left.Store(int64(n)) }
func (t *tally) wait()        { <-t.done }

// measure reports what one operation costs, where a call of round does n of
// them. What warmUp does is not counted.
func measure(b *testing.B, n int, warmUp, round func()) {
	b.Helper()
	warmUp()
	runtime.GC()
	m := cputime.Start()
	for b.Loop() {
		round()
	}
	_, cpu, err := m.Read()
	if err != nil {
		b.Fatal(err)
	}
	ops := float64(b.N) * float64(n)
	b.ReportMetric(float64(b.Elapsed())/ops, "ns/op")
	b.ReportMetric(float64(cpu)/ops, "cpu-ns/op")
	b.ReportMetric(float64(cpu)/float64(b.Elapsed()), "cores")
}

// together calls work on its share of delays from several goroutines at once
// and waits for all of them.
func together(goroutines int, delays []time.Duration, work func([]time.Duration)) {
	var wg sync.WaitGroup
	for share := range slices.Chunk(delays, len(delays)/goroutines) {
		wg.Go(func() { work(share) })
	}
	wg.Wait()
}

// live returns the bytes on the heap that are still in use.
func live() uint64 {
	runtime.GC()
	runtime.GC() // the first may have begun before the last garbage was made
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// reportLateness reports the distribution of what it sorts.
func reportLateness(b *testing.B, late []time.Duration) {
	b.Helper()
	slices.Sort(late)
	for _, p := range []int{1, 5, 10, 25, 50, 75, 90, 95, 99} {
		b.ReportMetric(late[(len(late)-1)*p/100].Seconds()*1e6, fmt.Sprintf("late-p%02d-µs", p))
	}
	b.ReportMetric(late[len(late)-1].Seconds()*1e6, "late-max-µs")
	b.ReportMetric(0, "ns/op") // it would be the length of the benchmark
}

// oneByOne sets a timer of 1, 2 or 3 ms, the next when it has run, for as long
// as d, and returns how late they were.
func oneByOne(p *peer, d time.Duration) []time.Duration {
	var late []time.Duration
	done := make(chan struct{})
	end := time.Now().Add(d)
	var next func()
	next = func() {
		delay := time.Duration(1+len(late)%3) * time.Millisecond
		set := time.Now()
		p.after(delay, func() {
			late = append(late, time.Since(set)-delay)
			if time.Now().After(end) {
				close(done)
				return
			}
			next()
		})
	}
	next()
	<-done
	return late
}

// flow has timers fall due at random over d, n in all, and returns how late
// they were.
func flow(p *peer, n int, d time.Duration) []time.Duration {
	late := make([]time.Duration, n)
	var all sync.WaitGroup
	all.Add(n)
	// The first is due only when all are set.
	for i, delay := range delays(n, d/10, d+d/10) {
		set := time.Now()
		p.after(delay, func() {
			late[i] = time.Since(set) - delay
			all.Done()
		})
	}
	all.Wait()
	return late
}
