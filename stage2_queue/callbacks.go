package queue

import (
	"runtime"
	"sync/atomic"
)

// A task is what the callback loop calls: a *timer that has become due, or a
// function given to CallSoon.
type task interface{ call() }

// soon is a task that nothing can stop.
type soon func()

func (f soon) call() { f() }

// A callbackLoop is where callbacks wait until they run (the article's
// async_loop). Here they wait in a queue.
type callbackLoop struct {
	turns atomic.Uint64

	waiting queue[task]

	// The callback loop's own: batch[next:] has been taken from waiting and has
	// not run. A Run that ends leaves it to the next Run.
	batch []task
	next  int
}

func (l *callbackLoop) init() {
	l.waiting = newQueue[task]()
}

// add has tasks called, in their order, after all that were added before.
func (l *callbackLoop) add(tasks ...task) {
	l.waiting.put(append(l.waiting.take(), tasks...))
}

// run is the callback loop: turn after turn, until done is closed.
//
// In each turn it runs what it took in the turn before. What those callbacks
// add waits for the next turn, and so do the timers that have become due: a
// callback that always adds another can't keep them waiting for ever. On one core it
// might keep the timer loop from handing them over: hence Gosched.
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
		// The article's thread blocks in get() and does not see its stop flag. A
		// select waits for both.
		select {
		case <-done:
			return
		case l.batch = <-l.waiting.items: // asleep until there is something
			l.waiting.put(nil)
			runtime.Gosched()
		}
	}
}
