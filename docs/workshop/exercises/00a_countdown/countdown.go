// Package countdown is a warm-up: a callback that waits.
//
// BROKEN: while it counts, no other callback runs.
package countdown

import (
	"time"

	"example.com/eventloop"
)

// Countdown has say called with n, n-1 and so on down to 1: with n as soon as the loop
// comes to it, and then a second later each time. Meanwhile other callbacks run.
func Countdown(loop eventloop.Loop, n int, say func(int)) {
	loop.CallSoon(func() {
		for ; n > 0; n-- {
			say(n)
			time.Sleep(time.Second)
		}
	})
}
