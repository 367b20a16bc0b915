package polling

import (
	"cmp"
	"maps"
	"math"
	"runtime"
	"slices"
	"sync"
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
// timeout_loop). Here they wait in a map, as in the article.
type timerLoop struct {
	callbacks *callbackLoop
	start     time.Time // deadlines count from here, on the monotonic clock
	turns     atomic.Uint64

	mu       sync.Mutex // guards seq and arrivals
	seq      uint64     // of the next timer
	arrivals []*timer   // set since the last turn

	pending map[*timer]struct{} // the timer loop's own: needs no lock
	peak    int                 // the most timers that map has held
	looks   int                 // at a timer or at the map, since the last Gosched
}

func (l *timerLoop) init(callbacks *callbackLoop) {
	l.callbacks = callbacks
	l.start = time.Now()
	l.pending = make(map[*timer]struct{})
}

// add hands t to the timer loop. It does not put t into the map itself: the
// caller would have to wait while a million timers are swept.
//
// Both add and turn read the clock while mu is held. So a timer that a turn does not
// see has a deadline no sooner than that turn's now, and timers run by their
// deadlines across turns too.
func (l *timerLoop) add(t *timer, delay time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t.deadline = after(time.Since(l.start), delay)
	t.seq = l.seq
	l.seq++
	l.arrivals = append(l.arrivals, t)
}

// run is the timer loop: turn after turn, until stop is closed.
//
// Gosched saves nothing: it burns the core just the same. But a goroutine that
// never gives way can keep a caller from running for 10 ms at a time, until the
// runtime forces it to; and for ever in WebAssembly, where nothing does. Once in 64
// looks is enough. If both loops gave way in every short turn, they would land on one
// core now and then, and the other core would rest.
func (l *timerLoop) run(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
			l.turn()
			if l.looks += 1 + len(l.pending); l.looks >= 64 {
				l.looks = 0
				runtime.Gosched()
			}
		}
	}
}

// turn sweeps the map once and hands the due timers to the callback loop.
//
// This wastes a core in two ways: a turn costs more the more timers wait, whether any
// is due or not, and the next turn begins when this one has ended. Stage 2 stops the
// second when no timer is left, stage 3 stops both.
func (l *timerLoop) turn() {
	l.turns.Add(1)
	l.mu.Lock()
	arrivals := l.arrivals
	l.arrivals = nil
	now := time.Since(l.start) // once: all timers are compared with one now
	l.mu.Unlock()

	for _, t := range arrivals {
		l.pending[t] = struct{}{}
	}
	l.peak = max(l.peak, len(l.pending))
	var due []*timer
	for t := range l.pending {
		switch {
		case t.claimed.Load(): // stopped
			delete(l.pending, t)
		case t.deadline <= now:
			delete(l.pending, t)
			due = append(due, t)
		}
	}
	l.shrink()

	// A Go map has no order. Python's dict has the order of insertion, which is not
	// that of the deadlines either.
	slices.SortFunc(due, byDeadline)
	for _, t := range due {
		l.callbacks.add(t)
	}
}

// shrink moves the timers to a smaller map if three quarters of this one are empty.
// A map only grows, and a sweep passes over its empty places too.
func (l *timerLoop) shrink() {
	if len(l.pending) >= l.peak/4 {
		return
	}
	l.peak = len(l.pending)
	smaller := make(map[*timer]struct{}, l.peak)
	maps.Copy(smaller, l.pending)
	l.pending = smaller
}

// after returns now + delay, but at most the last instant there is: an overflow
// would be an instant in the past, and due at once.
func after(now, delay time.Duration) time.Duration {
	return now + min(delay, math.MaxInt64-now)
}

func byDeadline(a, b *timer) int {
	return cmp.Or(cmp.Compare(a.deadline, b.deadline), cmp.Compare(a.seq, b.seq))
}
