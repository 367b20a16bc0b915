package tuned

import "iter"

// A list holds items in order, without bound, in pieces of fixed size.
//
// The obvious list is a slice that append makes larger. It doubles by copying,
// perhaps with a lock held, and when a burst is over one has to choose: keep a
// slice that is far too large, or let go of it and grow again with the next
// burst. Chunks need no choice. Nothing is ever copied, a list passes from one
// owner to another as two pointers, and what is emptied is used again. A steady load
// allocates nothing, and a burst leaves no more behind than 64 chunks an owner.
type list[T any] struct {
	first, last *chunk[T]
}

// A chunk is 4 KiB of entries, or 2 KiB of callbacks.
type chunk[T any] struct {
	next  *chunk[T]
	n     int // items[:n] hold something
	items [255]T
}

// add appends item, in a chunk from spare if a new one is needed.
func (l *list[T]) add(item T, spare *spares[T]) {
	c := l.last
	if c == nil || c.n == len(c.items) {
		c = l.grow(spare)
	}
	c.items[c.n] = item
	c.n++
}

func (l *list[T]) grow(spare *spares[T]) *chunk[T] {
	c := spare.get()
	if l.first == nil {
		l.first = c
	} else {
		l.last.next = c
	}
	l.last = c
	return c
}

// drain gives out the chunks, one by one. When it is asked for the next one, the one
// before goes to spare.
func (l list[T]) drain(spare *spares[T]) iter.Seq[*chunk[T]] {
	return func(yield func(*chunk[T]) bool) {
		for c := l.first; c != nil; {
			next := c.next
			if !yield(c) {
				return
			}
			spare.put(c)
			c = next
		}
	}
}

// spares are emptied chunks to be used again.
type spares[T any] struct {
	first *chunk[T]
	n     int
}

// enough is how many chunks one owner keeps: room for 16,320 items.
const enough = 64

func (s *spares[T]) get() *chunk[T] {
	c := s.first
	if c == nil {
		return new(chunk[T])
	}
	s.first = c.next
	s.n--
	c.next = nil
	return c
}

// put keeps c, and nothing of what was in it, if there are not enough already.
func (s *spares[T]) put(c *chunk[T]) {
	if s.n == enough {
		return
	}
	clear(c.items[:c.n])
	c.n = 0
	c.next = s.first
	s.first = c
	s.n++
}
