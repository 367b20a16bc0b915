package looptest

import (
	"slices"
	"sync"
)

// What callbacks tell the case: that something has happened, and what.

// A signal is given once; to give it again changes nothing.
type signal struct {
	once sync.Once
	done chan struct{} // closed when the signal is given
}

func newSignal() *signal { return &signal{done: make(chan struct{})} }
func (s *signal) give()  { s.once.Do(func() { close(s.done) }) }

// A list may be appended to from any goroutine, should a broken loop run
// callbacks on several.
type list[T any] struct {
	mu    sync.Mutex // protects items
	items []T
}

func (l *list[T]) add(item T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items = append(l.items, item)
}

func (l *list[T]) all() []T {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.items) // the caller's own: to sort, say
}

func (l *list[T]) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.items)
}
