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
// three stages:
//
//	package                          idle     a timer is pending
//	stage1_polling, package polling  spins    spins
//	stage2_queue,   package queue    blocks   spins
//	stage3_event,   package event    blocks   blocks
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
// wait for a turn or a callback. They wait at most for another goroutine's one
// operation on what is pending, such as putting in one timer. What is added
// while the loop falls asleep wakes it. Memory is the only bound: a million
// timers may be pending.
//
// In the terminology of the Go memory model, a call of SetTimeout or CallSoon
// “synchronizes before” the start of its callback, the end of one callback
// synchronizes before the start of the next, and the end of the last one
// synchronizes before the return of Run.
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
	// Package errgroup gives the reasons for leaving panics alone: recovering
	// one somewhere else takes it from the crash report and may hide a broken
	// program. Here it is simpler still, since the callback is on the caller's
	// own goroutine.
	//
	// Run panics, with a text that says why, if the loop is running already or if
	// ctx is nil.
	//
	// Go ends a program in which all goroutines are asleep for ever: a fatal
	// error, “all goroutines are asleep - deadlock!”. A loop that blocks with
	// nothing pending can be the last one awake in a small program. Let the last
	// callback cancel ctx there. Or let ctx come from [os/signal.NotifyContext],
	// and the program waits for Ctrl-C.
	Run(ctx context.Context) error

	// SetTimeout returns a timer. Run calls callback exactly once, after delay,
	// unless the timer is stopped before.
	//
	// A callback never runs early: not before its deadline, on the monotonic
	// clock. Setting the system's clock changes nothing. A delay of zero or less
	// is due at once. A delay too long to be represented waits practically for
	// ever, and keeps Run waiting as any timer does. It ends at the last instant
	// that can be represented.
	//
	// Callbacks of timers begin in the order of their deadlines, however many
	// timers fall due at once. Timers with equal deadlines run in the order in
	// which they were set. A timer does not wait for one that is due later.
	//
	// Between timers and CallSoon the order is open. But an endless chain of
	// CallSoon, each callback adding the next, does not keep a due timer waiting
	// for ever. An endless chain of SetTimeout(0) does not keep CallSoon waiting
	// for ever, nor a timer that falls due meanwhile.
	//
	// The loop lets go of callback, with all that it captured, when it begins or
	// is stopped.
	//
	// SetTimeout panics at once, with a text that says why, if callback is nil.
	SetTimeout(delay time.Duration, callback func()) Timer

	// CallSoon puts callback behind those that were added before. Run calls
	// callback exactly once, as soon as the loop comes to it. Callbacks of
	// CallSoon begin in the order in which they were added.
	//
	// JavaScript's nearest word is setImmediate; this one is asyncio's call_soon.
	// The article calls it sync_call.
	//
	// CallSoon panics at once, with a text that says why, if callback is nil.
	CallSoon(callback func())

	// Turns returns how often the timer loop and the callback loop have gone
	// round, together, since the Loop was made. A loop that blocks makes no
	// turns while it waits, and a small number per event.
	//
	// An event is a call that adds something, a deadline, or a stop. The alarm of
	// a stopped timer may still ring, and that turn is the stop's. So Turns shows
	// how a loop waits, with no clock and no noise: a loop that spins makes turn
	// after turn.
	Turns() uint64
}

// A Timer is one call of [Loop.SetTimeout]. A *[time.Timer] has this method too.
type Timer interface {
	// Stop keeps the callback from running if it has not begun, and reports
	// whether this call did so. It is clearTimeout, with an answer. If Stop
	// returns true the callback never runs; if it returns false the callback has
	// begun, has ended, or was stopped before. Stop does not wait for the
	// callback to end.
	//
	// Stop may be called from anywhere: from another goroutine, from the timer's
	// own callback, from one that is due at the same instant. A timer that is
	// over has run once or was stopped by exactly one Stop, however many call it
	// at once. Stopping a timer changes nothing for the others.
	//
	// A stopped timer costs nothing that lasts: while Run goes round, setting and
	// stopping timers for ever keeps memory flat.
	Stop() bool
}
