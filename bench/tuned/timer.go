package tuned

import (
	"sync/atomic"
	"time"
)

// A timer is one call of SetTimeout, and the only thing that it allocates: 32
// bytes, for which Go's allocator has a size. So its deadline is not in it but in
// the entry that waits for it.
type timer struct {
	// The loop, about to call the callback, or Stop: whichever turns claimed from
	// false to true owns callback and door from then on. There is no second.
	claimed  atomic.Bool
	callback func()
	door     *door // where it came in, and where a Stop is counted

	set time.Duration // when it was set: breaks ties
}

// An entry is a timer that waits. Its deadline is beside it: to compare two, or
// to find the place of one, no timer has to be fetched from memory.
type entry struct {
	deadline time.Duration // since the loop was made
	timer    *timer
}

// call calls the callback, unless Stop was first.
func (t *timer) call() {
	if t.claimed.CompareAndSwap(false, true) {
		callback := t.callback
		t.callback, t.door = nil, nil // let go of what they hold, whoever keeps t
		callback()
	}
}

// Stop implements [eventloop.Timer]. The timer stays where it is. It is dropped
// when the loop takes it up, if it has not done so yet, or else in a sweep: at the
// latest when a quarter of what the loop has taken up is stopped, and a thousand
// more for each door.
//
// Stop takes no lock: it does not look for the timer, it only counts.
func (t *timer) Stop() bool {
	if !t.claimed.CompareAndSwap(false, true) {
		return false
	}
	door := t.door
	t.callback, t.door = nil, nil
	if door.stops.Add(1)%notice == 0 {
		door.loop.sleeper.lookBy(0)
	}
	return true
}

// notice is how many timers of one door are stopped before the loop is told: to
// tell it each time would cost more than the stop.
const notice = 1000
