package peers

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"example.com/eventloop/bench/cputime"
)

const (
	farOff  = time.Hour
	many    = 10_000 // operations in a round where they are cheap
	several = 4      // goroutines at once
)

// BenchmarkPending is the work done while that many timers are pending, with
// random delays of one to two hours:
//
//	work=keep      bytes of live memory per pending timer
//	work=setstop   set a timer with such a delay, and stop it
//	work=replace   stop one of the pending timers, and set another instead
//
// A timer that is stopped at once may never get into a heap, as the runtime's do;
// replace is there because its timers have been in it. A loop that leaves a stopped
// timer where it is has to clear it away some day: a round of replace stops as many
// as are pending, and so has that day in it.
func BenchmarkPending(b *testing.B) {
	grow := []int{0, 1_000, 10_000, 100_000, 1_000_000}
	for _, row := range []struct {
		impl
		pending []int
	}{{stage3, grow}, {fast, grow}, {afterFunc, grow}, {gojaNodejs, []int{0, 100_000}}} {
		for _, pending := range row.pending {
			b.Run(fmt.Sprintf("impl=%s/pending=%d", row.name, pending), func(b *testing.B) {
				benchmarkPending(b, row.impl, pending)
			})
		}
	}
	b.Run("impl=floor/pending=0", func(b *testing.B) {
		setStop(b, floor.new(nil), 1)
		setStop(b, floor.new(nil), several)
	})
	for _, p := range programs {
		for _, pending := range []int{0, 100_000} {
			p.benchmark(b, fmt.Sprintf("pending=%d/work=setstop/goroutines=1", pending), "setstop", pending)
		}
	}
}

func benchmarkPending(b *testing.B, impl impl, pending int) {
	p := impl.new(func() {})
	far := delays(pending, farOff, 2*farOff)
	p.kept = make([]any, pending)
	before := live()
	gc := debug.SetGCPercent(-1) // setting up is not measured and need not take long
	p.keep(far)
	p.start()
	started := make(chan struct{})
	p.after(0, func() { close(started) })
	<-started
	p.settle()
	debug.SetGCPercent(gc)
	bytes := live() - before
	runtime.KeepAlive(far) // or its memory would be counted as saved
	defer p.stop()

	if pending >= 100_000 {
		b.Run("work=keep", func(b *testing.B) {
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(bytes)/float64(pending), "live-B/timer")
		})
	}
	setStop(b, p, 1)
	setStop(b, p, several)
	if pending > 0 {
		b.Run("work=replace", func(b *testing.B) {
			round := delays(many, farOff, 2*farOff)
			rounds := max(1, pending/many)
			work := func() {
				for range rounds {
					p.replace(round)
				}
				p.settle()
			}
			measure(b, many*rounds, work, work)
		})
	}
}

// setStop measures setting and stopping by that many goroutines at once.
func setStop(b *testing.B, p *peer, goroutines int) {
	b.Run(fmt.Sprintf("work=setstop/goroutines=%d", goroutines), func(b *testing.B) {
		round := delays(many, farOff, 2*farOff)
		work := func() { together(goroutines, round, p.setStop); p.settle() }
		measure(b, many, work, work)
	})
}

// fire sets a timer for each delay and returns after the last callback.
func fire(p *peer, tally *tally, delays []time.Duration) {
	tally.expect(len(delays))
	p.set(delays)
	p.settle()
	tally.wait()
}

// BenchmarkWait is what makes the heap worth it: what does it cost to wait for
// that many timers, and how late is one more? The row impl=none is the process
// without any: some of the packages imported here have goroutines of their own.
func BenchmarkWait(b *testing.B) {
	grow, one := []int{1, 100, 10_000, 100_000, 1_000_000}, []int{1_000}
	for _, row := range []struct {
		impl
		pending []int
	}{
		{impl{"none", nil}, append(one, grow...)}, {stage1, grow}, {stage2, grow}, {stage3, grow}, {fast, grow},
		{afterFunc, one}, {gojaNodejs, one},
	} {
		for _, pending := range row.pending {
			b.Run(fmt.Sprintf("impl=%s/pending=%d", row.name, pending), func(b *testing.B) {
				if row.make == nil {
					asleep(b)
					return
				}
				p := row.new(func() {})
				p.kept = make([]any, pending)
				p.keep(delays(pending, farOff, 2*farOff))
				p.start()
				defer p.stop()
				oneByOne(p, 0) // it has taken up what was pending
				asleep(b)
				reportLateness(b, oneByOne(p, 100*time.Millisecond))
			})
		}
	}
	for _, p := range programs {
		p.benchmark(b, "pending=1000", "wait", 1000)
	}
}

// asleep sleeps, and reports the CPU time that the process takes meanwhile, in
// percent of one core. The memory of the benchmarks before is given back first:
// Go's runtime would do it in the background, and take a percent for it.
func asleep(b *testing.B) {
	debug.FreeOSMemory()
	m := cputime.Start()
	for b.Loop() {
		time.Sleep(200 * time.Millisecond)
	}
	wall, cpu, err := m.Read()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(cputime.Percent(cpu, wall), "%cpu")
	b.ReportMetric(0, "ns/op") // it would be the sleep
}

// BenchmarkFire sets timers with random delays over 10 ms and waits for the
// last callback.
func BenchmarkFire(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		for _, impl := range []impl{stage3, fast, afterFunc, serial, gojaNodejs} {
			b.Run(fmt.Sprintf("impl=%s/timers=%d", impl.name, n), func(b *testing.B) {
				tally := newTally()
				p := impl.new(tally.call)
				p.start()
				defer p.stop()
				d := delays(n, 0, 10*time.Millisecond)
				measure(b, n, func() { fire(p, tally, d[:n/10]) }, func() { fire(p, tally, d) })
			})
		}
	}
	for _, p := range programs {
		p.benchmark(b, "timers=100000", "fire", 100_000)
	}
}

// BenchmarkCallSoon has functions called as soon as possible, from the first
// call to the last callback.
func BenchmarkCallSoon(b *testing.B) {
	const n = 100_000
	share := make([]time.Duration, n) // no delays, only how often
	for _, goroutines := range []int{1, several} {
		for _, impl := range []impl{stage3, fast, gojaNodejs, channel} {
			b.Run(fmt.Sprintf("impl=%s/goroutines=%d", impl.name, goroutines), func(b *testing.B) {
				tally := newTally()
				p := impl.new(nil)
				p.start()
				defer p.stop()
				callback := tally.call // made once
				work := func() {
					tally.expect(n)
					together(goroutines, share, func(share []time.Duration) {
						for range share {
							p.soon(callback)
						}
					})
					tally.wait()
				}
				measure(b, n, work, work)
			})
		}
	}
	for _, p := range programs {
		p.benchmark(b, "goroutines=1", "soon", n)
	}
}

// BenchmarkLateness is the time from a timer's deadline to its callback: of
// timers set one by one, each of 1 to 3 ms (flow=quiet), and of 10,000 a second
// at random (flow=10000).
func BenchmarkLateness(b *testing.B) {
	const long = 500 * time.Millisecond
	for _, impl := range withTimers {
		for _, flowing := range []string{"quiet", "10000"} {
			b.Run(fmt.Sprintf("impl=%s/flow=%s", impl.name, flowing), func(b *testing.B) {
				p := impl.new(func() {})
				p.start()
				defer p.stop()
				oneByOne(p, 0)
				runtime.GC()
				var late []time.Duration
				for b.Loop() {
					if flowing == "quiet" {
						late = append(late, oneByOne(p, long)...)
					} else {
						late = append(late, flow(p, int(10_000*long/time.Second), long)...)
					}
				}
				reportLateness(b, late)
			})
		}
	}
	for _, p := range programs {
		p.benchmark(b, "flow=quiet", "quiet", int(long/time.Millisecond))
		p.benchmark(b, "flow=10000", "flow", int(10_000*long/time.Second))
	}
}

// benchmark runs a program once, which measures itself for as long as it takes,
// and reports what it prints. Where it is not installed there is no such row.
func (p program) benchmark(b *testing.B, row, work string, n int) {
	if _, version := p.command(); version == notInstalled {
		return
	}
	b.Run("impl="+p.name+"/"+row, func(b *testing.B) {
		var metrics map[string]float64
		for b.Loop() {
			var err error
			if metrics, err = p.run(work, strconv.Itoa(n)); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(0, "ns/op") // unless it is among the metrics
		for unit, value := range metrics {
			b.ReportMetric(value, unit)
		}
	})
}
