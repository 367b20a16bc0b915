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
// This package holds no loop, only what a loop promises. The loops are the
// three stages, and the third made fast:
//
//	package                          idle     a timer is pending
//	stage1_polling, package polling  spins    spins
//	stage2_queue,   package queue    blocks   spins
//	stage3_event,   package event    blocks   blocks
//	bench/tuned,    package tuned    blocks   blocks
//
// A loop that spins goes round without pause and keeps a core busy. A loop that
// blocks costs no CPU at all: it sleeps while it is idle, it sleeps until its
// earliest deadline, and it wakes at the deadline itself. Package looptest
// proves each cell of the table and has a rule for each promise below; package
// bench measures what each cell costs on your own machine.
//
// # Words
//
// A timer is one call of SetTimeout. Its deadline is an instant during that
// call, plus the delay. It is pending until its deadline, due from then on, and
// over once its callback has begun or it has been stopped. A loop is idle when
// it has no timer and no callback. Lateness is how long after its deadline a
// callback begins; it is measured, never promised.
package eventloop

import (
	"context"
	"time"
)

// A Loop runs callbacks one at a time, on the goroutine that called Run: soon
// (CallSoon) or after a delay (SetTimeout). A callback never runs inside
// SetTimeout, CallSoon or Stop. No lock is held while a callback runs.
//
// All methods are safe for concurrent use, before, during and after Run, from
// any goroutine and from callbacks. SetTimeout, CallSoon, Stop and Turns never
// wait for the loop, nor for a callback: at most for the few instructions in
// which another goroutine hands over one value. What is added while the loop
// falls asleep wakes it. A million pending timers are only memory, and there is
// no bound but that.
//
// In the terminology of the Go memory model, a call of SetTimeout or CallSoon
// “synchronizes before” the start of its callback, the end of one callback
// synchronizes before the start of the next, and the end of the last one
// synchronizes before the return of Run.
//
// (What is said in brackets explains; all else is promised.)
type Loop interface {
	// Run runs callbacks until ctx is done and then returns
	// [context.Cause](ctx).
	//
	// A callback that cancels ctx is the last one. If ctx is cancelled from
	// elsewhere, at most one callback still starts: one that is on its way. If
	// ctx is done before Run is called, no callback runs.
	//
	// Once Run has ended no callback starts, and no goroutine that the loop
	// started is left. What is still pending stays so, deadlines included, and a
	// later Run goes on with it.
	//
	// A panic in a callback is not recovered: it unwinds through Run to Run's
	// caller. [runtime.Goexit] in a callback unwinds through Run in the same
	// way. Only that callback is lost, and a later Run goes on with the next.
	// (Package errgroup gives the reasons for leaving panics alone: whoever
	// recovers one somewhere else takes it from the crash report and may hide a
	// broken program. Here it is simpler still, since the callback is on the
	// caller's own goroutine.)
	//
	// Run panics, with a text that says why, if the loop is running already or if
	// ctx is nil.
	//
	// (Where a loop blocks, a program that has nothing else to do ends with Go's
	// “all goroutines are asleep - deadlock!” as soon as nothing is pending: no
	// goroutine is left that could ever add anything. So the last callback
	// should cancel ctx; or let ctx come from [os/signal.NotifyContext], and
	// the program waits for Ctrl-C.)
	Run(ctx context.Context) error

	// SetTimeout returns a timer whose callback is called exactly once, after
	// delay, unless the timer is stopped before.
	//
	// A callback never runs early: not before its deadline, on the monotonic
	// clock. (So setting the system's clock changes nothing.) A delay of zero or
	// less is due at once. A delay too long to be represented waits practically
	// for ever, and Run with it. (It ends at the last instant that can be
	// represented.)
	//
	// Callbacks of timers begin in the order of their deadlines, however many
	// timers fall due at once. Timers with equal deadlines run in the order in
	// which they were set. A timer does not wait for one that is due later.
	//
	// (Between timers and CallSoon no order is promised.) But an endless chain
	// of CallSoon, each callback adding the next, does not keep a due timer
	// waiting. An endless chain of SetTimeout(0) does not keep CallSoon
	// waiting, nor a timer that falls due meanwhile.
	//
	// The loop lets go of callback, with all that it captured, when it begins or
	// is stopped. A Timer that is kept, stopped or run, keeps no loop and no
	// other callback alive.
	//
	// SetTimeout panics at once if callback is nil: “eventloop: nil callback”.
	SetTimeout(delay time.Duration, callback func()) Timer

	// CallSoon puts callback behind those that were added before: callback is
	// called exactly once, as soon as the loop comes to it. Callbacks of CallSoon
	// begin in the order in which they were added.
	//
	// (JavaScript's nearest word is setImmediate; this one is asyncio's
	// call_soon. The article calls it sync_call.)
	//
	// CallSoon panics at once if callback is nil: “eventloop: nil callback”.
	CallSoon(callback func())

	// Turns returns how often the timer loop and the callback loop have gone
	// round, together, since the Loop was made. A loop that blocks makes no
	// turns while it waits, and a small number per event. (An event is a call
	// that adds something, a deadline, or a stop; the alarm of a timer that was
	// stopped may still ring, and that turn is the stop's. So Turns shows how a
	// loop waits with no clock and no noise: where a loop spins, it makes
	// millions of turns a second.)
	Turns() uint64
}

// A Timer is one call of [Loop.SetTimeout]. (*[time.Timer] is a Timer too.)
type Timer interface {
	// Stop keeps the callback from running if it has not begun, and reports
	// whether this call did so. (That is clearTimeout, with an answer.) If Stop
	// returns true the callback never runs; if it returns false the callback has
	// begun, has ended, or was stopped before. Stop does not wait for the
	// callback to end.
	//
	// Stop may be called from anywhere: from another goroutine, from the timer's
	// own callback, from one that is due at the same instant. However many call
	// it at once, a timer runs or is stopped, by exactly one Stop. Stopping a
	// timer changes nothing for the others.
	//
	// A stopped timer costs nothing that lasts: setting and stopping timers for
	// ever keeps memory flat.
	Stop() bool
}
