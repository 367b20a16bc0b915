package tuned

import (
	"iter"
	"sync"
)

// A list holds items in order, without bound, in chunks of fixed size.
//
// The obvious list is a slice that append makes larger. It grows by copying, perhaps
// with a lock held, and after a burst it is far too large. Of a list nothing is ever
// copied: it passes from callers to the loop as two pointers. An emptied chunk goes into
// a [sync.Pool] and is used again, and the garbage collector takes from the pool what
// nobody uses.
type list[T any] struct {
	first, last *chunk[T]
}

// A chunk is 4 KiB of entries, or 2 KiB of callbacks.
type chunk[T any] struct {
	next  *chunk[T]
	n     int // items[:n] hold something
	items [255]T
}

var entryChunks, callbackChunks sync.Pool // of emptied chunks

// add appends item, in a chunk from the pool if a new one is needed.
func (l *list[T]) add(item T, pool *sync.Pool) {
	c := l.last
	if c == nil || c.n == len(c.items) {
		c = l.grow(pool)
	}
	c.items[c.n] = item
	c.n++
}

func (l *list[T]) grow(pool *sync.Pool) *chunk[T] {
	c, ok := pool.Get().(*chunk[T])
	if !ok {
		c = new(chunk[T])
	}
	if l.first == nil {
		l.first = c
	} else {
		l.last.next = c
	}
	l.last = c
	return c
}

// drain gives out the items. A chunk that has been given out goes into the pool.
func (l list[T]) drain(pool *sync.Pool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for c := l.first; c != nil; c = c.free(pool) {
			for _, item := range c.items[:c.n] {
				if !yield(item) {
					return
				}
			}
		}
	}
}

// free puts c into the pool, with nothing left in it, and returns the next chunk.
func (c *chunk[T]) free(pool *sync.Pool) *chunk[T] {
	next := c.next
	clear(c.items[:c.n])
	c.next, c.n = nil, 0
	pool.Put(c)
	return next
}
