package polling

import (
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// A task is what the callback loop calls: a *timer that has become due, or a
// function given to CallSoon.
type task interface{ call() }

// soon is a task that nothing can stop.
type soon func()

func (f soon) call() { f() }

// A callbackLoop is where callbacks wait until they run (the article's
// async_loop). Here they wait in a map, as in the article.
type callbackLoop struct {
	turns atomic.Uint64

	mu      sync.Mutex // guards waiting and seq
	waiting map[uint64]task
	seq     uint64 // of the next callback: the map does not keep their order

	// The callback loop's own: batch[next:] has been taken from waiting and has
	// not run. A Run that ends leaves it to the next Run.
	batch []task
	next  int
}

func (l *callbackLoop) init() {
	l.waiting = make(map[uint64]task)
}

// add has tasks called, in their order, after all that were added before.
func (l *callbackLoop) add(tasks ...task) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range tasks {
		l.waiting[l.seq] = t
		l.seq++
	}
}

// run is the callback loop: turn after turn, until done is closed.
//
// In each turn it runs what it took in the turn before. What those callbacks
// add waits for the next turn, and so do the timers that have become due: a
// callback that always adds another can't keep them waiting for ever. On one core it
// might keep the timer loop from handing them over: hence Gosched, now and then, as
// in the timer loop.
func (l *callbackLoop) run(done <-chan struct{}) {
	for {
		l.turns.Add(1)
		for l.next < len(l.batch) {
			select {
			case <-done:
				return
			default:
			}
			t := l.batch[l.next]
			l.batch[l.next] = nil // it may panic: it has had its turn
			l.next++
			t.call()
		}
		l.batch, l.next = nil, 0
		select {
		case <-done:
			return
		default:
			l.take() // anything? If not, look again at once
			if l.turns.Load()%64 == 0 {
				runtime.Gosched()
			}
		}
	}
}

// take moves all that waits into batch, in the order in which it was added. It
// finds nothing millions of times a second, and then it allocates nothing.
func (l *callbackLoop) take() {
	l.mu.Lock()
	waiting := l.waiting
	if len(waiting) == 0 {
		l.mu.Unlock()
		return
	}
	l.waiting = make(map[uint64]task)
	l.mu.Unlock()

	for _, seq := range slices.Sorted(maps.Keys(waiting)) {
		l.batch = append(l.batch, waiting[seq])
	}
}
