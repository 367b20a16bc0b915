package looptest_test

// A fault is one thing that a loop does wrong.
type fault string

const (
	// How callbacks are called.
	runsInline     fault = "calls the callback in SetTimeout if the delay is negative"
	callsTwice     fault = "calls each callback twice"
	callsTwoAtOnce fault = "calls two callbacks at once"
	callsElsewhere fault = "calls callbacks on another goroutine than Run's"
	holdsLock      fault = "holds its lock while it calls a callback"

	// Time.
	runsEarly         fault = "rounds delays down to milliseconds"
	negativeIsPast    fault = "puts negative delays before those that are due"
	negativeIsNever   fault = "never runs a timer with a negative delay"
	wrapsHugeDelay    fault = "wraps a huge delay into the past"
	wakesForFirstOnly fault = "sleeps on when a sooner timer is set"
	sleepsTooLong     fault = "sleeps a little too long"

	// Order.
	ordersBySetting fault = "runs what is due in the order of setting"
	readsClockOften fault = "reads the clock anew for each timer of a sweep"
	losesTies       fault = "runs timers with equal deadlines in the wrong order"
	lastInFirstOut  fault = "runs the last CallSoon first"
	prefersCallSoon fault = "runs timers only if there is no CallSoon"
	prefersTimers   fault = "runs CallSoon only if no timer is due"
	prefersZero     fault = "runs timers without delay before all others"

	// Stop.
	runsStopped       fault = "runs stopped timers"
	stopTrueTwice     fault = "returns true from a second Stop"
	stopTrueAfterRun  fault = "returns true from Stop after the callback has begun"
	takesBatches      fault = "takes all that is due out of Stop's reach"
	stopForgetsToLock fault = "looks and stops in two steps"
	stopWaits         fault = "waits in Stop until the callback has ended"
	runsNextEarly     fault = "does not look at the clock when the alarm of a stopped timer rings"

	// Memory.
	keepsStopped   fault = "keeps stopped timers until their deadline"
	keepsCallbacks fault = "keeps the callbacks of timers that are over"
	keepsQueue     fault = "keeps the callbacks of CallSoon in its queue's array"

	// Concurrency.
	losesUpdates  fault = "changes its queue in two steps"
	neverSets     fault = "never returns from SetTimeout"
	boundsQueue   fault = "has a bounded queue"
	losesWakeUps  fault = "has an event without room"
	clearsLate    fault = "clears its event after it has looked"
	hasRoomForFew fault = "has room for 8000 timers"
	leavesLast    fault = "returns before the last callback has ended"

	// Run.
	returnsErr        fault = "returns ctx.Err()"
	missesDone        fault = "does not notice when idle that ctx is done"
	runsAfterRun      fault = "calls one more callback after Run"
	leaksGoroutine    fault = "leaves a goroutine behind"
	leaksAfterPanic   fault = "leaves a goroutine behind after a panic"
	finishesFirst     fault = "finishes its queue before it looks at ctx"
	looksAfterwards   fault = "looks at ctx only after the first callback"
	looksAtHalf       fault = "looks at ctx before every second callback"
	looksAtThird      fault = "looks at ctx before every third callback"
	losesPending      fault = "forgets what is pending when Run returns"
	restartsDelays    fault = "starts delays anew with each Run"
	allowsTwoRuns     fault = "allows two Runs at once"
	refusesOnce       fault = "refuses only the first of many Runs at once"
	acceptsNilContext fault = "accepts a nil context"
	usesNilContext    fault = "uses a nil context"

	// Panics.
	recoversPanics     fault = "recovers panics"
	wrapsPanics        fault = "panics with another value"
	forgetsAfterPanic  fault = "forgets its queue after a panic"
	forgetsAfterGoexit fault = "forgets its queue after Goexit"
	diesOfPanic        fault = "does not run again after a panic"
	acceptsNil         fault = "accepts a nil callback"

	// Turns and waiting.
	turnsStuck   fault = "does not count its turns"
	turnsMany    fault = "makes a hundred turns for each event"
	spinsIdle    fault = "spins when idle"
	spinsPending fault = "spins when a timer is pending"
	naps         fault = "wakes every minute to look"

	// Loops of other makes, alone or before a fault.
	twoLoops       fault = "is two loops, and "
	polls          fault = "polls, and "
	losesCallbacks fault = "has a callback loop whose event has no room"
	comparesFirst  fault = "compares deadlines before it takes its lock"

	// And one that is none: between CallSoon and timers that are due no order is
	// promised, and on a machine that stalls any loop may do so.
	comesLate fault = "calls the functions of CallSoon late"
)
