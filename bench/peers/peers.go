// Package peers gives our loops and the timers that people use in production
// the same work, in one run. It has benchmarks only:
//
//	go test -C bench/peers -bench="." -benchtime=200ms
//
// and bench/peers/report runs them several times over and turns them into the tables
// and pictures in docs/results.
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
//	floor               no loop, nothing runs     what setting and stopping can't do without: memory
//	                                              for a timer, the clock, two atomic operations
//	channel             one goroutine             a buffered channel of funcs (CallSoon only)
//	node                one thread, in order      Node.js, a process of its own
//	asyncio             one thread, in order      Python's asyncio, a process of its own
//	stage1_polling …    one goroutine, in order   our stages 1 and 2, where they say something
//
// An event loop promises that callbacks run one at a time, in the order of
// their deadlines. Raw AfterFunc promises less and is spared the work of a
// hand-over; the two AfterFuncs stand in the tables side by side for that reason.
//
// # Why it is fair
//
//   - All get the same delays in the same order, from a generator with a fixed seed.
//   - All get the same callback, made once: it counts with one atomic addition,
//     because raw AfterFunc runs callbacks in parallel and needs it.
//   - A peer that hands work over and does it later (goja_nodejs) has done all
//     of it before the clock stops.
//   - Each row starts with a round that does not count, then garbage is
//     collected, then rounds are counted until the time is up. What went before
//     has ended: its loop has returned and its timers are stopped.
//   - The figures compared are medians of several passes over all rows, each
//     pass in a process of its own, so that a noisy minute meets everybody.
//
// # What differs and can't be helped
//
//   - Node.js counts whole milliseconds and cuts off the rest, so that it can
//     seem early.
//   - Node.js and asyncio set their timers on the loop's own thread, having no
//     other; everybody else from outside the loop. They measure themselves,
//     between two points in the program, so that starting up is not counted.
//   - ns/op is time on the clock, cpu-ns/op the CPU time of the whole process.
//     A peer that works on several cores can have the first below the second.
//     Their ratio is in the column cores: what a row says of several goroutines at
//     once holds for as many cores as they got.
package peers

import "time"

// A peer is one way of having a function called later, made of functions. Its
// callback is given once, when it is made: then setting a timer costs what the
// peer costs.
type peer struct {
	// A timer is a pointer, so that nothing is allocated to make an any of it.
	setTimer  func(delay time.Duration) any
	stopTimer func(timer any)

	after func(delay time.Duration, f func()) // calls f, as one more closure
	soon  func(f func())                      // calls f as soon as it can

	settle func() // returns when everything handed over is worked off
	start  func() // begins to run callbacks
	end    func() // does so no more, and returns when no goroutine is left

	kept []any
	next int // in kept, to be replaced
}

// setStop sets a timer for each delay and stops it before the next.
func (p *peer) setStop(delays []time.Duration) {
	for _, d := range delays {
		p.stopTimer(p.setTimer(d))
	}
}

// set sets a timer for each delay, and lets it run.
func (p *peer) set(delays []time.Duration) {
	for _, d := range delays {
		p.setTimer(d)
	}
}

// keep sets timers that are remembered, and stopped at the end.
func (p *peer) keep(delays []time.Duration) {
	for i, d := range delays {
		p.kept[i] = p.setTimer(d)
	}
}

// replace stops one of the kept timers for each delay, and sets another in its place.
func (p *peer) replace(delays []time.Duration) {
	for _, d := range delays {
		p.stopTimer(p.kept[p.next])
		p.kept[p.next] = p.setTimer(d)
		// Not the neighbour: it may be its neighbour in memory too.
		p.next = (p.next + 7919) % len(p.kept)
	}
}

// stop stops everything, and returns when no goroutine is left.
func (p *peer) stop() {
	p.end()
	for _, t := range p.kept {
		p.stopTimer(t)
	}
}

// An impl makes a peer whose timers call callback.
type impl struct {
	name string
	make func(callback func()) *peer
}

func (i impl) new(callback func()) *peer {
	p := i.make(callback)
	for _, f := range []*func(){&p.settle, &p.start, &p.end} {
		if *f == nil {
			*f = func() {} // a peer that does not need it
		}
	}
	return p
}
