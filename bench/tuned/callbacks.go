package tuned

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// A callback is what the callback loop runs: a *timer that has become due, or
// a function given to CallSoon.
type callback interface{ run() }

// soon is a callback that nothing can stop.
type soon func()

func (f soon) run() { f() }

// A callbackLoop is where callbacks wait until they run (the article's
// async_loop). Here they wait in a slice, with an event to say that there are
// some: stage 2's queue, for a fraction of its cost (BenchmarkCallSoon).
type callbackLoop struct {
	turns atomic.Uint64

	// The callback loop's own: batch[next:] has been taken from waiting and has
	// not run. A Run that ends leaves it to the next Run.
	batch []callback
	next  int

	_ [64]byte // the callback loop writes what is above, callers what is below

	mu      sync.Mutex // guards waiting
	waiting []callback
	wake    event // set by whoever finds waiting empty and adds to it
}

func (l *callbackLoop) init() {
	l.wake = newEvent()
}

// add has c run after all that were added before.
func (l *callbackLoop) add(c callback) {
	l.mu.Lock()
	first := len(l.waiting) == 0
	l.waiting = append(l.waiting, c)
	l.mu.Unlock()
	if first {
		l.wake.set()
	}
}

// addAll is add for several: one lock and one wake-up for a batch of timers.
func (l *callbackLoop) addAll(cs []callback) {
	l.mu.Lock()
	first := len(l.waiting) == 0 && len(cs) > 0
	l.waiting = append(l.waiting, cs...)
	l.mu.Unlock()
	if first {
		l.wake.set()
	}
}

// run is the callback loop: turn after turn, until done is closed.
//
// In each turn it runs what it took in the turn before. What those callbacks
// add waits for the next turn, and so do the timers that have become due: a
// callback that always adds another can't keep them waiting for ever. Nor, on one
// core, can it keep the timer loop from handing them over: hence Gosched, but not in
// each turn, since it costs as much as a turn with one callback.
func (l *callbackLoop) run(done <-chan struct{}) {
	for {
		if l.turns.Add(1)%giveWay == 0 {
			runtime.Gosched()
		}
		for l.next < len(l.batch) {
			select {
			case <-done:
				return
			default:
			}
			c := l.batch[l.next]
			l.batch[l.next] = nil // it may panic: it has had its turn
			l.next++
			c.run()
		}
		l.batch = recycle(l.batch) // before falling asleep, perhaps for long
		l.next = 0
		// The article's thread blocks in get() and never hears that it is to
		// stop. A select waits for both.
		select {
		case <-done:
			return
		case <-l.wake: // asleep until there is something
			l.take()
		}
	}
}

// take swaps what waits and batch, which is empty.
func (l *callbackLoop) take() {
	l.mu.Lock()
	l.batch, l.waiting = l.waiting, l.batch
	l.mu.Unlock()
}

const (
	batchSize = 1 << 10 // how many timers move under one lock
	spareSize = 1 << 16 // how many items an empty slice may keep room for
	giveWay   = 16      // the callback loop lets others run in one turn of so many
)

// shrink moves s to a smaller slice if most of this one is empty.
func shrink[T any](s []T) []T {
	if len(s) < cap(s)/4 && cap(s) > spareSize {
		return slices.Clone(s)
	}
	return s
}

// recycle empties a slice to be filled again, or lets go of it if a burst has
// made it so large that keeping it would be a cost that lasts.
func recycle[T any](s []T) []T {
	if cap(s) > spareSize {
		return nil
	}
	clear(s)
	return s[:0]
}
