package base

// A Queue holds items in the order in which they were put, without bound, and
// can be waited for in a select. It is made of two channels, and no lock.
//
// The obvious queue is one buffered channel:
//
//	queue := make(chan *Timer, 1000) // BROKEN
//
// It works until it is full. Then the timer loop, putting a timer back, waits
// for room; but only the timer loop makes room. It has deadlocked with itself,
// and soon with everyone who calls SetTimeout. A larger buffer moves the day.
//
// Here all items are one value, a slice, and the two channels hold one value
// between them: items that slice, or empty a token when there is no item.
// A goroutine that has taken that one value has the queue to itself and must put
// something back, at once. So taking is locking, putting is unlocking, and
// both channels need room for one value, no less (or put would wait) and no
// more. The idea is Bryan Mills's, from "Rethinking Classical Concurrency
// Patterns" (GopherCon 2018).
type Queue[T any] struct {
	Items chan []T      // all the items, if there are any
	empty chan struct{} // a token, if there are none
}

func NewQueue[T any]() Queue[T] {
	q := Queue[T]{make(chan []T, 1), make(chan struct{}, 1)}
	q.Put(nil)
	return q
}

// Take takes all the items there are, perhaps none. It waits only for a goroutine
// that has just taken them. To wait until there are some, receive from q.Items.
func (q Queue[T]) Take() []T {
	select {
	case items := <-q.Items:
		return items
	case <-q.empty:
		return nil
	}
}

// Put puts back what the queue is to hold after a take.
func (q Queue[T]) Put(items []T) {
	if len(items) == 0 {
		q.empty <- struct{}{}
		return
	}
	q.Items <- items
}
