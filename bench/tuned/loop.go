// Package tuned is stage 3 made fast: the same contract, with everything that speed
// takes and that the Go memory model allows. The stages are the lesson. This is what one
// can do once it is learnt, and what that costs a reader.
//
//	loop.go     one loop instead of two: a wake-up less for each timer
//	timer.go    a stopped timer stays where it is; Stop only counts
//	shards.go   timers come in through a shard for each processor
//	buckets.go  a radix heap: time only goes forward
//	chunks.go   lists in pieces, which are used again
//	sleeper.go  callers read whether the loop sleeps, and seldom write
//	soon.go     the callbacks of CallSoon pass to the loop a list at a time
//
// Chapter 5, docs/5_faster.md, measures each of these tricks with and without it, and
// names those that bought nothing.
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

// A Loop is an [eventloop.Loop], and keeps all of its contract. Make one with [New].
//
// A stopped timer lets go of its callback at once. Its own 48 bytes stay until the loop
// comes by: while Run goes round, stopped timers are at most a quarter of all that
// wait, and a thousand, and a thousand more for each processor. Where no turn comes by,
// before Run, after it, and while one callback takes long, they add up.
//
// It is one loop, not two. The stages have a separate timer loop, to show that SetTimeout
// hands its callback to somebody else, who waits. But then each timer takes two wake-ups:
// the timer loop's, and the callback loop's. Here the goroutine that called Run sleeps
// until the earliest deadline, and calls the callbacks. Little is lost: no two callbacks
// run at once anyway, but no timers are put in order while a callback runs. And however
// Run ends, there is no other goroutine to end.
type Loop struct {
	start   time.Time // deadlines count from here, on the monotonic clock
	running atomic.Bool

	sleeper sleeper // how it falls asleep and is woken
	_       [128]byte
	shards  shards // where timers come in
	_       [128]byte
	soon    queue // where callbacks of CallSoon wait

	// The loop's own, which needs no lock. Others may read turns.
	turns   atomic.Uint64
	pending buckets // where timers wait
	due     []entry // they run next; a Run that ends leaves them to the next Run
	swept   int64   // how many of the stops that are counted came before the last sweep
}

// New returns a loop with nothing pending. It does nothing until Run.
func New() *Loop {
	l := &Loop{}
	l.start = time.Now()
	l.sleeper.event = make(chan struct{}, 1)
	l.shards.init(l)
	return l
}

// SetTimeout implements [eventloop.Loop].
func (l *Loop) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	if callback == nil {
		panic("eventloop: nil callback")
	}
	t := &timer{callback: callback}
	l.sleeper.lookBy(l.shards.add(t, max(delay, 0)))
	return t
}

// CallSoon implements [eventloop.Loop].
func (l *Loop) CallSoon(callback func()) {
	if callback == nil {
		panic("eventloop: nil callback")
	}
	l.soon.add(callback)
	l.sleeper.wake()
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

// yieldEvery is in how many turns the loop lets other goroutines run once. A callback
// that always adds another could keep them waiting on one core, and to yield in each
// turn would cost as much as a turn with one callback.
const yieldEvery = 16

// turn calls what waits and what is due. It reports false once done is closed.
//
// Anything that an earlier Run has left comes first. What the callbacks add, by
// CallSoon or as a timer that is due at once, is for the next turn: neither keeps the
// other waiting for ever.
func (l *Loop) turn(done <-chan struct{}) bool {
	if l.turns.Add(1)%yieldEvery == 0 {
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

// look takes up the timers that have come in through the shards, takes out those that
// are due, and sets until anew.
//
// Timers are set while look goes from shard to shard, and it misses some of them. None
// of those may be earlier in order than one that it takes out. So look reads the clock,
// then the number of the last timer, and then comes to the shards; and shard.add, with
// the shard locked, draws a number and then reads the clock.
//
//   - A timer that look misses has a higher number than the one that look has read: with
//     that number or a lower one it was in its shard by then, or held the shard's lock.
//   - Since its number is higher, its clock was read later: its deadline is no sooner
//     than look's now. If the two are equal, its number puts it behind all that look
//     takes out.
func (l *Loop) look() {
	l.sleeper.until.Store(never) // before the shards: see sleeper
	now := time.Since(l.start)
	seq := l.shards.seq.Load()
	var stopped int64
	for i := range l.shards.all {
		shard := &l.shards.all[i]
		stopped += shard.stops.Load() // before the take, so that a sweep finds all of these
		for e := range shard.take().drain(&entryChunks) {
			l.pending.push(e)
		}
	}
	if stopped-l.swept >= max(fewStops, int64(l.pending.n)/4) {
		l.pending.sweep()
		l.swept = stopped
	}
	l.due = l.pending.due(now, seq) // of one bucket: if there are more, the next turn looks again
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
		l.due = l.due[1:] // before the call: it may panic, and has had its turn
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
		return // not asleep at all: callers need not take the trouble to wake it
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
		case <-l.sleeper.event:
		}
	}
	l.sleeper.asleep.Store(false)
}
