package tuned

import (
	"math/bits"
	"slices"
	"time"
)

// buckets are where timers wait: a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan,
// "Faster Algorithms for the Shortest Path Problem", 1990).
//
// A heap must be ready for any deadline. Timers are easier, since time only goes
// forward. A radix heap remembers an instant, last: the time of an earlier look. No
// deadline before last can still come (see Loop.look). For each bit of the clock there
// is a bucket. An entry is in the bucket of the highest bit in which its deadline
// differs from last:
//
//	bucket 0     deadlines equal to last
//	bucket 1     those that differ in the lowest bit only
//	bucket i     those that differ in bit i-1, and above that in none
//
// All entries in a bucket are before all entries in the buckets above it. Putting an
// entry in is an append, however many there are. When some of a bucket are due, its
// other entries are divided among the buckets below, and last moves. So an entry only
// moves down, a few times in all, and each time together with its neighbours: memory is
// read and written in order. In a heap each step of an entry is somewhere else in
// memory, and beyond the processor's caches that is where the time goes.
type buckets struct {
	last     time.Duration
	occupied uint64 // bit i is set if there is something in bucket i
	bucket   [64]bucket
	n        int // how many entries there are

	buffer []entry // holds what due returns
}

// maxBuffer is the largest buffer that is kept, in entries: 64 KiB. A burst takes more,
// and gives it back.
const maxBuffer = 1 << 12

type bucket struct {
	list[entry]
	earliest time.Duration
}

// push puts e in. Its deadline must not be before b.last.
func (b *buckets) push(e entry) {
	i := bits.Len64(uint64(e.deadline ^ b.last))
	to := &b.bucket[i]
	if b.occupied&(1<<i) == 0 {
		b.occupied |= 1 << i
		to.earliest = e.deadline
	}
	to.earliest = min(to.earliest, e.deadline)
	to.add(e, &entryChunks)
	b.n++
}

// earliest returns the earliest deadline, or never.
func (b *buckets) earliest() time.Duration {
	if b.occupied == 0 {
		return never
	}
	return b.bucket[bits.TrailingZeros64(b.occupied)].earliest
}

// due takes out entries that are due by now, in the order in which they are to run. An
// entry that is due exactly now and has a number above seq stays, see Loop.look.
//
// All that it returns is from one bucket, so there may be more: call it until it returns
// none. The slice is good until the next call.
func (b *buckets) due(now time.Duration, seq uint64) []entry {
	if b.earliest() > now {
		return nil
	}
	due := b.buffer[:0]
	for e := range b.empty(bits.TrailingZeros64(b.occupied)).drain(&entryChunks) {
		if e.deadline < now || e.deadline == now && e.timer.seq <= seq {
			due = append(due, e)
		} else {
			// Some are due and some are not: then now is in this bucket's range. It
			// differs from last in no bit above, so the entries in the buckets above
			// are in their places still.
			b.last = now
			b.push(e)
		}
	}
	if b.buffer = due; cap(due) > maxBuffer {
		b.buffer = nil
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
		for e := range b.empty(bits.TrailingZeros64(left)).drain(&entryChunks) {
			if !e.timer.claimed.Load() {
				b.push(e)
			}
		}
	}
}
