// Package bounded is an exercise: a callback loop whose queue has a bound.
package bounded

import (
	"runtime"
	"sync/atomic"

	"example.com/eventloop/docs/workshop/base"
)

// New returns a loop whose callbacks wait in a queue.
func New() *base.Loop { return base.New(base.Parts{Callbacks: &callbackLoop{}}) }

// A callbackLoop is that of stages 2 and 3.
type callbackLoop struct {
	turns atomic.Uint64

	waiting base.Queue[base.Task]

	batch []base.Task // batch[next:] has been taken from waiting and has not run
	next  int
}

func (l *callbackLoop) Init() {
	l.waiting = base.NewQueue[base.Task]()
}

func (l *callbackLoop) Add(tasks ...base.Task) {
	l.waiting.Put(append(l.waiting.Take(), tasks...))
}

func (l *callbackLoop) Turns() uint64 { return l.turns.Load() }

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
		select {
		case <-done:
			return
		case l.batch = <-l.waiting.Items: // asleep until there is something
			l.waiting.Put(nil)
			runtime.Gosched()
		}
	}
}
