// Package bench measures what a loop costs: CPU time first of all, because
// that is where the three stages differ most and where the usual figure, ns/op,
// says nothing. Three timers of 20 ms take 20 ms on every stage; what counts is
// what the cores were doing meanwhile.
//
//	go run ./bench/table            every scenario, six times, and one table
//	go test -bench="." ./bench      the same benchmarks, once, as plain Go
//	go test -bench=Waiting ./bench  one of them
//
// To measure a loop of your own, call [Run] from a benchmark of yours; that
// also gives it a column in the table.
//
// # What is measured
//
// The units are
//
//	%cpu         CPU time over real time, in percent of one core, as top shows it
//	turns/s      how often the loop's own loops went round (Loop.Turns), per second
//	wakeups/s    how often a thread of the process went to sleep, to be woken later,
//	             per second
//	cpu-ns/op    CPU time per timer or per call
//	ns/op        real time per timer or per call, where a caller waits for it
//	late-p50-µs  lateness: how long after its deadline a callback began, the
//	late-p99-µs  median, and what 99 of 100 stay within
//
// CPU time is the whole process's, user and system, as the operating system
// counts it: the loop, what it calls, the runtime's share of it (switching
// goroutines, waking threads, collecting garbage) and the harness. Nothing that
// a loop causes can hide from that, and how much of it is the harness's own is
// shown, not argued: the rows with impl=none run the same scenario with no loop
// at all (but for Firing and Lateness, in which nothing would ever happen then).
// Turns come from no clock and so have no noise: a loop that blocks while it
// waits shows exactly zero.
//
// Wake-ups are there for the loop that neither spins nor blocks but naps: looks,
// sleeps for a millisecond, and looks again. %cpu forgives it, with a few percent
// of a core, and turns/s depends on what the loop calls a turn; but a thousand
// times a second the machine can't rest. They too are the whole process's: see
// package cputime. So compare with impl=none, where the harness wakes at the end
// of each window and Go's runtime now and then. And read them beside %cpu. Where a
// loop spins they mean nothing, and may be few: it never sleeps, and what is
// counted then is the runtime's watching over it, and threads that look in vain
// for something to do.
//
// An op is always one timer or one call, never a whole iteration. An iteration
// is a window of time or a batch, of the same size for every loop, so that even
// -benchtime=1x gives every figure. Sizes are such that the slowest stage can
// afford them, and no loop gets an easier share.
//
// Lateness is taken in the callback's first line against the delay asked for,
// counted from just before SetTimeout was called.
//
// # Why it is fair
//
// Each figure is of a fresh loop. Before it is made, the loop measured before
// it has ended (Run has returned, no timer is pending) and its garbage is
// collected; before measuring begins, the new one runs, has called a callback
// and has had time to settle. All loops get the same delays in the same order
// and the same callbacks, which do nothing but note the time and count.
//
// The rows with impl=tuned are the fast loop (package tuned): stage 3 once more,
// with everything that speed takes. The rows with impl=AfterFunc are package time
// itself, for scale. It promises less than a loop: its callbacks may run at the
// same time and in any order.
//
// # What is not measured
//
// Other processes' share of the machine isn't seen, but it is felt: it delays
// wake-ups and so adds to lateness, and it takes time from a loop that would
// spin. Compare figures of one run on one machine, not across. Memory and
// energy are not measured. On Windows the system counts CPU time in steps of
// usually 15.6 ms and the clock behind time.Now is coarse too: use
// -benchtime=2s or more for %cpu there, and read lateness in milliseconds.
// Where the system does not tell a process's CPU time, such as js/wasm, or its
// wake-ups, such as Windows and macOS, those figures are left out.
package bench

import (
	"testing"

	"example.com/eventloop"
)

// Run runs every scenario as a sub-benchmark of b, each on a fresh loop from
// newLoop: Idle, Waiting/timers=1, Waiting/timers=100 and so on. A benchmark
// that gives the loop a name with the key impl gets a column of that name:
//
//	func BenchmarkLoop(b *testing.B) {
//		b.Run("impl=yours", func(b *testing.B) {
//			bench.Run(b, func() eventloop.Loop { return New() })
//		})
//	}
//
// go run example.com/eventloop/bench/table . shows it beside the stages.
//
// It measures and does not test: package looptest says whether a loop keeps
// its promises. A loop that is seen to break one (a callback early, or not
// called within a minute) fails the benchmark, for its figures mean nothing.
//
// Run panics if newLoop is nil.
func Run(b *testing.B, newLoop func() eventloop.Loop) {
	if newLoop == nil {
		panic(nilNewLoop)
	}
	for _, s := range scenarios {
		b.Run(s.name, func(b *testing.B) { s.run(b, newLoop) })
	}
}

// scenarios are what Run runs.
var scenarios = []struct {
	name string
	run  func(b *testing.B, newLoop func() eventloop.Loop)
}{
	{"Idle", Idle},
	{"Waiting/timers=1", waitingFor(1)},
	{"Waiting/timers=100", waitingFor(100)},
	{"Waiting/timers=10000", waitingFor(10_000)},
	{"Firing", Firing},
	{"SetStop", SetStop},
	{"CallSoon", CallSoon},
	{"Lateness", Lateness},
}

func waitingFor(timers int) func(*testing.B, func() eventloop.Loop) {
	return func(b *testing.B, newLoop func() eventloop.Loop) { Waiting(b, newLoop, timers) }
}

// Scenarios returns the names of what Run measures, in their order. They are
// also those of the benchmarks of the stages.
func Scenarios() (names []string) {
	for _, s := range scenarios {
		names = append(names, s.name)
	}
	return names
}
