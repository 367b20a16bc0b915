package tuned

import "sync"

// A queue is where the callbacks of CallSoon wait. All callers share it, since its
// order is that of their calls. They hold its lock for a few instructions, and so does
// the loop, which takes the list whole.
type queue struct {
	mu      sync.Mutex // guards waiting
	waiting list[func()]

	_ [128]byte // callers write what is above, the loop what is below

	batch *chunk[func()] // taken, and not yet called from next on
	next  int            // in that chunk; others may follow it
}

func (q *queue) add(callback func()) {
	q.mu.Lock()
	q.waiting.add(callback, &callbackChunks)
	q.mu.Unlock()
}

func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting.first == nil
}

// take takes all that waits, as the next batch. The batch before must be empty.
func (q *queue) take() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.batch, q.waiting = q.waiting.first, list[func()]{}
}

// more reports whether there is another callback in the batch.
func (q *queue) more() bool {
	if q.batch != nil && q.next == q.batch.n {
		q.batch, q.next = q.batch.free(&callbackChunks), 0
	}
	return q.batch != nil
}

// pop returns the next callback of the batch; more must have reported that there is
// one. It is out of the batch before it is called: it may panic, and has had its turn.
func (q *queue) pop() func() {
	callback := q.batch.items[q.next]
	q.batch.items[q.next] = nil
	q.next++
	return callback
}
