package tuned

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A timerLoop is where timers wait until they are due (the article's
// timeout_loop). Here they wait in a heap, the earliest at its top.
//
// It has two locks, never held together, so that nobody who sets a timer waits for
// the heap: mu is held to add one timer, heapMu while a batch moves.
type timerLoop struct {
	callbacks *callbackLoop
	start     time.Time // deadlines count from here, on the monotonic clock
	turns     atomic.Uint64

	heapMu   sync.Mutex // guards heap, and index in its timers
	heap     heap
	due      []callback    // the timer loop's own: what it takes out of the heap
	spare    []entry       // the timer loop's own: a slice to use for arrivals
	_        [64]byte      // the timer loop writes what is above, callers what is below
	mu       sync.Mutex    // guards what follows, and arrival in its timers
	seq      uint64        // of the next timer
	arrivals []entry       // set since the last turn
	until    time.Duration // when to look next: nothing is due before
	asleep   bool          // the timer loop sleeps until then, or is about to
	wake     event         // set to wake it
}

func (l *timerLoop) init(callbacks *callbackLoop) {
	l.callbacks = callbacks
	l.start = time.Now()
	l.wake = newEvent()
}

// add hands t to the timer loop, and wakes it if it would sleep for too long:
// only then, since of all other timers it need not even know yet.
//
// The clock is read with the lock held, here and in turn: then a timer that is
// not among a turn's arrivals has a deadline no sooner than that turn's now, and
// what is due earlier runs earlier, across turns too.
func (l *timerLoop) add(t *timer, delay time.Duration) {
	l.mu.Lock()
	deadline := after(time.Since(l.start), delay)
	t.seq = l.seq
	l.seq++
	t.arrival = len(l.arrivals)
	l.arrivals = append(l.arrivals, entry{deadline, t})
	if deadline < l.until && l.asleep {
		l.asleep = false // once is enough
		l.wake.set()
	}
	l.until = min(l.until, deadline)
	l.mu.Unlock()
}

// remove takes t, which has been claimed, out of where it waits: arrivals or
// the heap. A timer knows its place there, and is in it if the place says so
// too. On its way from one to the other it is in neither; then turn drops it: it looks
// whether t is claimed with heapMu held, so either it sees that, or t is in the heap
// before we look there. (What is due already is dropped when its turn to run comes.)
func (l *timerLoop) remove(t *timer) {
	l.mu.Lock()
	if i := t.arrival; i < len(l.arrivals) && l.arrivals[i].timer == t {
		last := len(l.arrivals) - 1
		l.arrivals[i] = l.arrivals[last]
		l.arrivals[i].timer.arrival = i
		l.arrivals[last] = entry{}
		l.arrivals = shrink(l.arrivals[:last])
		l.mu.Unlock()
		return
	}
	l.mu.Unlock()
	l.heapMu.Lock()
	if i := t.index; i < len(l.heap) && l.heap[i].timer == t {
		l.heap.remove(i)
	}
	l.heapMu.Unlock()
}

// run is the timer loop: turn after turn, until stop is closed. Between two
// turns it sleeps, and three things wake it.
//
// None of them has to be right: the next turn looks at the clock again, so a
// wake-up for nothing does no harm. A missing one would; see event.go.
func (l *timerLoop) run(stop <-chan struct{}) {
	alarm := time.NewTimer(math.MaxInt64) // one runtime timer for all of ours
	defer alarm.Stop()
	for {
		// With nothing pending ring is nil, and a nil channel is never ready. (The
		// article has a fake timer, 1000 s ahead, so that there is always one.)
		var ring <-chan time.Time
		if until := l.turn(); until < math.MaxInt64 {
			alarm.Reset(until - time.Since(l.start))
			ring = alarm.C
		}
		select {
		case <-stop:
			return
		case <-ring: // asleep until the earliest deadline
		case <-l.wake: // or until somebody sets a sooner timer
		}
	}
}

// turn hands what is due to the callback loop and returns when to look next.
//
// A turn costs something for each timer that has come or is due; those that wait
// only make the heap higher. And the next turn begins when there is need of one.
func (l *timerLoop) turn() (until time.Duration) {
	l.turns.Add(1)
	l.mu.Lock()
	arrivals := l.arrivals
	l.arrivals = l.spare
	l.until, l.asleep = math.MaxInt64, false
	now := time.Since(l.start) // once: what is due is the same for all
	l.mu.Unlock()
	for batch := range slices.Chunk(arrivals, batchSize) {
		l.heapMu.Lock()
		for _, e := range batch {
			if !e.timer.claimed.Load() { // else stopped
				l.heap.push(e)
			}
		}
		l.heapMu.Unlock()
	}
	l.spare = recycle(arrivals)

	// No sorting: a heap gives its timers out in the order of their deadlines.
	earliest := now
	for earliest <= now {
		l.heapMu.Lock()
		for l.heap.earliest() <= now && len(l.due) < batchSize {
			l.due = append(l.due, l.heap.pop())
		}
		earliest = l.heap.earliest()
		l.heapMu.Unlock()
		l.callbacks.addAll(l.due)
		l.due = recycle(l.due)
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	l.until, l.asleep = min(l.until, earliest), true
	return l.until
}
