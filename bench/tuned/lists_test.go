package tuned

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Buckets give out what a sorted slice would, whatever the distance, and hold nothing of
// what they have given out or swept out.
func TestBuckets(t *testing.T) {
	for _, horizon := range []time.Duration{1, 3, 100, time.Microsecond, time.Second, 1000 * time.Hour, never} {
		random := rand.New(rand.NewPCG(1, uint64(horizon)))
		var b buckets
		var sorted []entry // the model
		var now time.Duration
		var seq uint64
		for range 5000 {
			switch n := random.IntN(100); {
			case n < 60:
				delay := time.Duration(random.Int64N(int64(horizon)))
				if random.IntN(4) == 0 {
					delay >>= random.IntN(50)
				}
				seq++
				e := entry{now + min(delay, never-now-1), &timer{seq: seq}}
				b.push(e)
				at, _ := slices.BinarySearchFunc(sorted, e, compare)
				sorted = slices.Insert(sorted, at, e)
			case n < 98:
				now += time.Duration(random.Int64N(int64(min(horizon, (never-now)/100+1))))
				last := seq - random.Uint64N(3)&seq // those after it are missed if they are due now
				var got []entry
				for due := b.due(now, last); len(due) > 0; due = b.due(now, last) {
					got = append(got, due...)
				}
				n, _ := slices.BinarySearchFunc(sorted, entry{now, &timer{seq: last + 1}}, compare)
				require.Len(t, got, n)
				require.True(t, slices.Equal(sorted[:n], got))
				sorted = sorted[n:]
			default:
				for _, e := range sorted {
					e.timer.claimed.Store(random.IntN(8) == 0)
				}
				b.sweep()
				sorted = slices.DeleteFunc(sorted, func(e entry) bool { return e.timer.claimed.Load() })
			}
			require.Equal(t, len(sorted), b.n)
			require.Equal(t, append(sorted, entry{never, nil})[0].deadline, b.earliest())
		}
		for i := range b.bucket {
			assert.Equal(t, b.occupied&(1<<i) != 0, b.bucket[i].first != nil, "bucket %d", i)
		}
	}
}

// An entry moves down a few times in all, however often it is looked at: that is what
// makes a push an append.
func TestBucketsMoveEachEntryDown(t *testing.T) {
	var b buckets
	const deadline = time.Hour
	b.push(entry{deadline, new(timer)})
	last, moves := 64, 0
	for now := time.Duration(0); now < deadline; now += time.Second {
		b.push(entry{now, new(timer)}) // something is due each time
		require.NotEmpty(t, b.due(now, 0))
		if highest := bits.Len64(b.occupied); highest < last {
			last, moves = highest, moves+1
		}
	}
	assert.LessOrEqual(t, moves, 42, "an hour has 42 bits")
	assert.Greater(t, moves, 3, "and is looked at each second")
	assert.Len(t, b.due(deadline, 0), 1)
}

// The buffer of a burst is given back, and a smaller one is used again.
func TestBucketsGiveBackABurst(t *testing.T) {
	var b buckets
	for _, n := range []int{10, maxBuffer / 2, 10 * maxBuffer, 10} {
		for range n {
			b.push(entry{b.last + 1, new(timer)})
		}
		require.Len(t, b.due(b.last+1, 0), n)
		assert.Equal(t, n < maxBuffer, b.buffer != nil, n)
	}
}

// Items come out in the order in which they went in, across chunks. An emptied chunk
// holds nothing, and is used again.
func TestList(t *testing.T) {
	var pool sync.Pool
	size := len(chunk[*int]{}.items)
	emptied := make(map[*chunk[*int]]bool)
	again := false
	for _, n := range append([]int{0, 1, size - 1, size, size + 1}, slices.Repeat([]int{3 * size}, 20)...) {
		var l list[*int]
		for i := range n {
			l.add(&i, &pool)
		}
		for c := l.first; c != nil; c = c.next {
			again = again || emptied[c]
			emptied[c] = true
		}
		next := 0
		for item := range l.drain(&pool) {
			require.Equal(t, next, *item)
			next++
		}
		require.Equal(t, n, next)
		for c := range emptied {
			require.Equal(t, chunk[*int]{}, *c)
		}
	}
	assert.True(t, again)
}

// Callbacks come out in the order in which they were added, batch by batch.
func TestQueue(t *testing.T) {
	var q queue
	var got, want []int
	for round, n := range []int{0, 1, 254, 255, 256, 1000, 3} {
		for i := range n {
			q.add(func() { got = append(got, round*10_000+i) })
			want = append(want, round*10_000+i)
		}
		assert.Equal(t, n == 0, q.empty())
		assert.False(t, q.more(), "a batch is taken whole, and not before")
		q.take()
		assert.True(t, q.empty())
		for q.more() {
			c, place := q.batch, q.next
			q.pop()()
			require.Nil(t, c.items[place], "a callback that has run is still held")
		}
		require.Equal(t, want, got)
	}
}
