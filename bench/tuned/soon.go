package tuned

import "sync"

// A queue is where the callbacks of CallSoon wait. Here there is one for all
// callers, since its order is that of the calls. Its lock is held for a few
// instructions: a list passes to the loop whole.
type queue struct {
	mu      sync.Mutex // guards what follows
	waiting list[func()]
	spare   spares[func()]

	_ [128]byte // callers write what is above, the loop what is below

	batch   *chunk[func()] // taken, and not yet called from next on
	next    int            // in that chunk; others may follow it
	emptied spares[func()]
}

func (q *queue) add(callback func()) {
	q.mu.Lock()
	q.waiting.add(callback, &q.spare)
	q.mu.Unlock()
}

func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting.first == nil
}

// take takes all that waits, as the next batch, and brings back emptied chunks.
func (q *queue) take() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.batch, q.waiting = q.waiting.first, list[func()]{}
	for q.emptied.first != nil && q.spare.n < enough {
		q.spare.put(q.emptied.get())
	}
}

// more reports whether there is another in the batch.
func (q *queue) more() bool {
	c := q.batch
	if c == nil {
		return false
	}
	if q.next < c.n {
		return true
	}
	q.batch, q.next = c.next, 0
	q.emptied.put(c)
	return q.batch != nil
}

// pop returns the next callback of the batch, of which there must be more. It is
// out of the batch before it is called: it may panic, and has had its turn.
func (q *queue) pop() func() {
	c := q.batch
	callback := c.items[q.next]
	c.items[q.next] = nil
	q.next++
	return callback
}
