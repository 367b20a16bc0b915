// Package bounded is an exercise: a callback loop whose queue has a bound.
//
// BROKEN: a callback that calls CallSoon often enough never returns.
package bounded

import (
	"sync/atomic"

	"example.com/eventloop/docs/workshop/base"
)

// New returns a loop whose callbacks wait in a queue.
func New() *base.Loop { return base.New(base.Parts{Callbacks: &callbackLoop{}}) }

// A callbackLoop is that of stages 2 and 3 except for its queue.
type callbackLoop struct {
	turns atomic.Uint64

	waiting chan base.Task
}

func (l *callbackLoop) Init() {
	l.waiting = make(chan base.Task, 4096)
}

func (l *callbackLoop) Add(tasks ...base.Task) {
	for _, t := range tasks {
		l.waiting <- t
	}
}

func (l *callbackLoop) Turns() uint64 { return l.turns.Load() }

func (l *callbackLoop) Run(done <-chan struct{}) {
	for {
		select {
		case <-done: // before anything else: a select chooses at random
			return
		default:
		}
		l.turns.Add(1)
		select {
		case <-done:
			return
		case t := <-l.waiting: // asleep until there is something
			select {
			case <-done:
				l.waiting <- t
				return
			default:
			}
			t.Call()
		}
	}
}
