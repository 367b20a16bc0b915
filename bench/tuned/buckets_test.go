package tuned

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Buckets give out what a sorted slice would, whatever the distance, and hold
// nothing of what they have given out or swept out.
func TestBuckets(t *testing.T) {
	for _, horizon := range []time.Duration{1, 3, 100, time.Microsecond, time.Second, 1000 * time.Hour, never} {
		random := rand.New(rand.NewPCG(1, uint64(horizon)))
		var b buckets
		var sorted []entry // the model
		var now, set time.Duration
		for range 5000 {
			switch n := random.IntN(100); {
			case n < 60:
				delay := time.Duration(random.Int64N(int64(horizon)))
				if random.IntN(4) == 0 {
					delay >>= random.IntN(50)
				}
				set++
				e := entry{now + min(delay, never-now-1), &timer{set: set}}
				b.push(e)
				at, _ := slices.BinarySearchFunc(sorted, e, compare)
				sorted = slices.Insert(sorted, at, e)
			case n < 98:
				now += time.Duration(random.Int64N(int64(min(horizon, (never-now)/100+1))))
				var got []entry
				for due := b.due(now); len(due) > 0; due = b.due(now) {
					got = append(got, due...)
				}
				n := 0
				for n < len(sorted) && sorted[n].deadline <= now {
					n++
				}
				require.Len(t, got, n)
				for i := range got {
					require.Same(t, sorted[i].timer, got[i].timer)
				}
				sorted = sorted[n:]
			default:
				for _, e := range sorted {
					e.timer.claimed.Store(random.IntN(8) == 0)
				}
				b.sweep()
				sorted = slices.DeleteFunc(sorted, func(e entry) bool { return e.timer.claimed.Load() })
			}
			require.Equal(t, len(sorted), b.n)
			if len(sorted) == 0 {
				require.Equal(t, time.Duration(never), b.earliest())
			} else {
				require.Equal(t, sorted[0].deadline, b.earliest())
			}
		}
		for i := range b.bucket {
			assert.Equal(t, b.occupied&(1<<i) != 0, b.bucket[i].first != nil, "bucket %d", i)
		}
		for c := b.spare.first; c != nil; c = c.next {
			assert.Equal(t, [255]entry{}, c.items, "something that was taken out is still held")
		}
	}
}

// An entry moves down a few times in all, whenever it is looked at: that is what
// makes a push an append.
func TestBucketsMoveEachEntryDown(t *testing.T) {
	var b buckets
	const deadline = time.Hour
	b.push(entry{deadline, new(timer)})
	last, moves := 64, 0
	for now := time.Duration(0); now < deadline; now += time.Second {
		b.push(entry{now, new(timer)}) // something is due each time
		require.NotEmpty(t, b.due(now))
		for i := range b.bucket {
			if b.bucket[i].first != nil {
				require.LessOrEqual(t, i, last)
				if i < last {
					last, moves = i, moves+1
				}
			}
		}
	}
	assert.LessOrEqual(t, moves, 42, "an hour has 42 bits")
	assert.Greater(t, moves, 3, "and is looked at each second")
	assert.Len(t, b.due(deadline), 1)
}

// What a burst needs is let go of, and what is kept holds no timer.
func TestBucketsLetGoOfABurst(t *testing.T) {
	var b buckets
	for _, n := range []int{10, largest / 2, 10 * largest, 10} {
		for range n {
			b.push(entry{b.last + 1, new(timer)})
		}
		due := b.due(b.last + 1)
		require.Len(t, due, n)
		clear(due) // as the loop does, one by one
		assert.LessOrEqual(t, cap(b.room), largest)
		assert.Equal(t, n < largest, b.room != nil, n)
		for _, e := range b.room[:cap(b.room)] {
			require.Nil(t, e.timer)
		}
		assert.LessOrEqual(t, b.spare.n, enough)
	}
}

// A steady load allocates nothing: what is emptied is used again, and there is room for
// what is due.
func TestBucketsSteadyLoad(t *testing.T) {
	var b buckets
	timers := make([]timer, 1000)
	due := 0
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for i := range timers {
			b.push(entry{b.last + time.Duration(1+i), &timers[i]})
		}
		now := b.last + time.Duration(len(timers))
		for some := b.due(now); len(some) > 0; some = b.due(now) {
			due += len(some)
		}
	}))
	assert.Equal(t, 101*len(timers), due)
}
