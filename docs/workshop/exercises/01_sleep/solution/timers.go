// Package sleep is an exercise: a timer loop that polls, and a sleep.
package sleep

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eventloop/docs/workshop/base"
)

// New returns a loop whose timer loop looks every nap whether a timer is due,
// and sleeps in between.
func New(nap time.Duration) *base.Loop {
	return base.New(base.Parts{Timers: &timerLoop{nap: nap}})
}

// A timerLoop is that of stage 1: its timers wait in a map.
type timerLoop struct {
	callbacks base.Callbacks
	start     time.Time
	turns     atomic.Uint64
	nap       time.Duration

	mu       sync.Mutex    // guards seq and arrivals
	seq      uint64        // of the next timer
	arrivals []*base.Timer // set since the last turn

	pending map[*base.Timer]struct{} // the timer loop's own: needs no lock
	peak    int                      // the most timers that map has held
}

func (l *timerLoop) Init(callbacks base.Callbacks) {
	l.callbacks = callbacks
	l.start = time.Now()
	l.pending = make(map[*base.Timer]struct{})
}

func (l *timerLoop) Add(t *base.Timer, delay time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t.Deadline = base.After(time.Since(l.start), delay)
	t.Seq = l.seq
	t.Loop = l
	l.seq++
	l.arrivals = append(l.arrivals, t)
}

// Remove leaves the timer to the next turn.
func (l *timerLoop) Remove(*base.Timer) {}

func (l *timerLoop) Turns() uint64 { return l.turns.Load() }

func (l *timerLoop) Run(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(l.nap): // time.Sleep would do, but not hear stop
			l.turn()
		}
	}
}

// turn sweeps the map once and hands over what is due.
func (l *timerLoop) turn() {
	l.turns.Add(1)
	l.mu.Lock()
	arrivals := l.arrivals
	l.arrivals = nil
	now := time.Since(l.start)
	l.mu.Unlock()

	for _, t := range arrivals {
		l.pending[t] = struct{}{}
	}
	l.peak = max(l.peak, len(l.pending))
	var due []*base.Timer
	for t := range l.pending {
		switch {
		case t.Claimed.Load(): // stopped
			delete(l.pending, t)
		case t.Deadline <= now:
			delete(l.pending, t)
			due = append(due, t)
		}
	}
	l.shrink()

	slices.SortFunc(due, base.ByDeadline)
	for _, t := range due {
		l.callbacks.Add(t)
	}
}

// shrink moves the timers to a smaller map: a map does not shrink by itself.
func (l *timerLoop) shrink() {
	if len(l.pending) >= l.peak/4 {
		return
	}
	l.peak = len(l.pending)
	smaller := make(map[*base.Timer]struct{}, l.peak)
	maps.Copy(smaller, l.pending)
	l.pending = smaller
}
