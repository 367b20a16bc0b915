package base

import (
	"runtime"
	"sync/atomic"
)

// A Task is what the callback loop calls: a *Timer that has become due, or a
// function given to CallSoon.
type Task interface{ Call() }

// soon is a Task that nothing can stop.
type soon func()

func (f soon) Call() { f() }

// A callbackLoop is where callbacks wait until they run (the article's
// async_loop). Here they wait in a queue.
type callbackLoop struct {
	turns atomic.Uint64

	waiting Queue[Task]

	// The callback loop's own: batch[next:] has been taken from waiting and has
	// not run. A Run that ends leaves it to the next Run.
	batch []Task
	next  int
}

func (l *callbackLoop) Init() {
	l.waiting = NewQueue[Task]()
}

// Add has tasks called, in their order, after all that were added before.
func (l *callbackLoop) Add(tasks ...Task) {
	l.waiting.Put(append(l.waiting.Take(), tasks...))
}

// Run is the callback loop: turn after turn, until done is closed.
//
// In each turn it runs what it took in the turn before. What those callbacks
// add waits for the next turn, and so do the timers that have become due: a
// callback that always adds another can't keep them waiting for ever. On one core it
// might keep the timer loop from handing them over: hence Gosched.
func (l *callbackLoop) Run(done <-chan struct{}) {
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
			t.Call()
		}
		l.batch, l.next = nil, 0
		// The article's thread blocks in get() and does not see its stop flag. A
		// select waits for both.
		select {
		case <-done:
			return
		case l.batch = <-l.waiting.Items: // asleep until there is something
			l.waiting.Put(nil)
			runtime.Gosched()
		}
	}
}
