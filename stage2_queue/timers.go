package queue

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

// A timer is one call of SetTimeout. The article names it with a string made
// from the time and a random number, which can collide; a pointer cannot.
type timer struct {
	deadline time.Duration // since timerLoop.start
	seq      uint64        // how many timers were set before it: breaks ties

	// The callback loop, before it calls callback, and Stop both try to turn claimed
	// from false to true. The first to do so owns callback from then on.
	claimed  atomic.Bool
	callback func()
}

// call calls the callback, unless Stop was first.
func (t *timer) call() {
	if t.claimed.CompareAndSwap(false, true) {
		callback := t.callback
		t.callback = nil // let go of what it captured, even if t is kept
		callback()
	}
}

// Stop implements [eventloop.Timer]. It lets go of the callback at once. The timer
// keeps its place until a turn drops it, and there are turns only while Run runs.
func (t *timer) Stop() bool {
	if !t.claimed.CompareAndSwap(false, true) {
		return false
	}
	t.callback = nil
	return true
}

// A timerLoop is where timers wait until they are due (the article's
// timeout_loop). Here they wait in a queue.
type timerLoop struct {
	callbacks *callbackLoop
	start     time.Time // deadlines count from here, on the monotonic clock
	turns     atomic.Uint64

	pending queue[*timer]
	seq     uint64 // of the next timer; guarded by pending, while that is taken
}

func (l *timerLoop) init(callbacks *callbackLoop) {
	l.callbacks = callbacks
	l.start = time.Now()
	l.pending = newQueue[*timer]()
}

// add hands t to the timer loop.
//
// Both add and turn read the clock while the queue is taken. So a timer that a turn
// does not see has a deadline no sooner than that turn's now, and timers run by
// their deadlines across turns too.
func (l *timerLoop) add(t *timer, delay time.Duration) {
	pending := l.pending.take()
	t.deadline = after(time.Since(l.start), delay)
	t.seq = l.seq
	l.seq++
	l.pending.put(append(pending, t))
}

// run is the timer loop: turn after turn, until stop is closed.
//
// Gosched saves nothing: it burns the core just the same. But a goroutine that
// never gives way can keep a caller from running for 10 ms at a time, until the
// runtime forces it to; and for ever in WebAssembly, where nothing does.
func (l *timerLoop) run(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case pending := <-l.pending.items: // asleep until there is a timer
			l.turn(pending)
			runtime.Gosched()
		}
	}
}

// turn looks at every timer once, hands the due ones to the callback loop and puts
// the rest back.
//
// Because it has put them back, the next turn begins at once: the same timers go
// round and round until they are due. The queue tells the timer loop that there are
// timers, but not when they are due. Stage 3 knows when.
func (l *timerLoop) turn(pending []*timer) {
	l.turns.Add(1)
	now := time.Since(l.start) // once: all timers are compared with one now
	l.pending.put(nil)         // SetTimeout does not wait for the end of this turn

	var due []*timer
	kept := pending[:0]
	for _, t := range pending {
		switch {
		case t.claimed.Load(): // stopped
		case t.deadline <= now:
			due = append(due, t)
		default:
			kept = append(kept, t)
		}
	}
	clear(pending[len(kept):])
	if len(kept) < cap(kept)/4 {
		kept = slices.Clone(kept) // the old array would stay as large as it was
	}

	// A queue has the order of setting, which is not that of the deadlines.
	slices.SortFunc(due, byDeadline)
	for _, t := range due {
		l.callbacks.add(t)
	}
	l.pending.put(append(kept, l.pending.take()...))
}

// after returns now + delay, but at most the last instant there is: an overflow
// would be an instant in the past, and due at once.
func after(now, delay time.Duration) time.Duration {
	return now + min(delay, math.MaxInt64-now)
}

func byDeadline(a, b *timer) int {
	return cmp.Or(cmp.Compare(a.deadline, b.deadline), cmp.Compare(a.seq, b.seq))
}
