// Package bench measures what a loop costs: CPU time first of all, because that is
// where the three stages differ most. The usual figure, ns/op, says nothing: a timer
// of 20 ms takes 20 ms on every stage. What counts is what the cores did meanwhile.
//
//	go test -bench=. ./bench        every benchmark, once
//	go test -bench=Waiting ./bench  one of them
//	go run ./bench/table            the scenarios, six times, and one table
//
// PowerShell needs quotes: -bench=".".
//
// # What to look at
//
// Begin with BenchmarkTimer20ms, in which all stages look the same, and with
// BenchmarkMeanwhile, which says what each of them burnt. Then compare the lines of
// one scenario by their impl: none is the harness without a loop, and AfterFunc is
// package time itself, for scale. The scenarios are
//
//	Idle       the loop has nothing to do
//	Waiting    1, 100 or 10,000 timers are pending, due in an hour
//	Firing     1,000 timers fall due within 10 ms
//	SetStop    a timer is set for an hour, and stopped at once
//	CallSoon   10,000 callbacks are handed over, and run
//	Lateness   timers of 1 to 2 ms, one after the other
//
// and their units are
//
//	%cpu         CPU time in percent of one core, as top shows it: 200 is two cores
//	turns/s      how often the loop's own loops went round, per second
//	wakeups/s    how often a thread of the process went to sleep and was woken
//	cpu-ns/op    CPU time for each timer or call
//	ns/op        real time for each, where a caller waits for it
//	late-p50-µs  how long after its deadline a callback began: the median,
//	late-p99-µs  and what 99 of 100 stay within
//
// To measure a loop of your own, call [Run] from a benchmark of yours; that also
// gives it a column in the table.
//
// # What the figures mean
//
// CPU time is the whole process's, as the operating system counts it: the loop, the
// runtime's share of it, and the harness. So nothing that a loop causes can hide, and
// impl=none shows how much is the harness's own. Turns come from no clock and have no
// noise: a loop that blocks while it waits shows exactly zero.
//
// Wake-ups convict the loop that neither spins nor blocks but naps: it looks, sleeps
// for a millisecond, and looks again. %cpu forgives that with a few percent of a core.
// Where a loop spins, wake-ups mean nothing, because a thread that never sleeps is
// never woken.
//
// An op is one timer or one call, never a whole iteration. An iteration is a window of
// time or a batch, of the same size for every loop, so that even -benchtime=1x gives
// every figure. Lateness is taken in the callback's first line, against an instant just
// before SetTimeout was called.
//
// # Why it is fair
//
// Each figure is of a fresh loop. The loop before it has ended, and its garbage is
// collected. The new one runs, has called a callback and has had time to settle. All
// loops get the same delays in the same order and the same callbacks, which only note
// the time and count. AfterFunc promises less than a loop: its callbacks may run at the
// same time and in any order.
//
// # What is not measured
//
// Other processes are not seen, but they are felt: they delay wake-ups, and take time
// from a loop that would spin. Compare figures of one run on one machine. On Windows
// the system counts CPU time in steps of usually 15.6 ms, so use -benchtime=2s or more
// there, and read lateness in milliseconds. Figures that a system does not tell are
// left out: CPU time in js/wasm, wake-ups on Windows and macOS.
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
// its promises. Where a loop is seen to break one (a callback early, or not
// called within a minute) the benchmark fails, for its figures mean nothing.
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
