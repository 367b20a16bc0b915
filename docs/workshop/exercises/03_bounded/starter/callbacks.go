// Package bounded is an exercise: a callback loop whose queue has a bound.
package bounded

import "example.com/eventloop/docs/workshop/base"

// New returns a loop whose callbacks wait in a queue.
func New() *base.Loop {
	return base.New(base.Parts{Callbacks: func(l *base.Loop) base.Callbacks {
		return &callbacks{
			loop:    l,
			waiting: make(chan func(), 4096), // BROKEN: who makes room for number 4097?
		}
	}})
}

type callbacks struct {
	loop    *base.Loop
	waiting chan func()
}

func (c *callbacks) Add(callback func()) {
	c.waiting <- callback
}

func (c *callbacks) Run(done <-chan struct{}) {
	for {
		select {
		case <-done: // before anything else: a select chooses at random
			return
		default:
		}
		c.loop.Turn()
		select {
		case <-done:
			return
		case callback := <-c.waiting: // asleep until there is something
			select {
			case <-done:
				c.waiting <- callback
				return
			default:
			}
			callback()
		}
	}
}
