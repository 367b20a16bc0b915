package tuned

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// There is a shard for each processor, and each is used.
func TestAShardForEachProcessor(t *testing.T) {
	const n = 3
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	l := New()
	require.Equal(t, n, runtime.GOMAXPROCS(0))
	require.Len(t, l.shards.all, n)
	used := make(map[any]bool)
	for range n {
		used[l.shards.pool.New()] = true
	}
	assert.Len(t, used, n)
}

// lookBetween has a look take up the first shard, calls f, and has the look take up the
// last shard, which is locked while f runs.
func lookBetween(l *Loop, f func(first, last *shard)) {
	first, last := &l.shards.all[0], &l.shards.all[len(l.shards.all)-1]
	last.mu.Lock()
	looked := make(chan struct{})
	go func() { defer close(looked); l.look() }()
	for taken := false; !taken; runtime.Gosched() {
		first.mu.Lock()
		taken = first.timers.first == nil
		first.mu.Unlock()
	}
	f(first, last)
	last.mu.Unlock()
	<-looked
}

// Equal deadlines keep their order though a look misses the first of them, in a shard
// that it has passed. The clock can't tell: in a bubble it stands still.
func TestLookMissesNothingEarlier(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	synctest.Test(t, func(t *testing.T) {
		l := New()
		var seen, missed, after timer
		l.shards.all[0].add(&seen, 0)
		lookBetween(l, func(first, last *shard) {
			first.add(&missed, 0)
			after.seq = l.shards.seq.Add(1) // as add does it, for the shard is locked
			last.timers.add(entry{time.Since(l.start), &after}, &entryChunks)
		})
		for _, want := range [][]entry{{{0, &seen}}, {{0, &missed}, {0, &after}}, nil} {
			require.Equal(t, want, l.due)
			l.look()
		}
	})
}

// A look reads the clock before it comes to the first shard: what is set, and becomes
// due, while it goes from shard to shard is for the next one.
func TestLookReadsTheClockFirst(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	l := New()
	l.shards.all[0].add(new(timer), time.Hour)
	lookBetween(l, func(_, last *shard) {
		now := time.Since(l.start)
		last.timers.add(entry{now + 1, new(timer)}, &entryChunks)
		for time.Since(l.start) <= now+1 { // until it is due
		}
	})
	assert.Empty(t, l.due)
	l.look()
	assert.Len(t, l.due, 1)
}
