// Package lost is an exercise: a wake-up that comes while the timer loop is falling
// asleep.
//
// BROKEN: that wake-up is lost.
package lost

import "example.com/eventloop/docs/workshop/base"

// New returns stage 3, with an event of its own.
func New(pause func()) *base.Loop {
	return base.New(base.Parts{Wake: newEvent(pause)})
}

// An event wakes the timer loop: somebody calls Set, and the timer loop receives.
type event struct {
	value chan struct{}
	pause func()
}

func newEvent(pause func()) event {
	value := make(chan struct{})
	return event{value, pause}
}

// Set wakes the timer loop. It never waits.
func (e event) Set() {
	select {
	case e.value <- struct{}{}:
	default:
	}
}

// Receive returns the channel at which the timer loop sleeps.
//
// The timer loop calls it between its last look and its falling asleep. There the
// operating system may pause it, for any length of time. The check uses pause for
// that: leave the call where it is.
func (e event) Receive() <-chan struct{} {
	e.pause()
	return e.value
}
