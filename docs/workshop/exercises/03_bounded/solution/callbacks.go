// Package bounded is an exercise: a callback loop whose queue has a bound.
package bounded

import "example.com/eventloop/docs/workshop/base"

// New returns a loop whose callbacks wait in a queue.
func New() *base.Loop {
	return base.New(base.Parts{Callbacks: func(l *base.Loop) base.Callbacks {
		return &callbacks{loop: l, waiting: base.NewQueue[func()]()}
	}})
}

type callbacks struct {
	loop    *base.Loop
	waiting base.Queue[func()]
}

func (c *callbacks) Add(callback func()) {
	c.waiting.Put(append(c.waiting.Take(), callback))
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
		case waiting := <-c.waiting.Items: // asleep until there is something
			select {
			case <-done:
				c.waiting.Put(waiting)
				return
			default:
			}
			callback := waiting[0]
			waiting[0] = nil // let go of it
			c.waiting.Put(waiting[1:])
			callback()
		}
	}
}
