package tuned

import (
	"math"
	"sync/atomic"
	"time"
)

// never is later than any deadline.
const never = math.MaxInt64

// A sleeper is how the loop falls asleep, and how it is woken. Callers only read
// it, as long as the loop is awake or would wake up in time anyway: to read a word
// that nobody writes costs next to nothing on any number of processors.
//
// No wake-up is lost, since each side writes before it looks:
//
//	caller: hands something over, then looks whether the loop sleeps
//	loop:   says that it sleeps, then looks whether there is something
//
// Go's atomic operations are in one order, the same for all. So of the two looks
// the later one sees what the other side has written. What is handed over with a
// lock held is seen as well, since the lock's holders have an order too.
//
// And whoever finds until early enough need do nothing. Look sets it to never before it
// comes to the doors: one who has read the instant before that has handed over before
// look comes to that door, and is found there.
type sleeper struct {
	until  atomic.Int64 // when to look at the timers: nothing is due before
	asleep atomic.Bool  // the loop sleeps, or is about to
	wake   event        // set to wake it
}

// rouse wakes the loop if it sleeps.
func (s *sleeper) rouse() {
	if s.asleep.Load() && s.asleep.Swap(false) { // once is enough
		s.wake.set()
	}
}

// lookBy has the loop look at its timers at the given instant or before.
func (s *sleeper) lookBy(instant time.Duration) {
	for until := s.until.Load(); int64(instant) < until; until = s.until.Load() {
		if s.until.CompareAndSwap(until, int64(instant)) {
			s.rouse()
		}
	}
}

// An event wakes one sleeper: see stage3_event/event.go.
type event chan struct{}

func (e event) set() {
	select {
	case e <- struct{}{}:
	default:
	}
}
