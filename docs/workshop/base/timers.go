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

	// The callback loop, about to call the callback, or Stop: whichever turns
	// Claimed from false to true owns callback and Loop from then on. There is no
	// second.
	Claimed  atomic.Bool
	callback func()
	Loop     Timers // to tell it of a Stop
}

// Call calls the callback, unless Stop was first.
func (t *Timer) Call() {
	if t.Claimed.CompareAndSwap(false, true) {
		callback := t.callback
		t.callback, t.Loop = nil, nil // let go of what they hold, whoever keeps t
		callback()
	}
}

// Stop implements [eventloop.Timer]. The timer stays where it is, and is dropped
// when the timer loop comes to it. That may be in an hour, so the loop is told,
// and looks sooner once as many have been stopped as are pending, and a thousand at
// least.
func (t *Timer) Stop() bool {
	if !t.Claimed.CompareAndSwap(false, true) {
		return false
	}
	loop := t.Loop
	t.callback, t.Loop = nil, nil
	loop.Stopped()
	return true
}

// A timerLoop is where timers wait until they are due (the article's
// timeout_loop). Here they wait in a heap, the earliest at its top.
type timerLoop struct {
	callbacks Callbacks
	start     time.Time // deadlines count from here, on the monotonic clock
	turns     atomic.Uint64

	mu       sync.Mutex    // guards seq to room
	seq      uint64        // of the next timer
	arrivals []*Timer      // set since the last turn
	until    time.Duration // when to look next: there is no need before
	asleep   bool          // the timer loop sleeps until then, or is about to
	room     int           // how many more may be stopped before the next sweep

	wake Event // set to wake the timer loop: there is need to look sooner

	pending TimerHeap // the timer loop's own: needs no lock
}

func (l *timerLoop) Init(callbacks Callbacks) {
	l.callbacks = callbacks
	l.start = time.Now()
	l.wake = NewEvent()
}

// Add hands t to the timer loop, and wakes it only if it would sleep for too
// long: of any other timer it need not know yet.
//
// The clock is read while mu is held, in add and in turn alike: then a timer that
// is not among a turn's arrivals has a deadline no sooner than that turn's now,
// and what is due earlier runs earlier, across turns too.
func (l *timerLoop) Add(t *Timer, delay time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t.Deadline = After(time.Since(l.start), delay)
	t.Seq = l.seq
	t.Loop = l
	l.seq++
	l.arrivals = append(l.arrivals, t)
	l.lookBy(t.Deadline)
}

// Stopped counts a timer that has been stopped. It may be in arrivals or in the
// heap, or with the callback loop by now: room is no tally of what waits where,
// only a bound on how much may wait for nothing. (So too many are counted, never too
// few.)
func (l *timerLoop) Stopped() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.room--
	if l.room <= 0 {
		l.lookBy(0)
	}
}

// lookBy has the timer loop look at the clock at the given instant or before. If it
// is awake no wake-up is needed: it goes by until when its turn ends. Whoever calls
// lookBy holds mu.
func (l *timerLoop) lookBy(instant time.Duration) {
	if instant >= l.until {
		return
	}
	l.until = instant
	if l.asleep {
		l.asleep = false
		l.wake.Set()
	}
}

// Never is later than any deadline.
const Never = math.MaxInt64

// Run is the timer loop: turn after turn, until stop is closed. Between two
// turns it sleeps, and three things wake it.
//
// A wake-up for nothing does no harm: the next turn looks at the clock again.
// One that is missed does; see event.go.
func (l *timerLoop) Run(stop <-chan struct{}) {
	alarm := time.NewTimer(Never) // one runtime timer for all of ours
	defer alarm.Stop()
	for {
		// With nothing pending ring is nil, and a nil channel is never ready. (The
		// article has a fake timer, 1000 s ahead, so that there is always one.)
		var ring <-chan time.Time
		if until := l.turn(); until < Never {
			alarm.Reset(until - time.Since(l.start))
			ring = alarm.C
		}
		select {
		case <-stop:
			return
		case <-ring: // asleep until the earliest deadline
		case <-l.wake: // or until there is need to look sooner
		}
	}
}

// turn hands what is due to the callback loop and returns when to look next.
//
// A turn costs something for each timer that has come or is due; those that wait
// only make the heap higher.
func (l *timerLoop) turn() (until time.Duration) {
	l.turns.Add(1)
	l.mu.Lock()
	arrivals := l.arrivals
	l.arrivals = nil
	l.until, l.asleep = Never, false // what is set from here on may be the soonest: lookBy notes it
	sweep := l.room <= 0
	if sweep {
		l.room = 0 // what is stopped from now on counts for the next one
	}
	now := time.Since(l.start) // once: what is due is the same for all
	l.mu.Unlock()

	for _, t := range arrivals {
		if !t.Claimed.Load() { // else stopped
			heap.Push(&l.pending, t)
		}
	}
	if sweep {
		l.pending.Sweep()
	}
	for due := l.pending.Due(now); len(due) > 0; due = l.pending.Due(now) {
		l.callbacks.Add(due...)
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	// Only a sweep makes room. Until then those stopped are among the pending, and a
	// limit that rose with these would rise with them, for ever.
	limit := max(len(l.pending), 1000) // a sweep for fewer would be a wake-up too many
	if sweep {
		l.room += limit
	}
	l.room = min(l.room, limit)
	if len(l.pending) > 0 {
		l.lookBy(l.pending[0].Deadline)
	}
	l.asleep = true // in one step with until: who comes later sees it, and sets the event
	return l.until
}

// After returns now + delay, or the last instant before Never if that is later
// still: an overflow would be an instant in the past, and due at once.
func After(now, delay time.Duration) time.Duration {
	return now + min(delay, Never-now-1)
}
