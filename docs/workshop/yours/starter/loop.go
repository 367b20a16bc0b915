// Package yours is for a loop of your own: the whole of it in this file.
//
// What is here now is what most of us write first, and it is short. Replace as
// much of it as you like; only New has to stay, and what it returns has to be an
// eventloop.Loop.
//
// BROKEN: it hangs when much is due at once, and keeps no order.
package yours

import (
	"context"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// A Loop lets package time wait, and a channel keep what is due.
type Loop struct {
	due   chan func()
	turns atomic.Uint64
}

// New returns a loop with nothing pending.
func New() *Loop { return &Loop{due: make(chan func(), 1000)} }

// Run implements [eventloop.Loop].
func (l *Loop) Run(ctx context.Context) error {
	for {
		l.turns.Add(1)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case callback := <-l.due:
			callback()
		}
	}
}

// SetTimeout implements [eventloop.Loop].
func (l *Loop) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	return time.AfterFunc(delay, func() { l.due <- callback })
}

// CallSoon implements [eventloop.Loop].
func (l *Loop) CallSoon(callback func()) { l.due <- callback }

// Turns implements [eventloop.Loop].
func (l *Loop) Turns() uint64 { return l.turns.Load() }
