// Package eventloop is the contract of an event loop small enough to read:
// setTimeout, rebuilt three times, from a loop that burns a CPU to one that
// sleeps until it is needed.
//
// The question behind it: how can setTimeout(callback, 3 s) return at once,
// and who waits for the three seconds? The answer is the same in all three
// stages. SetTimeout only hands the callback to another loop, and everything
// hard is in how cheaply that other loop waits.
//
//	SetTimeout ──▶ timer loop ──due──▶ callback loop ──▶ callback()
//	CallSoon ────────────────────────▶      (on the goroutine that called Run)
//
// This package holds no loop, only what a loop promises. The loops are
//
//	package                          idle     a timer is pending
//	stage1_polling, package polling  spins    spins
//	stage2_queue,   package queue    blocks   spins
//	stage3_event,   package event    blocks   blocks
//
// A loop that spins goes round without pause and keeps a core busy; one that
// blocks is asleep and costs no CPU at all. Package looptest proves each cell
// of the table and tests every promise below; package bench measures what
// each cell costs on your own machine.
//
// # Words
//
// A timer is one call of SetTimeout. It is pending until its deadline (the
// instant SetTimeout was called, plus the delay), due from then on, and over
// once its callback has begun or it has been stopped. A loop is idle when it
// has no timer and no callback. Lateness is how long after its deadline a
// callback begins; it is measured, never promised.
package eventloop

import (
	"context"
	"time"
)

// A Loop runs callbacks, one at a time, on the goroutine that called Run:
// soon (CallSoon) or after a delay (SetTimeout).
//
// All methods are safe for concurrent use, before, during and after Run, from
// any goroutine and from callbacks. SetTimeout, CallSoon, Stop and Turns never
// wait for the loop, nor for a callback: what is pending is only memory, with
// no bound but that.
//
// In the terminology of the Go memory model, a call of SetTimeout or CallSoon
// “synchronizes before” the start of its callback, the end of one callback
// synchronizes before the start of the next, and the end of the last one
// synchronizes before the return of Run.
type Loop interface {
	// Run runs callbacks until ctx is done and then returns
	// [context.Cause](ctx). It blocks for all that time.
	//
	// Once ctx is done no further callback starts: if a callback cancels ctx,
	// it is the last one; if ctx is done before Run is called, none runs. When
	// Run returns, no goroutine that the loop started is left. What is still
	// pending stays so, deadlines included, and a later Run goes on with it.
	//
	// A panic in a callback is not recovered: it unwinds through Run to Run's
	// caller, as if that had called the callback itself. So does
	// [runtime.Goexit]. Only that callback is lost; Run can be called again and
	// goes on with the next. (Package errgroup gives the reasons for leaving
	// panics alone: whoever recovers one somewhere else takes it from the
	// crash report and may hide a broken program. Here it is simpler still,
	// since the callback is on the caller's own goroutine.)
	//
	// Run panics if the loop is running already or if ctx is nil.
	Run(ctx context.Context) error

	// SetTimeout has callback called once, after delay, and returns the timer.
	// It never calls it itself, whatever the delay.
	//
	// The callback is never early: it begins at least delay after SetTimeout
	// was called, on the monotonic clock, so setting the system's clock changes
	// nothing. It may be late by any amount. A delay of zero or less is due at
	// once. One too long to be represented waits for the last instant that
	// can be: practically for ever.
	//
	// Callbacks of timers begin in the order of their deadlines, and where
	// those are equal in the order in which they were set. Between timers and
	// CallSoon no order is promised, except that neither can keep the other
	// waiting for ever: in an endless chain of callbacks, each adding the next
	// with SetTimeout(0) or CallSoon, a timer that falls due still runs.
	//
	// The loop lets go of callback, and of all it captured, when it has begun
	// or is stopped; a Timer that is kept does not keep it alive.
	//
	// SetTimeout panics if callback is nil.
	SetTimeout(delay time.Duration, callback func()) Timer

	// CallSoon has callback called once, as soon as the loop comes to it. It
	// never calls it itself. Callbacks of CallSoon begin in the order in which
	// they were added: first in, first out.
	//
	// (JavaScript's nearest word is setImmediate; this one is asyncio's
	// call_soon. The article calls it sync_call.)
	//
	// CallSoon panics if callback is nil.
	CallSoon(callback func())

	// Turns returns how often the timer loop and the callback loop have gone
	// round, together, since the Loop was made. It shows how a loop waits with
	// no clock and no noise: millions of turns a second where a loop spins;
	// where it blocks, none while it waits and a small number per event.
	Turns() uint64
}

// A Timer is one call of [Loop.SetTimeout]. *[time.Timer] is a Timer too.
type Timer interface {
	// Stop keeps the callback from running if it has not begun, and reports
	// whether this call did so. If it returns true the callback never runs. If
	// it returns false the callback has begun, has ended, or was stopped
	// before; Stop does not wait for it to end. (clearTimeout, with an answer.)
	//
	// It may be called from anywhere: from another goroutine, from the timer's
	// own callback, from one that is due at the same instant.
	//
	// A stopped timer costs nothing lasting: its callback is let go of at once,
	// and its place in the loop at once in stage 3 (if it is due already, when the
	// loop comes to it), by the loop's next turn in stages 1 and 2.
	Stop() bool
}
