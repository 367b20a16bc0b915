package tuned

import (
	"math/rand/v2"
	"slices"
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
			if len(sorted) == 0 {
				require.Equal(t, time.Duration(never), b.earliest())
			} else {
				require.Equal(t, sorted[0].deadline, b.earliest())
			}
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
