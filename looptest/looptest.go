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
// rules about concurrency strict. At the end stands how many rules were asked.
//
// # What is proven, and what is not
//
// A failure is a broken rule. No test puts an upper bound on time, so a slow or
// busy machine makes the suite slow and nothing else. The one limit is a
// watchdog: a case that still waits after a minute fails, and says for what and
// where its goroutines are. When three have failed so, the loop hangs, and the
// rest is not asked.
//
// One rule looks at the heap of the whole process, StoppedTimersAreFree. It bears
// with others who fill the heap for a while. They must not do so all the time,
// by 16 bytes and more for each timer that is set and stopped.
//
// A pass is no proof for every schedule: what depends on the interleaving of
// goroutines is tried often, not exhaustively.
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

// What RunVirtual asks of a loop before it asks anything else.
const (
	blocksIdle    = "it sleeps while it is idle"
	blocksPending = "it sleeps until its earliest deadline"
)

// rules is the contract, in its own order. Each text quotes eventloop.go.
var rules = []rule{
	// Callbacks.
	{"OneAtATime", "a Loop runs callbacks one at a time", anywhere, oneAtATime},
	{"OnRunsGoroutine", "a Loop runs callbacks one at a time, on the goroutine that called Run", anywhere, onRunsGoroutine},
	{"NeverInline", "a callback never runs inside SetTimeout, CallSoon or Stop", anywhere, neverInline},
	{"NoLockHeld", "no lock is held while a callback runs", anywhere, noLockHeld},
	{"CalledOnce", "callback is called exactly once", anywhere, calledOnce},
	{"NilCallback", "panics at once if callback is nil: eventloop: nil callback", anywhere, nilCallback},

	// Concurrency.
	{"ConcurrentUse", "all methods are safe for concurrent use, before, during and after Run", anywhere, concurrentUse},
	{"NothingBlocks", "SetTimeout, CallSoon, Stop and Turns never wait for the loop, nor for a callback", anywhere, nothingBlocks},
	{"NoWakeUpLost", "what is added while the loop falls asleep wakes it", anywhere, noWakeUpLost},
	{"MillionPending", "a million pending timers are only memory", anywhere, millionPending},
	{"Synchronizes", "a call of SetTimeout or CallSoon synchronizes before the start of its callback, the end of one callback synchronizes before the start of the next, and the end of the last one synchronizes before the return of Run", anywhere, synchronizes},

	// Run.
	{"ReturnsCause", "Run runs callbacks until ctx is done and then returns context.Cause(ctx)", anywhere, returnsCause},
	{"LastCallback", "a callback that cancels ctx is the last one", anywhere, lastCallback},
	{"OneOnItsWay", "if ctx is cancelled from elsewhere, at most one callback still starts", anywhere, oneOnItsWay},
	{"AlreadyDone", "if ctx is done before Run is called, no callback runs", anywhere, alreadyDone},
	{"NothingAfterRun", "once Run has ended no callback starts", anywhere, nothingAfterRun},
	{"NoGoroutineLeft", "once Run has ended no callback starts, and no goroutine that the loop started is left", anywhere, noGoroutineLeft},
	{"PendingStays", "what is still pending stays so, deadlines included, and a later Run goes on with it", anywhere, pendingStays},
	{"PanicUnwinds", "a panic in a callback is not recovered: it unwinds through Run to Run's caller", anywhere, panicUnwinds},
	{"Goexit", "runtime.Goexit in a callback unwinds through Run in the same way", anywhere, goexit},
	{"PanicLosesNothing", "only that callback is lost, and a later Run goes on with the next", anywhere, panicLosesNothing},
	{"OneRun", "Run panics, with a text that says why, if the loop is running already", anywhere, oneRun},
	{"NilContext", "Run panics, with a text that says why, if the loop is running already or if ctx is nil", anywhere, nilContext},

	// Time.
	{"NeverEarly", "a callback never runs early", anywhere, neverEarly},
	{"NegativeIsZero", "a delay of zero or less is due at once", anywhere, negativeIsZero},
	{"HugeDelayWaits", "a delay too long to be represented waits practically for ever", anywhere, hugeDelayWaits},
	{"OnTime", "it wakes at the deadline itself", virtual, onTime},

	// Order.
	{"OrderByDeadline", "callbacks of timers begin in the order of their deadlines", anywhere, orderByDeadline},
	{"OrderUnderLoad", "callbacks of timers begin in the order of their deadlines, however many timers fall due at once", anywhere, orderUnderLoad},
	{"TiesInOrderSet", "timers with equal deadlines run in the order in which they were set", stopped, tiesInOrderSet},
	{"SoonerTimerWakes", "a timer does not wait for one that is due later", anywhere, soonerTimerWakes},
	{"CallSoonStarvesNoTimer", "an endless chain of CallSoon, each callback adding the next, does not keep a due timer waiting", anywhere, callSoonStarvesNoTimer},
	{"TimersStarveNoCallSoon", "an endless chain of SetTimeout(0) does not keep CallSoon waiting", anywhere, timersStarveNoCallSoon},
	{"TimersStarveNoTimer", "an endless chain of SetTimeout(0) does not keep CallSoon waiting, nor a timer that falls due meanwhile", anywhere, timersStarveNoTimer},
	{"CallSoonFIFO", "callbacks of CallSoon begin in the order in which they were added", anywhere, callSoonFIFO},

	// Memory.
	{"LetsGo", "the loop lets go of callback, with all that it captured, when it begins or is stopped", anywhere, letsGo},
	{"TimerKeepsNothing", "a Timer that is kept, stopped or run, keeps no loop and no other callback alive", anywhere, timerKeepsNothing},
	{"StoppedTimersAreFree", "setting and stopping timers for ever keeps memory flat", anywhere, stoppedTimersAreFree},

	// Turns.
	{"TurnsCount", "Turns returns how often the timer loop and the callback loop have gone round", anywhere, turnsCount},
	{"TurnsFew", "a loop that blocks makes no turns while it waits, and a small number per event", virtual, turnsFew},

	// Stop.
	{"StopTellsTruth", "Stop keeps the callback from running if it has not begun, and reports whether this call did so", anywhere, stopTellsTruth},
	{"StopPrevents", "if Stop returns true the callback never runs", anywhere, stopPrevents},
	{"StopDoesNotWait", "Stop does not wait for the callback to end", anywhere, stopDoesNotWait},
	{"StopSibling", "Stop may be called from anywhere: from another goroutine, from the timer's own callback, from one that is due at the same instant", anywhere, stopSibling},
	{"StopRaces", "a timer runs or is stopped, by exactly one Stop", anywhere, stopRaces},
	{"StopLeavesOthers", "stopping a timer changes nothing for the others", anywhere, stopLeavesOthers},
}

// Run tests in real time that the loops which newLoop returns keep the
// contract. It works for any loop and has one sub-test per rule.
//
// newLoop is called once or more for each rule and returns a new loop that
// has not run. Run must not be called inside a synctest bubble.
//
// (Package slogtest hands its constructor the sub-test's t, to fail and to
// clean up with. A new loop has opened nothing that could fail or need to be
// closed; and a case that hangs is left behind, still making loops perhaps, when
// its t is over and must not be used any more.)
//
// With -short the largest tests are a tenth of their size, and so they are
// under the race detector.
func Run(t *testing.T, newLoop func() eventloop.Loop) {
	t.Helper()
	s := &suite{newLoop: newLoop, patience: patience}
	for _, r := range rules {
		if r.world != virtual {
			s.ask(t, r, r.world == stopped)
		}
	}
	s.conclude(t, "in real time")
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
	needBubbles(t)
	s := &suite{newLoop: newLoop, patience: patience}
	idle, idleErr := probe(t, newLoop, false, quietEnded)
	pending, pendingErr := probe(t, newLoop, true, quietEnded)
	t.Run("BlocksIdle", func(t *testing.T) {
		s.asked++
		if idle != Blocks {
			t.Errorf("with nothing to do %s: %s", describe(idle, idleErr), blocksIdle)
		}
	})
	t.Run("BlocksPending", func(t *testing.T) {
		s.asked++
		if pending != Blocks {
			t.Errorf("after SetTimeout(%v) %s: %s", probeDelay, describe(pending, pendingErr), blocksPending)
		}
	})
	if idle != Blocks || pending != Blocks {
		t.Error("RunVirtual is for loops that block: use Run for this one")
		return
	}
	for _, r := range rules {
		s.ask(t, r, true)
	}
	s.conclude(t, "in virtual time")
}
