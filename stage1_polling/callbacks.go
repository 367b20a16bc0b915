package polling

import (
	"maps"
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
// async_loop). Here they wait in a map, as in the article.
type callbackLoop struct {
	turns atomic.Uint64

	mu      sync.Mutex // guards waiting and seq
	waiting map[uint64]callback
	seq     uint64 // of the next callback: the map does not keep their order

	// The callback loop's own: batch[next:] has been taken from waiting and has
	// not run. A Run that ends leaves it to the next Run.
	batch []callback
	next  int
}

func (l *callbackLoop) init() {
	l.waiting = make(map[uint64]callback)
}

// add has c run after all that were added before.
func (l *callbackLoop) add(c callback) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting[l.seq] = c
	l.seq++
}

// run is the callback loop: turn after turn, until done is closed.
//
// In each turn it runs what it took in the turn before. What those callbacks
// add waits for the next turn, and so do the timers that have become due: a
// callback that always adds another can't keep them waiting for ever. Nor, on one
// core, can it keep the timer loop from handing them over: hence Gosched.
func (l *callbackLoop) run(done <-chan struct{}) {
	for {
		l.turns.Add(1)
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
		select {
		case <-done:
			return
		default:
			l.take() // anything? If not, look again at once
			runtime.Gosched()
		}
	}
}

// take moves all that waits into batch, in the order in which it was added.
func (l *callbackLoop) take() {
	var waiting map[uint64]callback
	l.mu.Lock()
	if len(l.waiting) > 0 {
		waiting, l.waiting = l.waiting, make(map[uint64]callback)
	}
	l.mu.Unlock()

	l.batch, l.next = make([]callback, 0, len(waiting)), 0
	for _, seq := range slices.Sorted(maps.Keys(waiting)) {
		l.batch = append(l.batch, waiting[seq])
	}
}
