// Package peers gives our loops and the timers that people use in production
// the same work, in one run. It has benchmarks only:
//
//	go test -C bench/peers -bench="." -benchtime=200ms
//
// and bench/report runs them several times over and turns them into the table
// of goals and the pictures in docs/results.
//
// # Who takes part
//
//	impl=               callbacks run on          what it is
//	stage3_event        one goroutine, in order   our stage 3, which is to be clear
//	tuned               one goroutine, in order   the same contract, made fast (bench/tuned)
//	AfterFunc           a new goroutine each      time.AfterFunc, raw
//	AfterFunc_serial    one goroutine             time.AfterFunc that only sends its callback
//	                                              to one goroutine, through a buffered channel
//	goja_nodejs         one goroutine             dop251/goja_nodejs, a JavaScript event loop
//	TimingWheel         a new goroutine per tick  go-zero's collection.TimingWheel, 1 ms a tick
//	heap                the caller, no clock      push and pop on a bare container/heap: no lock,
//	                                              no clock, no waiting, no other goroutine
//	floor               no loop, nothing runs     what setting and stopping can't do without: memory
//	                                              for a timer, the clock, two atomic operations
//	channel             one goroutine             a buffered channel of funcs (CallSoon only)
//	node                one thread, in order      Node.js, a process of its own
//	asyncio             one thread, in order      Python's asyncio, a process of its own
//	stage1_polling,     one goroutine, in order   our stages 1 and 2, where it says something
//	stage2_queue
//
// An event loop promises that callbacks run one at a time, in the order of
// their deadlines. Raw AfterFunc and the timing wheel promise less and are
// spared the work of a hand-over; the two AfterFuncs stand in the tables side
// by side for that reason. The heap is no timer at all. It is the least that
// anything with a heap in it could cost.
//
// # Why it is fair
//
//   - The same delays: they come from a generator with a fixed seed, so that
//     everybody gets the same ones in the same order.
//   - The same callback: it counts with one atomic addition, because raw
//     AfterFunc runs callbacks in parallel and needs it. It is made once, and
//     nobody pays for a closure per timer. (Lateness needs one per timer, and
//     so everybody has it.)
//   - A peer that hands work over and does it later (goja_nodejs) has done all
//     of it before the clock stops.
//   - Each row starts with a round that does not count, then garbage is
//     collected, then rounds are counted until the time is up. What a round
//     throws away is collected on its account, as far as a collection falls
//     into it: behind a large heap collections are rare, for everybody.
//   - What went before has ended: its loop has returned and its timers are
//     stopped.
//   - The figures compared are medians of several passes over all rows, each
//     pass in a process of its own, so that a noisy minute meets everybody.
//
// # What differs and can't be helped
//
//   - Node.js counts whole milliseconds and cuts off the rest, so that it can
//     seem early; a timing wheel counts ticks. Neither could be exact.
//   - Node.js and asyncio set their timers on the loop's own thread, having no
//     other; everybody else from outside the loop. They measure themselves,
//     between two points in the program, so that starting up is not counted.
//   - ns/op is time on the clock, cpu-ns/op the CPU time of the whole process.
//     Who works on several cores can have the first below the second. Their ratio
//     is in the column cores: what a row says of several goroutines at once holds
//     for as many cores as they got.
package peers

import (
	"time"
)

// A peer is one way of having a function called later. Its callback is given
// once, when it is made, so that setting a timer costs what the peer costs.
type peer interface {
	// setStop sets a timer for each delay and stops it before the next. Safe
	// for concurrent use.
	setStop(delays []time.Duration)

	// set sets a timer for each delay, and lets it run.
	set(delays []time.Duration)

	// reserve makes room to remember n timers; keep sets timers that are
	// remembered and stopped at the end; replace stops one of these for each
	// delay and sets another in its place; stopHalf stops every other one, and
	// forgets it; of them there must be an even number.
	reserve(n int)
	keep(delays []time.Duration)
	stopHalf()
	replace(delays []time.Duration)

	// after calls f after delay, as one more closure; soon calls f as soon as
	// it can. Where a peer has no way of doing so, soon is missing (hasSoon).
	after(delay time.Duration, f func())
	soon(f func())

	// settle returns when everything handed over is worked off, in peers that
	// hand over and return.
	settle()

	// start begins running callbacks; end stops doing so, stops what was kept
	// and returns when no goroutine is left.
	start()
	end()
}

// A clock is a peer whose timers are values of type T, made of functions, so
// that no wrapper around T is allocated for the sake of measuring. The
// functions that a peer does not need are nil.
type clock[T any] struct {
	setTimer  func(delay time.Duration) T
	stopTimer func(timer T)
	afterFunc func(delay time.Duration, f func())
	callSoon  func(f func())
	wait      func()
	begin     func()
	finish    func()

	kept []T
	next int // in kept, to be replaced
}

func (c *clock[T]) setStop(delays []time.Duration) {
	for _, d := range delays {
		c.stopTimer(c.setTimer(d))
	}
}

func (c *clock[T]) set(delays []time.Duration) {
	for _, d := range delays {
		c.setTimer(d)
	}
}

func (c *clock[T]) reserve(n int) { c.kept = make([]T, 0, n) }

func (c *clock[T]) keep(delays []time.Duration) {
	for _, d := range delays {
		c.kept = append(c.kept, c.setTimer(d))
	}
}

func (c *clock[T]) replace(delays []time.Duration) {
	for _, d := range delays {
		c.stopTimer(c.kept[c.next])
		c.kept[c.next] = c.setTimer(d)
		// Not the neighbour: it may be its neighbour in memory too.
		c.next = (c.next + 7919) % len(c.kept)
	}
}

func (c *clock[T]) stopHalf() {
	for i := 0; i < len(c.kept); i += 2 {
		c.stopTimer(c.kept[i])
		c.kept[i] = c.kept[i|1]
	}
}

func (c *clock[T]) after(delay time.Duration, f func()) { c.afterFunc(delay, f) }
func (c *clock[T]) soon(f func())                       { c.callSoon(f) }
func (c *clock[T]) settle()                             { call(c.wait) }
func (c *clock[T]) start()                              { call(c.begin) }

func (c *clock[T]) end() {
	call(c.finish)
	for _, t := range c.kept {
		c.stopTimer(t)
	}
	c.kept = nil
}

func call(f func()) {
	if f != nil {
		f()
	}
}
