package base

// An Event wakes one sleeper: somebody sets it, and the sleeper, receiving from
// it, wakes up. It is the article's Event. The article says that it deserves to be
// understood well. So here it is, in one channel:
//
//   - A value in the channel means: it has been set, and nobody has woken up for
//     it yet. What it was set for is not in it; the sleeper looks for itself.
//   - Receiving waits for the value and takes it away, in one step, and in a
//     select it can wait for something else as well.
//
// Everything hard is in the moment between the sleeper's last look and its
// falling asleep. Somebody who sets the event in that moment must not be missed:
//
//	sleeper: looks, nothing to do
//	                                 other: adds a timer, sets the event
//	sleeper: sleeps                  ... for an hour, though there is a timer
//
// That is a lost wake-up, and the capacity is what prevents it.
//
//	make(chan struct{})    // BROKEN: no receiver yet, so the value is dropped
//	make(chan struct{}, 1) // the value stays, and the sleeper wakes up at once
//	make(chan struct{}, 9) // no better: nine wake-ups for one look
//
// With one place, any number of sets before the sleeper wakes up are one, and
// that is enough: it looks after it has woken up, and finds all that was there
// before the last of them.
//
// Python's Event has the same two states, but waiting does not take the value
// away; that is a call of its own, clear. Its place is before the look:
//
//	event.wait(); look(); event.clear()  // BROKEN: clears what came after the look
//	event.wait(); event.clear(); look()
//
// In the article the order to stop is a flag, and comes by the same event as the
// timers do: cleared at the wrong moment, the event is lost, and nobody stops. Here
// the order to stop has a channel of its own.
type Event chan struct{}

// NewEvent returns an event that is not set.
func NewEvent() Event { return make(Event, 1) }

// Set wakes the sleeper, or the next one that wants to sleep. It never waits: if the
// event is set already, there is nothing to add to that.
func (e Event) Set() {
	select {
	case e <- struct{}{}:
	default:
	}
}
