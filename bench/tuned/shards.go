package tuned

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// shards are where timers come in: one for each processor, so that goroutines on
// different processors hardly ever wait for each other's lock.
//
// Go has no variable for each processor. The nearest is a [sync.Pool]: it gives back
// what was put into it on the same processor. It may give one shard to two goroutines
// at once, or forget one, so each shard has its lock.
type shards struct {
	all  []shard
	pool sync.Pool     // of *shard
	next atomic.Uint32 // which shard the pool gets when it has none

	_ [128]byte // all processors write the number below, and only read what is above

	seq atomic.Uint64 // of the last timer: one for all shards, so that equal deadlines keep their order
}

type shard struct {
	loop *Loop // whose shard it is

	mu     sync.Mutex // guards timers
	timers list[entry]

	stops atomic.Int64 // how many timers that were set here have been stopped

	_ [128]byte // keeps the next shard, another processor's, off this cache line and the one fetched with it
}

func (s *shards) init(l *Loop) {
	s.all = make([]shard, runtime.GOMAXPROCS(0))
	for i := range s.all {
		s.all[i].loop = l
	}
	s.pool.New = func() any { return &s.all[s.next.Add(1)%uint32(len(s.all))] }
}

// add takes t in, and returns its deadline.
func (s *shards) add(t *timer, delay time.Duration) (deadline time.Duration) {
	shard := s.pool.Get().(*shard)
	deadline = shard.add(t, delay)
	s.pool.Put(shard)
	return deadline
}

// add draws a number for t first, and reads the clock then, all with s locked: that is
// what Loop.look relies on.
func (s *shard) add(t *timer, delay time.Duration) (deadline time.Duration) {
	t.shard = s
	s.mu.Lock()
	defer s.mu.Unlock()
	t.seq = s.loop.shards.seq.Add(1)
	now := time.Since(s.loop.start)
	deadline = now + min(delay, never-now-1) // an overflow would be an instant in the past
	s.timers.add(entry{deadline, t}, &entryChunks)
	return deadline
}

// take takes all timers.
func (s *shard) take() list[entry] {
	s.mu.Lock()
	defer s.mu.Unlock()
	timers := s.timers
	s.timers = list[entry]{}
	return timers
}
