// Package looptest tests whether a loop keeps the contract of package
// [eventloop], and tells how it waits.
//
// To run it on a loop of your own, put this into a _test.go file next to it:
//
//	func TestLoop(t *testing.T) {
//		newLoop := func() eventloop.Loop { return New() }
//		looptest.Run(t, newLoop)
//		want := looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Blocks}
//		if got := looptest.Waits(t, newLoop); got != want {
//			t.Errorf("it waits like this: %v; want: %v", got, want)
//		}
//	}
//
// and run it with "go test". Each rule of the contract is one sub-test, so
// "-run TestLoop/NeverEarly" tries one of them, "-v" shows them all, and "-race"
// makes the rules about concurrency strict.
//
// A failure is two lines. The first says what was seen, in terms of calls, and the
// second which sentence of the contract is broken:
//
//	seen: SetTimeout(10ms) ran after 9.98ms
//	rule: a callback never runs early
//
// What a failure explains is not asked any more. Where a loop hangs, nothing else is.
//
// # What is proven, and what is not
//
// A failure is a broken rule. No test puts an upper bound on time, so a slow or
// busy machine makes the suite slow and nothing else. The one limit is a
// watchdog: it ends a trial in which nothing has happened for ten seconds. In
// virtual time, where Run tries loops that block before it tries them in real time,
// a loop that hangs shows it at once.
//
// One rule looks at the heap of the whole process, StoppedTimersAreFree. It bears
// with others that fill the heap for a while. They must not do so all the time, by
// 16 bytes and more for each timer that is set and stopped.
//
// A pass is no proof for every schedule: what depends on the interleaving of
// goroutines is tried often, not exhaustively. Lost wake-ups are provoked; the
// comment in wakeups.go says which kinds are found surely.
//
// Three things are read that a release of Go may change: goroutine profiles, for
// goroutines that are left and for where a loop hangs, goroutine dumps, for whether a
// loop is asleep, and bubbles. Where one is not understood, the test fails and
// says so.
package looptest

import (
	"testing"

	"example.com/eventloop"
)

// A rule is one promise of the contract and its test.
type rule struct {
	name  string // of the sub-test
	text  string // the promise, as every failure quotes it
	world world
	test  func(*trial)
	needs string // other rules: where one of them is broken, this one shows nothing new
}

// A world is where a rule is tried.
type world int

const (
	// anywhere: in real time under Run, in a bubble under RunVirtual.
	anywhere world = iota

	// unhurried: like anywhere, but under Run only in real time. What others do to the
	// heap takes real time.
	unhurried

	// asleep: in a bubble, if the loop blocks when idle.
	asleep

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

// rules is the contract. Each text quotes eventloop.go. First come the rules that
// explain most, if they are broken.
var rules = []rule{
	// What all else rests on.
	{"ReturnsCause", "Run runs callbacks until ctx is done and then returns context.Cause(ctx)", anywhere, returnsCause, ""},
	{"CalledOnce", "Run calls callback exactly once", anywhere, calledOnce, ""},
	{"NilCallback", "panics at once, with a text that says why, if callback is nil", anywhere, nilCallback, ""},
	{"NothingBlocks", "SetTimeout, CallSoon, Stop and Turns never wait for a turn or a callback", anywhere, nothingBlocks, ""},
	{"NeverEarly", "a callback never runs early", anywhere, neverEarly, ""},
	{"SoonerTimerWakes", "a timer does not wait for one that is due later", anywhere, soonerTimerWakes, ""},
	{"NoWakeUpLost", "what is added while the loop falls asleep wakes it", asleep, noWakeUpLost, "SoonerTimerWakes"},

	// Callbacks.
	{"OneAtATime", "a Loop runs callbacks one at a time, on the goroutine that called Run", anywhere, oneAtATime, ""},
	{"NeverInline", "a callback never runs inside SetTimeout, CallSoon or Stop", anywhere, neverInline, ""},

	// Time and order.
	{"TiesInOrderSet", "timers with equal deadlines run in the order in which they were set", stopped, tiesInOrderSet, ""},
	{"NegativeIsZero", "a delay of zero or less is due at once", anywhere, negativeIsZero, "NeverInline TiesInOrderSet"},
	{"HugeDelayWaits", "a delay too long to be represented waits practically for ever", anywhere, hugeDelayWaits, "SoonerTimerWakes"},
	{"OnTime", "it wakes at the deadline itself", virtual, onTime, "NeverEarly SoonerTimerWakes"},
	{"OrderByDeadline", "callbacks of timers begin in the order of their deadlines, however many timers fall due at once", anywhere, orderByDeadline, "NeverEarly TiesInOrderSet"},
	{"CallSoonStarvesNoTimer", "an endless chain of CallSoon, each callback adding the next, does not keep a due timer waiting", anywhere, callSoonStarvesNoTimer, ""},
	{"TimersStarveNothing", "an endless chain of SetTimeout(0) does not keep CallSoon waiting for ever, nor a timer that falls due meanwhile", anywhere, timersStarveNothing, ""},
	{"CallSoonFIFO", "callbacks of CallSoon begin in the order in which they were added", anywhere, callSoonFIFO, ""},

	// Concurrency.
	{"MillionPending", "Memory is the only bound: a million timers may be pending", anywhere, millionPending, "SoonerTimerWakes"},
	{"Synchronizes", "a call of SetTimeout or CallSoon synchronizes before the start of its callback, the end of one callback synchronizes before the start of the next, and the end of the last one synchronizes before the return of Run", anywhere, synchronizes, ""},

	// Run.
	{"LastCallback", "a callback that cancels ctx is the last one", anywhere, lastCallback, ""},
	{"OneOnItsWay", "if ctx is cancelled from elsewhere, at most one callback still starts", anywhere, oneOnItsWay, ""},
	{"PendingStays", "what is still pending stays so, deadlines included, and a later Run goes on with it", anywhere, pendingStays, "LastCallback TiesInOrderSet CallSoonFIFO"},
	{"AlreadyDone", "if ctx is done before Run is called, no callback runs", anywhere, alreadyDone, "PendingStays"},
	{"NothingAfterRun", "once Run has ended no callback starts", anywhere, nothingAfterRun, ""},
	{"PanicUnwinds", "a panic in a callback is not recovered: it unwinds through Run to Run's caller", anywhere, panicUnwinds, "OneAtATime"},
	{"NoGoroutineLeft", "once Run has ended no callback starts, and no goroutine that the loop started is left", anywhere, noGoroutineLeft, "PanicUnwinds"},
	{"PanicLosesNothing", "only that callback is lost, and a later Run goes on with the next", anywhere, panicLosesNothing, "PanicUnwinds TiesInOrderSet CallSoonFIFO"},
	{"Goexit", "runtime.Goexit in a callback unwinds through Run in the same way", anywhere, goexit, "PanicUnwinds PanicLosesNothing TiesInOrderSet CallSoonFIFO"},
	{"OneRun", "Run panics, with a text that says why, if the loop is running already or if ctx is nil", anywhere, oneRun, ""},

	// Stop.
	{"StopTellsTruth", "Stop keeps the callback from running if it has not begun, and reports whether this call did so", anywhere, stopTellsTruth, ""},
	{"StopPrevents", "if Stop returns true the callback never runs", anywhere, stopPrevents, "StopTellsTruth"},
	{"StopSibling", "Stop may be called from anywhere: from another goroutine, from the timer's own callback, from one that is due at the same instant", anywhere, stopSibling, "StopPrevents TiesInOrderSet"},
	{"StopRaces", "a timer that is over has run once or was stopped by exactly one Stop", anywhere, stopRaces, "StopPrevents"},
	{"StopLeavesOthers", "stopping a timer changes nothing for the others", anywhere, stopLeavesOthers, "NeverEarly"},

	{"ConcurrentUse", "all methods are safe for concurrent use, before, during and after Run", anywhere, concurrentUse, "StopRaces"},

	// Memory.
	{"LetsGo", "the loop lets go of callback, with all that it captured, when it begins or is stopped", anywhere, letsGo, "StopPrevents"},
	{"StoppedTimersAreFree", "while Run goes round, setting and stopping timers for ever keeps memory flat", unhurried, stoppedTimersAreFree, "LastCallback CallSoonStarvesNoTimer StopPrevents"},

	// Turns.
	{"TurnsCount", "Turns returns how often the timer loop and the callback loop have gone round", anywhere, turnsCount, ""},
	{"TurnsFew", "a loop that blocks makes no turns while it waits, and a small number per event", virtual, turnsFew, ""},
}

// Run tests in real time that the loops which newLoop returns keep the
// contract. It works for any loop and has one sub-test per rule.
//
// A loop that blocks, both when idle and when a timer is pending, is tried in
// virtual time first, at a tenth of the size: what hangs shows there at once.
//
// newLoop is called several times for each rule and returns a new loop that
// has not run. Run must not be called inside a synctest bubble. Unlike
// package slogtest, which hands its constructor the sub-test's t, it hands over
// nothing: a new loop has opened nothing that could fail or need to be closed.
//
// With -short the largest tests are a tenth of their size, and so they are
// under the race detector.
func Run(t *testing.T, newLoop func() eventloop.Loop) {
	t.Helper()
	s := newSuite(t, newLoop)
	blocks := s.waits == (Waiting{Blocks, Blocks})
	for _, r := range rules {
		switch {
		case r.world == virtual:
		case r.world == stopped, r.world == asleep && s.waits.Idle == Blocks:
			s.ask(t, r, true, false)
		default:
			s.ask(t, r, blocks && r.world != unhurried, true)
		}
	}
	s.conclude(t, "in real time")
}

// RunVirtual does what Run does inside [testing/synctest] bubbles, each rule
// in one of its own. There a timer of an hour takes no time and fires at
// exactly an hour, what hangs shows at once, and two rules about exact instants
// come in addition.
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
	s := newSuite(t, newLoop)
	blocks := func(name, rule, when string, mode Mode, err error) {
		t.Run(name, func(t *testing.T) {
			s.asked++
			if mode != Blocks {
				t.Error(failure(when+describe(mode, err), rule))
			}
		})
	}
	blocks("BlocksIdle", blocksIdle, "with nothing to do ", s.waits.Idle, s.idleErr)
	blocks("BlocksPending", blocksPending, "after SetTimeout(1h) ", s.waits.Pending, s.pendingErr)
	if s.waits != (Waiting{Blocks, Blocks}) {
		t.Error("RunVirtual is for loops that block, and the other rules are not asked: use Run for this one")
		return
	}
	for _, r := range rules {
		s.ask(t, r, true, false)
	}
	s.conclude(t, "in virtual time")
}
