package peers

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"example.com/eventloop"
	"example.com/eventloop/bench/cputime"
	"example.com/eventloop/bench/tuned"
	"example.com/eventloop/stage3_event"
)

const (
	farOff   = time.Hour
	many     = 10_000 // operations in a round where they are cheap
	several  = 4      // goroutines at once
	fireOver = 10 * time.Millisecond
)

// BenchmarkPending is the work done while that many timers are pending, with
// random delays of one to two hours:
//
//	work=keep      bytes of live memory per pending timer
//	work=keephalf  the same, when as many more have been stopped
//	work=setstop   set a timer with such a delay, and stop it
//	work=replace   stop one of the pending timers, and set another instead
//	work=setfire   set timers that are due at once, to the last callback
//
// A timer that is stopped at once may never get into a heap, neither ours nor
// the runtime's; replace is there because its timers have been in it. Whoever
// leaves a stopped timer where it is has to clear it away some day: a round
// of replace stops as many as are pending, and so has that day in it. (Up to 1,000,000: of ten
// times as many a round would take as long as all else here.)
func BenchmarkPending(b *testing.B) {
	grow := []int{0, 1_000, 10_000, 100_000, 1_000_000, 10_000_000}
	for _, row := range []struct {
		impl
		pending []int
	}{
		{stage3, grow}, {fast, grow}, {afterFunc, grow[:5]}, {bareHeap, grow[:5]},
		{gojaNodejs, []int{0, 100_000}}, {wheel, []int{0, 100_000}},
	} {
		for _, pending := range row.pending {
			b.Run(fmt.Sprintf("impl=%s/pending=%d", row.name, pending), func(b *testing.B) {
				benchmarkPending(b, row.impl, pending)
			})
		}
	}
	for _, goroutines := range []int{1, several} {
		b.Run(fmt.Sprintf("impl=%s/pending=0/work=setstop/goroutines=%d", floor.name, goroutines), func(b *testing.B) {
			p, round := floor.new(func() {}), delays(many, farOff, 2*farOff)
			work := func() { together(goroutines, round, p.setStop) }
			measure(b, many, work, work)
		})
	}
	for _, p := range installed() {
		for _, pending := range []int{0, 100_000} {
			b.Run(fmt.Sprintf("impl=%s/pending=%d/work=setstop/goroutines=1", p.name, pending), func(b *testing.B) {
				p.benchmark(b, "setstop", pending)
			})
		}
	}
}

func benchmarkPending(b *testing.B, impl impl, pending int) {
	tally := newTally()
	p := impl.new(tally.call)
	far := delays(pending, farOff, 2*farOff)
	p.reserve(pending)
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
	defer p.end()

	if pending >= 100_000 {
		b.Run("work=keep", func(b *testing.B) {
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(bytes)/float64(pending), "live-B/timer")
		})
	}
	round := delays(many, farOff, 2*farOff)
	for _, goroutines := range []int{1, several} {
		if impl.name == bareHeap.name && goroutines > 1 {
			continue
		}
		b.Run(fmt.Sprintf("work=setstop/goroutines=%d", goroutines), func(b *testing.B) {
			work := func() { together(goroutines, round, p.setStop); p.settle() }
			measure(b, many, work, work)
		})
	}
	if pending >= 100_000 && pending <= 1_000_000 && impl.name != bareHeap.name {
		b.Run("work=keephalf", func(b *testing.B) { benchmarkKeepHalf(b, impl, pending) })
	}
	if pending > 0 && pending <= 1_000_000 {
		b.Run("work=replace", func(b *testing.B) {
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
	now := make([]time.Duration, many)
	b.Run("work=setfire", func(b *testing.B) {
		work := func() { fire(p, tally, now) }
		measure(b, many, work, work)
	})
}

// benchmarkKeepHalf measures the memory of so many pending timers, when as many
// others have been set before and stopped.
func benchmarkKeepHalf(b *testing.B, impl impl, pending int) {
	p := impl.new(func() {})
	defer p.end()
	far := delays(2*pending, farOff, 2*farOff)
	p.reserve(2 * pending)
	before := live()
	p.start()
	p.keep(far)
	oneByOne(p, 0) // it has taken up what is pending
	p.stopHalf()
	p.settle()
	oneByOne(p, 0)
	time.Sleep(50 * time.Millisecond) // what it clears away, it has cleared
	bytes := live() - before
	runtime.KeepAlive(far)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(bytes)/float64(pending), "live-B/timer")
}

// fire sets a timer for each delay and returns after the last callback.
func fire(p peer, tally *tally, delays []time.Duration) {
	tally.expect(len(delays))
	p.set(delays)
	p.settle()
	tally.wait()
}

// BenchmarkWait is what makes the heap worth it: what does it cost to wait for
// that many timers, and how late is one more? The row impl=none is the process
// without any: some of the packages imported here have goroutines of their own.
func BenchmarkWait(b *testing.B) {
	grow := []int{1, 100, 10_000, 100_000, 1_000_000}
	for _, pending := range append([]int{1_000}, grow...) {
		b.Run(fmt.Sprintf("impl=none/pending=%d", pending), func(b *testing.B) {
			b.ReportMetric(asleep(b), "%cpu")
		})
	}
	for _, row := range []struct {
		impl
		pending []int
	}{
		{stage1, grow}, {stage2, grow}, {stage3, grow}, {fast, grow},
		{afterFunc, []int{1_000}}, {gojaNodejs, []int{1_000}}, {wheel, []int{1_000}},
	} {
		for _, pending := range row.pending {
			b.Run(fmt.Sprintf("impl=%s/pending=%d", row.name, pending), func(b *testing.B) {
				benchmarkWait(b, row.impl, pending)
			})
		}
	}
	for _, p := range installed() {
		b.Run(fmt.Sprintf("impl=%s/pending=1000", p.name), func(b *testing.B) {
			p.benchmark(b, "wait", 1000)
		})
	}
}

func benchmarkWait(b *testing.B, impl impl, pending int) {
	p := impl.new(func() {})
	p.reserve(pending)
	p.keep(delays(pending, farOff, 2*farOff))
	p.start()
	defer p.end()
	oneByOne(p, 0) // it has taken up what was pending
	percent := asleep(b)
	reportLateness(b, oneByOne(p, 100*time.Millisecond))
	b.ReportMetric(percent, "%cpu")
}

// asleep sleeps, and returns the CPU time that the process takes meanwhile, in
// percent of one core. The memory of the benchmarks before is given back first:
// Go's runtime would do it in the background, and take a percent for it.
func asleep(b *testing.B) float64 {
	debug.FreeOSMemory()
	before := readUsage(b)
	for b.Loop() {
		time.Sleep(200 * time.Millisecond)
	}
	cpu, err := cputime.Process()
	if err != nil {
		b.Fatal(err)
	}
	return cputime.Percent(cpu-before.cpu, time.Since(before.wall))
}

// BenchmarkFire sets timers with random delays over 10 ms and waits for the
// last callback.
func BenchmarkFire(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		for _, impl := range []impl{stage3, fast, afterFunc, serial, gojaNodejs, wheel, bareHeap} {
			b.Run(fmt.Sprintf("impl=%s/timers=%d", impl.name, n), func(b *testing.B) {
				tally := newTally()
				p := impl.new(tally.call)
				p.start()
				defer p.end()
				d := delays(n, 0, fireOver)
				measure(b, n, func() { fire(p, tally, d[:n/10]) }, func() { fire(p, tally, d) })
			})
		}
	}
	for _, p := range installed() {
		b.Run(fmt.Sprintf("impl=%s/timers=100000", p.name), func(b *testing.B) {
			p.benchmark(b, "fire", 100_000)
		})
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
				p := impl.new(tally.call)
				p.start()
				defer p.end()
				callback := tally.call
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
	for _, p := range installed() {
		b.Run(fmt.Sprintf("impl=%s/goroutines=1", p.name), func(b *testing.B) {
			p.benchmark(b, "soon", n)
		})
	}
}

// BenchmarkLateness is the time from a timer's deadline to its callback: of
// timers set one by one, each of 1 to 3 ms (flow=quiet), and of 10,000 a second
// at random (flow=10000).
func BenchmarkLateness(b *testing.B) {
	const (
		quiet = 500 * time.Millisecond
		busy  = 500 * time.Millisecond
	)
	for _, impl := range withTimers {
		run := func(flowing string, f func(peer) []time.Duration) {
			b.Run(fmt.Sprintf("impl=%s/flow=%s", impl.name, flowing), func(b *testing.B) {
				p := impl.new(func() {})
				p.start()
				defer p.end()
				oneByOne(p, 0)
				runtime.GC()
				var late []time.Duration
				for b.Loop() {
					late = append(late, f(p)...)
				}
				reportLateness(b, late)
			})
		}
		run("quiet", func(p peer) []time.Duration { return oneByOne(p, quiet) })
		run("10000", func(p peer) []time.Duration { return flow(p, int(10_000*busy/time.Second), busy) })
	}
	for _, p := range installed() {
		b.Run(fmt.Sprintf("impl=%s/flow=quiet", p.name), func(b *testing.B) {
			p.benchmark(b, "quiet", int(quiet/time.Millisecond))
		})
		b.Run(fmt.Sprintf("impl=%s/flow=10000", p.name), func(b *testing.B) {
			p.benchmark(b, "flow", int(10_000*busy/time.Second))
		})
	}
}

// BenchmarkTurns counts how often the loops that block go round: while they are
// idle, while 1,000 timers wait, and for each of 100 deadlines that are a
// millisecond apart, so that it has to wake up for each.
func BenchmarkTurns(b *testing.B) {
	benchmarkTurns(b, stage3.name, func() eventloop.Loop { return event.New() })
	benchmarkTurns(b, fast.name, func() eventloop.Loop { return tuned.New() })
}

func benchmarkTurns(b *testing.B, name string, newLoop func() eventloop.Loop) {
	for _, row := range []struct {
		state   string
		pending int
	}{{"idle", 0}, {"waiting", 1000}} {
		b.Run(fmt.Sprintf("impl=%s/state=%s", name, row.state), func(b *testing.B) {
			runLoop(newLoop(), func(loop eventloop.Loop) {
				for _, d := range delays(row.pending, farOff, 2*farOff) {
					loop.SetTimeout(d, func() {})
				}
				settle(loop)
				before := loop.Turns()
				for b.Loop() {
					time.Sleep(200 * time.Millisecond)
				}
				b.ReportMetric(float64(loop.Turns()-before)/b.Elapsed().Seconds(), "turns/s")
				b.ReportMetric(0, "ns/op") // it would be the sleep
			})
		})
	}
	b.Run(fmt.Sprintf("impl=%s/state=firing", name), func(b *testing.B) {
		const deadlines = 100
		runLoop(newLoop(), func(loop eventloop.Loop) {
			settle(loop)
			before := loop.Turns()
			for b.Loop() {
				var all sync.WaitGroup
				all.Add(deadlines)
				loop.CallSoon(func() {
					for i := range deadlines {
						loop.SetTimeout(time.Duration(5+i)*time.Millisecond, all.Done)
					}
				})
				all.Wait()
			}
			b.ReportMetric(float64(loop.Turns()-before)/float64(deadlines*b.N), "turns/deadline")
			b.ReportMetric(0, "ns/op") // it would be the delays
		})
	})
}

// runLoop calls f with loop, which is running meanwhile.
func runLoop(loop eventloop.Loop, f func(eventloop.Loop)) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { loop.Run(ctx) })
	f(loop)
	cancel()
	running.Wait()
}

// settle returns when the loop has had time to take up what was handed over
// and to fall asleep.
func settle(loop eventloop.Loop) {
	done := make(chan struct{})
	loop.SetTimeout(time.Millisecond, func() { close(done) })
	<-done
	time.Sleep(20 * time.Millisecond)
}

// installed returns the programs whose interpreter there is.
func installed() []program {
	return slices.DeleteFunc(slices.Clone(programs), func(p program) bool { return p.version() == notInstalled })
}

// benchmark runs a program once, which measures itself for as long as it takes,
// and reports what it prints.
func (p program) benchmark(b *testing.B, work string, n int) {
	b.Helper()
	var out string
	for b.Loop() {
		var err error
		if out, err = p.run(work, strconv.Itoa(n)); err != nil {
			b.Fatal(err)
		}
	}
	metrics, err := parseMetrics(out)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(0, "ns/op") // unless it is among the metrics
	for unit, value := range metrics {
		b.ReportMetric(value, unit)
	}
}
