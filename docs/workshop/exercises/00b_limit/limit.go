// Package limit is a warm-up: a time limit.
//
// BROKEN: an answer in time, and the limit is over all the same.
package limit

import (
	"time"

	"example.com/eventloop"
)

// Limit has late called when the limit is over, unless an answer has come before. To
// answer, call inTime, from any goroutine. It reports whether the answer came in time: late
// has not been called, and never will be. Of several answers only the first is in time.
func Limit(loop eventloop.Loop, limit time.Duration, late func()) (inTime func() bool) {
	loop.SetTimeout(limit, late)
	return func() bool { return true }
}
