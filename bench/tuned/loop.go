// Package tuned is stage 3 made fast: the same contract, with everything that speed
// takes and that the Go memory model allows. The stages are the lesson; this is what
// one can do once it is learnt, and what it costs whoever reads it.
//
//	loop.go     one loop instead of two: a wake-up less for each timer
//	timer.go    32 bytes a timer; Stop only counts
//	doors.go    timers come in through one door for each processor
//	sleeper.go  callers read whether the loop sleeps, and seldom write
//	soon.go     the callbacks of CallSoon pass to the loop a list at a time
//	buckets.go  a radix heap: time only goes forward
//	chunks.go   lists in pieces, which are used again
//
// What each of them buys is measured with and without it, in docs/5_faster.md; so is
// what was tried and bought nothing.
//
//	idle             blocks
//	a timer pending  blocks
package tuned

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// A Loop is an [eventloop.Loop], and keeps the whole of its contract. Make one
// with [New].
//
// It is one loop, not two. The stages have a timer loop of its own, to show that
// SetTimeout hands its callback to somebody else who waits. But whoever waits for
// the timers has to wake whoever calls them, each time. Here the goroutine that
// called Run does both: it sleeps until the earliest deadline itself. Little is lost
// by that, since no two callbacks run at once anyway (only that nobody puts timers in
// order beside a callback); and there is no goroutine to be ended, whichever way Run
// ends.
type Loop struct {
	start   time.Time // deadlines count from here, on the monotonic clock
	running atomic.Bool

	sleeper sleeper // how it falls asleep and is woken
	doors   doors   // where timers come in
	_       [128]byte
	soon    queue // where callbacks of CallSoon wait

	// The loop's own: it needs no lock. (Others may read turns.)
	turns   atomic.Uint64
	pending buckets // where timers wait
	due     []entry // they are to run next; a Run that ends leaves them to the next
	dropped int64   // how many stopped timers are known to be out of pending
}

// New returns a loop with nothing pending. It does nothing until Run.
func New() *Loop {
	l := &Loop{}
	l.start = time.Now()
	l.sleeper.wake = make(event, 1)
	l.doors.init(l)
	return l
}

// SetTimeout implements [eventloop.Loop].
func (l *Loop) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	if callback == nil {
		panic("eventloop: nil callback")
	}
	t := &timer{callback: callback}
	l.sleeper.lookBy(l.doors.add(t, max(delay, 0)))
	return t
}

// CallSoon implements [eventloop.Loop].
func (l *Loop) CallSoon(callback func()) {
	if callback == nil {
		panic("eventloop: nil callback")
	}
	l.soon.add(callback)
	l.sleeper.rouse()
}

// Turns implements [eventloop.Loop].
func (l *Loop) Turns() uint64 { return l.turns.Load() }

// Run implements [eventloop.Loop].
func (l *Loop) Run(ctx context.Context) error {
	if ctx == nil {
		panic("eventloop: nil context")
	}
	if !l.running.CompareAndSwap(false, true) {
		panic("eventloop: Run called while the loop is running")
	}
	defer l.running.Store(false)

	alarm := time.NewTimer(never) // one runtime timer for all of ours
	defer alarm.Stop()
	for l.turn(ctx.Done()) {
		l.sleep(ctx.Done(), alarm)
	}
	return context.Cause(ctx)
}

// turn calls what waits and what is due. It reports false once done is closed.
//
// What an earlier Run has left comes first. What the callbacks add is for the next
// turn, be it by CallSoon or a timer that is due at once: neither keeps the other
// waiting for ever.
func (l *Loop) turn(done <-chan struct{}) bool {
	if l.turns.Add(1)%giveWay == 0 {
		runtime.Gosched()
	}
	if !l.callDue(done) || !l.callSoon(done) {
		return false
	}
	l.soon.take()
	if !l.callSoon(done) {
		return false
	}
	if l.wait() <= 0 {
		l.look()
	}
	return l.callDue(done) && !isDone(done)
}

// wait returns how long there is no need to look at the timers.
func (l *Loop) wait() time.Duration {
	until := time.Duration(l.sleeper.until.Load())
	if until == never {
		return never
	}
	return until - time.Since(l.start)
}

// look takes up what has come in through the doors, takes out what is due, and sets
// until anew.
func (l *Loop) look() {
	l.sleeper.until.Store(never) // before the doors: see sleeper
	now := time.Since(l.start)
	var stopped int64
	for i := range l.doors.all {
		door := &l.doors.all[i]
		stopped += door.stops.Load() // before the take: what is counted is out of the door, or counted next time
		for c := range door.take(&l.pending.spare).drain(&l.pending.spare) {
			for _, e := range c.items[:c.n] {
				if e.timer.claimed.Load() { // stopped
					l.dropped++
				} else {
					l.pending.push(e)
				}
			}
		}
	}
	if stopped-l.dropped >= max(notice, int64(l.pending.n)/4) {
		l.pending.sweep()
		l.dropped = stopped // each of them is out, wherever it was
	}
	l.due = l.pending.due(now) // one bucket: if more is due, until is past, and the next turn looks again
	l.sleeper.lookBy(l.pending.earliest())
}

// callDue calls the callbacks of timers that are due.
func (l *Loop) callDue(done <-chan struct{}) bool {
	for len(l.due) > 0 {
		if isDone(done) {
			return false
		}
		t := l.due[0].timer
		l.due[0] = entry{}
		l.due = l.due[1:] // it may panic: it has had its turn
		t.call()
	}
	l.due = nil // an empty slice would still hold the array of a burst
	return true
}

// callSoon calls the callbacks of the batch.
func (l *Loop) callSoon(done <-chan struct{}) bool {
	for l.soon.more() {
		if isDone(done) {
			return false
		}
		l.soon.pop()()
	}
	return true
}

func isDone(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// sleep returns when there is something to do.
func (l *Loop) sleep(done <-chan struct{}, alarm *time.Timer) {
	if !l.soon.empty() {
		return // not asleep at all: else callers would take the trouble to wake it
	}
	l.sleeper.asleep.Store(true)
	if wait := l.wait(); wait > 0 && l.soon.empty() {
		var ring <-chan time.Time // with nothing pending it is nil, and never ready
		if wait < never {
			alarm.Reset(wait)
			ring = alarm.C
		}
		select {
		case <-done:
		case <-ring:
		case <-l.sleeper.wake:
		}
	}
	l.sleeper.asleep.Store(false)
}

// giveWay is in how many turns the loop lets other goroutines run once. A callback
// that always adds another could keep them waiting on one core: to give way in each
// turn would cost as much as a turn with one callback.
const giveWay = 16
