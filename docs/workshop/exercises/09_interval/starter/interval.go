// Package interval is an exercise: setInterval, built on SetTimeout.
//
// BROKEN: it keeps only a part of what SetInterval promises below.
package interval

import (
	"time"

	"example.com/eventloop"
)

// SetInterval has callback called every period: one period after the call of
// SetInterval, two periods after it, and so on, until stop is called. Calls that
// could not be made in time, because a callback took too long, are left out.
//
// stop may be called from anywhere. Once it has returned no further call
// begins. SetInterval panics if period is not positive or callback is nil.
func SetInterval(l eventloop.Loop, period time.Duration, callback func()) (stop func()) {
	if period <= 0 {
		panic("interval: period is not positive")
	}
	if callback == nil {
		panic("interval: nil callback")
	}
	var tick func()
	tick = func() {
		callback()
		l.SetTimeout(period, tick)
	}
	timer := l.SetTimeout(period, tick)
	return func() { timer.Stop() }
}
