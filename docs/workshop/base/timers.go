package base

import (
	"container/heap"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// A Timer is one call of SetTimeout. The article names it with a string made
// from the time and a random number, which can collide; a pointer cannot.
type Timer struct {
	Deadline time.Duration // since timerLoop.start
	Seq      uint64        // how many timers were set before it: breaks ties

	// The callback loop, before it calls callback, and Stop both try to turn claimed
	// from false to true. The first to do so owns callback from then on.
	Claimed  atomic.Bool
	callback func()

	Loop  Timers // where it waits
	Index int    // its place in loop.pending, or -1; guarded by loop.mu
}

// Call calls the callback, unless Stop was first.
func (t *Timer) Call() {
	if t.Claimed.CompareAndSwap(false, true) {
		callback := t.callback
		t.callback = nil // let go of what it captured, even if t is kept
		callback()
	}
}

// Stop implements [eventloop.Timer]. It lets go of the callback and takes the timer
// out of the heap at once, with or without a Run. A timer that a turn has handed over
// keeps its place in the queue until the callback loop comes to it.
func (t *Timer) Stop() bool {
	if !t.Claimed.CompareAndSwap(false, true) {
		return false
	}
	t.callback = nil
	t.Loop.Remove(t)
	return true
}

// A timerLoop is where timers wait until they are due (the article's
// timeout_loop). Here they wait in a heap, the earliest at its top.
type timerLoop struct {
	callbacks Callbacks
	start     time.Time // deadlines count from here, on the monotonic clock
	turns     atomic.Uint64

	mu      sync.Mutex // guards seq, pending and until
	seq     uint64     // of the next timer
	pending TimerHeap
	until   time.Duration // the instant until which the timer loop sleeps

	wake Waker // set when a timer sooner than until is added
}

func (l *timerLoop) Init(callbacks Callbacks) {
	l.callbacks = callbacks
	l.start = time.Now()
	if l.wake == nil {
		l.wake = NewEvent()
	}
}

// Add puts t into the heap. It wakes the timer loop only if t is sooner than until:
// the loop need not know of a later timer yet.
//
// The clock is read while mu is held. So a timer that a turn does not see has a
// deadline no sooner than that turn's now, and timers run by their deadlines across
// turns too.
func (l *timerLoop) Add(t *Timer, delay time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t.Deadline = After(time.Since(l.start), delay)
	t.Seq = l.seq
	t.Loop = l
	l.seq++
	heap.Push(&l.pending, t)
	if t.Deadline < l.until {
		l.until = t.Deadline
		l.wake.Set()
	}
}

// Remove takes t out of the heap, if it is still there. If the timer loop sleeps
// until t's deadline, its alarm rings for nothing, which does no harm.
func (l *timerLoop) Remove(t *Timer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.Index >= 0 {
		heap.Remove(&l.pending, t.Index)
	}
}

// Never is later than any deadline.
const Never = math.MaxInt64

// Run is the timer loop: turn after turn, until stop is closed. Between two
// turns it sleeps, and three things wake it.
//
// A wake-up for nothing does no harm: the next turn looks at the clock again. A lost
// wake-up does; see event.go.
func (l *timerLoop) Run(stop <-chan struct{}) {
	alarm := time.NewTimer(Never) // one of Go's own timers, for all of ours
	defer alarm.Stop()
	for {
		// With nothing pending ring is nil, and a nil channel is never ready. The
		// article keeps a fake timer, 1000 s ahead, so that there is always one.
		var ring <-chan time.Time
		if until := l.turn(); until < Never {
			alarm.Reset(until - time.Since(l.start))
			ring = alarm.C
		}
		select {
		case <-stop:
			return
		case <-ring: // asleep until the earliest deadline
		case <-l.wake.Receive(): // or until there is a sooner one
		}
	}
}

// turn hands the due timers to the callback loop, in order, and returns the instant
// until which the timer loop may sleep. Its cost grows with the timers that are due.
// Those that wait only deepen the heap, by a level for each doubling.
//
// The last look at the heap and the new until are one critical section: a timer that
// is added later is compared with this until, and sets the event if it is sooner.
// That, and room for one in the event, is why no wake-up is lost.
func (l *timerLoop) turn() (until time.Duration) {
	l.turns.Add(1)
	now := time.Since(l.start) // once: all timers are compared with one now
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.pending) > 0 && l.pending[0].Deadline <= now {
		due := heap.Pop(&l.pending).(*Timer)
		l.mu.Unlock()
		l.callbacks.Add(due)
		l.mu.Lock()
	}
	l.until = Never
	if len(l.pending) > 0 {
		l.until = l.pending[0].Deadline
	}
	return l.until
}

// After returns now + delay, but at most the last instant before never: an overflow
// would be an instant in the past, and due at once.
func After(now, delay time.Duration) time.Duration {
	return now + min(delay, Never-now-1)
}
