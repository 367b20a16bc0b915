package tuned

import (
	"math"
	"sync/atomic"
	"time"
)

// never is later than any deadline.
const never = math.MaxInt64

// A sleeper is how the loop falls asleep, and how it is woken. While the loop is awake,
// or would wake up in time anyway, callers only read these words. Reading a word that
// nobody writes costs next to nothing on any number of processors.
//
// No wake-up is lost, since each side writes before it looks:
//
//	caller: hands something over, then looks whether the loop sleeps
//	loop:   says that it sleeps, then looks whether there is something
//
// Go's atomic operations have one order that all goroutines agree on. So of the two
// looks the later one sees what the other side has written. Something handed over with
// a lock held is seen as well, since the holders of a lock have an order too.
//
// A caller that finds until early enough need do nothing more. Loop.look sets until to
// never before it comes to the shards. So a caller that still read the instant before
// that had put its timer into a shard by then, and look finds the timer there.
type sleeper struct {
	until  atomic.Int64 // when to look at the timers: nothing is due before
	asleep atomic.Bool  // the loop sleeps or is about to, and nobody has begun to wake it

	event chan struct{} // set to wake it: an event, as in stage3_event/event.go
}

// wake wakes the loop if it sleeps.
//
// Only the caller that turns asleep to false sets the event. One that finds asleep false
// already relies on that: between the two instructions of another goroutine the loop
// may sleep on, with asleep false and the event about to be set.
func (s *sleeper) wake() {
	if s.asleep.Load() && s.asleep.Swap(false) {
		select {
		case s.event <- struct{}{}:
		default: // it is set already
		}
	}
}

// lookBy has the loop look at its timers at the given instant or before.
func (s *sleeper) lookBy(instant time.Duration) {
	for {
		until := s.until.Load()
		if until <= int64(instant) {
			return
		}
		if s.until.CompareAndSwap(until, int64(instant)) {
			s.wake()
			return
		}
	}
}
