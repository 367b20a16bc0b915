package base

import "sync"

// callbacks is the base's own callback loop.
type callbacks struct {
	loop *Loop

	mu      sync.Mutex // guards waiting
	waiting []func()
	wake    chan struct{} // holds a value if waiting is not empty

	// The callback loop's own: batch[next:] is to run before what waits.
	batch []func()
	next  int
}

func newCallbacks(l *Loop) Callbacks {
	return &callbacks{loop: l, wake: make(chan struct{}, 1)}
}

func (c *callbacks) Add(callback func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, callback)
	if len(c.waiting) == 1 {
		c.wake <- struct{}{} // there is room: the loop took the last one
	}
}

func (c *callbacks) Run(done <-chan struct{}) {
	for {
		c.loop.Turn()
		for c.next < len(c.batch) {
			select {
			case <-done:
				return
			default:
			}
			callback := c.batch[c.next]
			c.batch[c.next] = nil
			c.next++
			callback()
		}
		select {
		case <-done:
			return
		case <-c.wake:
			c.mu.Lock()
			c.batch, c.waiting, c.next = c.waiting, nil, 0
			c.mu.Unlock()
		}
	}
}
