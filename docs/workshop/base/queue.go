package base

// A Queue holds items in the order in which they were put, without bound. It is
// the queue of stage 2: see stage2_queue/queue.go for how it works and why it
// is not simply a buffered channel. It is safe for concurrent use.
type Queue[T any] struct {
	// Items has all the items as one value, if there are any. Receiving from it
	// blocks while there is none. Whoever has received must call Put, at once.
	Items chan []T
	empty chan struct{} // a token, if there are none
}

// NewQueue returns an empty queue.
func NewQueue[T any]() Queue[T] {
	q := Queue[T]{make(chan []T, 1), make(chan struct{}, 1)}
	q.Put(nil)
	return q
}

// Take takes all the items there are, perhaps none. It does not wait until
// there are some. Whoever has taken must call Put, at once.
func (q Queue[T]) Take() []T {
	select {
	case items := <-q.Items:
		return items
	case <-q.empty:
		return nil
	}
}

// Put puts back what the queue is to hold.
func (q Queue[T]) Put(items []T) {
	if len(items) == 0 {
		q.empty <- struct{}{}
		return
	}
	q.Items <- items
}
