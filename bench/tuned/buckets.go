package tuned

import (
	"cmp"
	"math/bits"
	"slices"
	"time"
)

// buckets are where timers wait: a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan,
// "Faster Algorithms for the Shortest Path Problem", 1990).
//
// A heap must be ready for any deadline. Timers are easier, since time only goes
// forward. A radix heap makes use of that. It remembers an instant, last: the now of
// some look before. What that look did not find has a deadline no sooner than it
// (doors.add), so no deadline ever comes that is before last. And it has a bucket for
// each bit of the clock: an entry is in the bucket of the highest bit in which its
// deadline differs from last.
//
//	bucket 0     deadlines equal to last
//	bucket 1     those that differ in the lowest bit only
//	bucket i     those that differ in bit i-1, and above that in none
//
// All in a bucket are before all in the buckets above it. Putting an entry in is
// an append, however many there are. When some of a bucket have become due, its
// others are divided among the buckets below, and last moves. So an entry only
// ever moves down, a few times in all, and in each step together with its
// neighbours: memory is read and written in order. In a heap each step of one
// entry's way is somewhere else, and beyond the processor's caches that is what
// it costs.
type buckets struct {
	last     time.Duration
	occupied uint64 // bit i is set if there is something in bucket i
	bucket   [64]bucket
	n        int // how many entries there are
	spare    spares[entry]

	room []entry // for what is due
}

// largest is the room that is kept for what is due. A burst takes more, and that is
// let go of.
const largest = 1 << 14

type bucket struct {
	list[entry]
	earliest time.Duration
}

// push puts e in. Its deadline must not be before b.last; look sees to that.
func (b *buckets) push(e entry) {
	i := bits.Len64(uint64(e.deadline ^ b.last))
	to := &b.bucket[i]
	if b.occupied&(1<<i) == 0 {
		b.occupied |= 1 << i
		to.earliest = e.deadline
	}
	to.earliest = min(to.earliest, e.deadline)
	to.add(e, &b.spare)
	b.n++
}

// earliest returns the earliest deadline, or never.
func (b *buckets) earliest() time.Duration {
	if b.occupied == 0 {
		return never
	}
	return b.bucket[bits.TrailingZeros64(b.occupied)].earliest
}

// due takes out timers that are due by now, in the order in which they are to run:
// those of one bucket, so that it has to be called until there are none. What it
// returns is good until the next call.
func (b *buckets) due(now time.Duration) []entry {
	if b.earliest() > now {
		return nil
	}
	due := b.room[:0]
	for c := range b.empty(bits.TrailingZeros64(b.occupied)).drain(&b.spare) {
		for _, e := range c.items[:c.n] {
			if e.deadline <= now {
				due = append(due, e)
			} else {
				// Some are due and some are not: then now is in this bucket's range. It
				// differs from last in no bit above, so nothing changes for the buckets
				// above.
				b.last = now
				b.push(e)
			}
		}
	}
	b.room = due
	if cap(due) > largest {
		b.room = nil
	}
	slices.SortFunc(due, compare)
	return due
}

// empty takes everything out of bucket i.
func (b *buckets) empty(i int) list[entry] {
	all := b.bucket[i].list
	b.bucket[i] = bucket{}
	b.occupied &^= 1 << i
	for c := all.first; c != nil; c = c.next {
		b.n -= c.n
	}
	return all
}

// sweep drops every timer that has been stopped.
func (b *buckets) sweep() {
	for left := b.occupied; left != 0; left &= left - 1 {
		for c := range b.empty(bits.TrailingZeros64(left)).drain(&b.spare) {
			for _, e := range c.items[:c.n] {
				if !e.timer.claimed.Load() {
					b.push(e)
				}
			}
		}
	}
}

func compare(x, y entry) int {
	if x.deadline != y.deadline {
		return cmp.Compare(x.deadline, y.deadline)
	}
	return cmp.Compare(x.timer.set, y.timer.set)
}
