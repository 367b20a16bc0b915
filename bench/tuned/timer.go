package tuned

import (
	"cmp"
	"sync/atomic"
	"time"
)

// A timer is one call of SetTimeout, and the only thing that most calls allocate.
type timer struct {
	// The loop, about to call the callback, or Stop: whichever turns claimed from
	// false to true owns callback and shard from then on. There is no second.
	claimed  atomic.Bool
	callback func()
	shard    *shard // where it was set, and where a Stop is counted

	seq uint64 // its number, in the order in which timers are set: breaks ties
}

// An entry is a timer that waits. The deadline stands beside the pointer: then finding
// the place of a timer need not fetch the timer from memory.
type entry struct {
	deadline time.Duration // since the loop was made
	timer    *timer
}

// compare is the order in which timers run: by deadline, and where that is equal in
// the order in which they were set.
func compare(x, y entry) int {
	if x.deadline != y.deadline {
		return cmp.Compare(x.deadline, y.deadline)
	}
	return cmp.Compare(x.timer.seq, y.timer.seq)
}

// call calls the callback, unless Stop was first.
func (t *timer) call() {
	if t.claimed.CompareAndSwap(false, true) {
		callback := t.callback
		t.callback, t.shard = nil, nil // let go of what they hold, even if t is kept
		callback()
	}
}

// fewStops is how many stopped timers may wait in the loop before a sweep pays, and how
// many a shard counts before it tells the loop.
const fewStops = 1000

// Stop implements [eventloop.Timer]. It takes no lock and looks for nothing: it leaves
// the timer where it is, and counts it. A sweep drops it later, together with many
// others: see Loop.look.
func (t *timer) Stop() bool {
	if !t.claimed.CompareAndSwap(false, true) {
		return false
	}
	shard := t.shard
	t.callback, t.shard = nil, nil
	if shard.stops.Add(1)%fewStops == 0 {
		shard.loop.sleeper.lookBy(0)
	}
	return true
}
