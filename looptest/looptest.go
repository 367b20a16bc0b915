// Package looptest tests whether a loop keeps the contract of package
// [eventloop], and tells how it waits.
//
// To run it on a loop of your own, put this into a _test.go file next to it:
//
//	func TestLoop(t *testing.T) {
//		looptest.Run(t, func() eventloop.Loop { return New() })
//		t.Log(looptest.Waits(t, func() eventloop.Loop { return New() }))
//	}
//
// and run it with "go test -v -failfast". Each rule of the contract is one
// sub-test, so -run TestLoop/NeverEarly tries one of them; -race makes the
// rules about concurrency strict.
//
// # What is proven, and what is not
//
// A failure is always a broken rule. No test puts an upper bound on time, so
// a slow or busy machine makes the suite slow and nothing else. The one limit
// is a watchdog: a rule that has not been seen to hold after a minute fails,
// with the stacks of all goroutines.
//
// A pass is no proof for every schedule: what depends on the interleaving of
// goroutines is tried often, not exhaustively. One sentence of the contract
// cannot be tested from here at all: that setting the system's clock changes
// nothing.
package looptest

import (
	"testing"

	"example.com/eventloop"
)

// A rule is one promise of the contract and the case that tests it.
type rule struct {
	name  string // of the sub-test
	text  string // the promise, as every failure quotes it
	world world
	test  func(*trial)
}

// A world is where a case runs.
type world int

const (
	// anywhere: in real time under Run, in a bubble under RunVirtual.
	anywhere world = iota

	// stopped: always in a bubble, whose clock stands still while the loop
	// runs. Only there do two timers surely have the same deadline. Loops that
	// spin can be tested too, if all timers are due before Run is called.
	stopped

	// virtual: only under RunVirtual. What is said of exact instants.
	virtual
)

// rules is the contract, in its own order.
var rules = []rule{
	// Callbacks.
	{"NeverInline", "a callback never runs inside SetTimeout, CallSoon or Stop", anywhere, neverInline},
	{"CalledOnce", "a callback is called exactly once", anywhere, calledOnce},
	{"OneAtATime", "callbacks run one at a time", anywhere, oneAtATime},
	{"OnRunsGoroutine", "callbacks run on the goroutine that called Run", anywhere, onRunsGoroutine},
	{"NoLockHeld", "no lock is held while a callback runs", anywhere, noLockHeld},

	// Time.
	{"NeverEarly", "a callback never runs early", anywhere, neverEarly},
	{"NegativeIsZero", "a delay of zero or less is due at once", anywhere, negativeIsZero},
	{"HugeDelayWaits", "a delay too long to be represented waits practically for ever", anywhere, hugeDelayWaits},
	{"SoonerTimerWakes", "a timer does not wait for one that is due later", anywhere, soonerTimerWakes},
	{"OnTime", "a loop that blocks wakes at the deadline itself: in a bubble nothing is late", virtual, onTime},

	// Order.
	{"OrderByDeadline", "callbacks of timers begin in the order of their deadlines", anywhere, orderByDeadline},
	{"OrderUnderLoad", "the order of deadlines holds however many timers fall due at once", anywhere, orderUnderLoad},
	{"TiesInOrderSet", "timers with equal deadlines run in the order in which they were set", stopped, tiesInOrderSet},
	{"CallSoonFIFO", "callbacks of CallSoon begin in the order in which they were added", anywhere, callSoonFIFO},
	{"CallSoonStarvesNoTimer", "an endless chain of CallSoon does not keep a due timer waiting", anywhere, callSoonStarvesNoTimer},
	{"TimersStarveNoCallSoon", "an endless chain of SetTimeout(0) does not keep CallSoon waiting", anywhere, timersStarveNoCallSoon},
	{"TimersStarveNoTimer", "an endless chain of SetTimeout(0) does not keep a due timer waiting", anywhere, timersStarveNoTimer},

	// Stop.
	{"StopPrevents", "if Stop returns true the callback never runs", anywhere, stopPrevents},
	{"StopTellsTruth", "Stop reports whether this call kept the callback from running", anywhere, stopTellsTruth},
	{"StopSibling", "a callback may stop a timer due at the same instant", anywhere, stopSibling},
	{"StopRaces", "a timer runs or is stopped, by exactly one Stop", anywhere, stopRaces},
	{"StopDoesNotWait", "Stop does not wait for the callback to end", anywhere, stopDoesNotWait},
	{"StopLeavesOthers", "stopping a timer changes nothing for the others", anywhere, stopLeavesOthers},

	// Memory.
	{"StoppedTimersAreFree", "setting and stopping timers for ever keeps memory flat", anywhere, stoppedTimersAreFree},
	{"LetsGo", "a callback that has run or was stopped is let go of, with all that it captured", anywhere, letsGo},

	// Concurrency.
	{"ConcurrentUse", "all methods are safe for concurrent use, before, during and after Run", anywhere, concurrentUse},
	{"NothingBlocks", "SetTimeout, CallSoon, Stop and Turns never wait for the loop, nor for a callback", anywhere, nothingBlocks},
	{"NoWakeUpLost", "what is added while the loop falls asleep wakes it", anywhere, noWakeUpLost},
	{"MillionPending", "a million pending timers are only memory", anywhere, millionPending},
	{"Synchronizes", "SetTimeout and CallSoon synchronize before the start of their callback, its end before the next, and the last end before the return of Run", anywhere, synchronizes},

	// Run.
	{"ReturnsCause", "Run returns context.Cause(ctx) when ctx is done", anywhere, returnsCause},
	{"NothingAfterRun", "no callback starts after Run has returned", anywhere, nothingAfterRun},
	{"NoGoroutineLeft", "when Run has ended no goroutine that the loop started is left", anywhere, noGoroutineLeft},
	{"LastCallback", "once ctx is done no further callback starts", anywhere, lastCallback},
	{"AlreadyDone", "if ctx is done before Run is called no callback runs", anywhere, alreadyDone},
	{"PendingStays", "what is still pending stays so, deadlines included, and a later Run goes on with it", anywhere, pendingStays},
	{"OneRun", "Run panics, with a clear text, if the loop is running already", anywhere, oneRun},
	{"NilContext", "Run panics if ctx is nil", anywhere, nilContext},

	// Panics.
	{"PanicUnwinds", "a panic in a callback unwinds through Run to its caller", anywhere, panicUnwinds},
	{"PanicLosesNothing", "after a panic only that callback is lost, and Run can be called again", anywhere, panicLosesNothing},
	{"Goexit", "runtime.Goexit in a callback unwinds through Run, and nothing else is lost", anywhere, goexit},
	{"NilCallback", "a nil callback panics at once, in the caller: eventloop: nil callback", anywhere, nilCallback},

	// Turns.
	{"TurnsCount", "Turns counts how often the loops have gone round", anywhere, turnsCount},
	{"TurnsFew", "a loop that blocks makes a small number of turns per event, and none while it waits", virtual, turnsFew},
}

// Run tests in real time that the loops which newLoop returns keep the
// contract. It works for any loop and has one sub-test per rule.
//
// newLoop is called once or more for each rule and returns a new loop that
// has not run. Run must not be called inside a synctest bubble.
//
// With -short the largest tests are a tenth of their size, and so they are
// under the race detector.
func Run(t *testing.T, newLoop func() eventloop.Loop) {
	t.Helper()
	s := &suite{newLoop: newLoop, patience: patience}
	for _, r := range rules {
		if r.world != virtual {
			t.Run(r.name, func(t *testing.T) { s.try(t, r, r.world == stopped) })
		}
	}
}

// RunVirtual does what Run does inside [testing/synctest] bubbles, each rule
// in one of its own. There a timer of an hour takes no time and fires at
// exactly an hour, a lost wake-up shows at once, and two rules about exact
// instants come in addition.
//
// It is for loops that block both when idle and when a timer is pending, which
// it tests first (BlocksIdle, BlocksPending): in a bubble time moves only while
// every goroutine is blocked, so a loop that spins stops its own clock. Those
// are for Run.
//
// newLoop is called inside the bubbles. What the loops need (channels, timers)
// they should make there too.
func RunVirtual(t *testing.T, newLoop func() eventloop.Loop) {
	t.Helper()
	idle, idleErr := probe(t, newLoop, false, quietEnded)
	pending, pendingErr := probe(t, newLoop, true, quietEnded)
	t.Run("BlocksIdle", func(t *testing.T) {
		if idle != Blocks {
			t.Errorf("with nothing to do %s: a loop that is idle sleeps", describe(idle, idleErr))
		}
	})
	t.Run("BlocksPending", func(t *testing.T) {
		if pending != Blocks {
			t.Errorf("after SetTimeout(%v) %s: a loop sleeps until its earliest deadline", probeDelay, describe(pending, pendingErr))
		}
	})
	if idle != Blocks || pending != Blocks {
		t.Error("RunVirtual is for loops that block: use Run for this one")
		return
	}
	s := &suite{newLoop: newLoop, patience: patience}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) { s.try(t, r, true) })
	}
}
