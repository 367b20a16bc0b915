package looptest_test

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop"
	"example.com/eventloop/looptest"
)

// faults says what a loop may do wrong, in the words that loop_test.go has for it,
// and which rules must catch that. The first is the rule in question. Rules that may
// catch it, if it happens to show there, are in brackets. All others must pass. A
// star stands for any: with a loop that forgets things at random, nothing else can
// be relied on either.
var faults = []struct{ fault, rules string }{
	// How callbacks are called.
	{"calls the callback in SetTimeout if the delay is negative", "NeverInline"},
	{"calls each callback twice", "CalledOnce [*]"},
	{"calls two callbacks at once", "OneAtATime [*]"},
	{"calls callbacks on another goroutine than Run's", "OneAtATime"},
	{"holds its lock while it calls a callback", "NothingBlocks [*]"},
	{"accepts a nil callback", "NilCallback"},

	// Time.
	{"rounds delays down to milliseconds", "NeverEarly"},
	{"puts negative delays before those that are due", "NegativeIsZero"},
	{"wraps a huge delay into the past", "HugeDelayWaits"},
	{"sleeps on when a sooner timer is set", "SoonerTimerWakes"},
	{"sleeps a little too long", "OnTime"},

	// Order.
	{"runs what is due in the order of setting", "OrderByDeadline"},
	{"reads the clock anew for each timer of a sweep", "OrderByDeadline"},
	{"runs timers with equal deadlines in the wrong order", "TiesInOrderSet"},
	{"runs the last CallSoon first", "CallSoonFIFO"},
	{"runs timers only if there is no CallSoon", "CallSoonStarvesNoTimer"},
	{"runs CallSoon only if no timer is due", "TimersStarveNothing"},
	{"runs timers without delay before all others", "TimersStarveNothing TiesInOrderSet"},

	// Stop.
	{"runs stopped timers", "StopPrevents"},
	{"returns true from a second Stop", "StopTellsTruth"},
	{"returns true from Stop after the callback has begun", "StopTellsTruth"},
	{"takes all that is due out of Stop's reach", "StopSibling [StopRaces]"},
	{"looks and stops in two steps", "StopRaces [StopPrevents]"},
	{"does not look at the clock when the alarm of a stopped timer rings", "StopLeavesOthers"},

	// Memory.
	{"keeps stopped timers until their deadline", "StoppedTimersAreFree"},
	{"keeps the callbacks of timers that are over", "LetsGo [StoppedTimersAreFree]"},
	{"keeps the callbacks of CallSoon in its queue's array", "LetsGo"},

	// Concurrency.
	{"changes its queue in two steps", "ConcurrentUse [*]"},
	{"has a bounded queue", "NothingBlocks"},
	{"has an event without room", "NoWakeUpLost [*]"},
	{"has room for 8000 timers", "MillionPending [NothingBlocks]"},
	{"returns before the last callback has ended", "Synchronizes OneAtATime [*]"},

	// Run.
	{"returns ctx.Err()", "ReturnsCause"},
	{"does not notice when idle that ctx is done", "ReturnsCause [*]"},
	{"calls one more callback after Run", "NothingAfterRun [*]"},
	{"leaves a goroutine behind after a panic", "NoGoroutineLeft"},
	{"finishes its queue before it looks at ctx", "LastCallback OneOnItsWay"},
	{"looks at ctx only after the first callback", "AlreadyDone"},
	{"looks at ctx before every third callback", "OneOnItsWay LastCallback"},
	{"forgets what is pending when Run returns", "PendingStays"},
	{"starts delays anew with each Run", "PendingStays"},
	{"allows two Runs at once", "OneRun"},
	{"refuses only the first of many Runs at once", "OneRun"},
	{"accepts a nil context", "OneRun"},

	// Panics.
	{"recovers panics", "PanicUnwinds"},
	{"panics with another value", "PanicUnwinds"},
	{"does not run again after a panic", "PanicUnwinds"},
	{"forgets its queue after a panic", "PanicLosesNothing"},
	{"forgets its queue after Goexit", "Goexit"},

	// Turns and waiting.
	{"does not count its turns", "TurnsCount"},
	{"makes a hundred turns for each event", "TurnsFew"},
	{"spins when idle", "BlocksIdle"},
	{"spins when a timer is pending", "BlocksPending"},
	{"wakes every minute to look", "BlocksIdle BlocksPending"},
}

// TestFaults tries each fault in bubbles, where it shows surely and soon. It asks the
// rules that must catch it, and without -short the whole suite: whether others pass.
func TestFaults(t *testing.T) {
	t.Parallel()
	texts := looptest.Rules()
	proven := map[string]bool{} // rules that are in question
	for _, f := range faults {
		rules, others, _ := strings.Cut(f.rules, " [")
		must, may := strings.Fields(rules), strings.Fields(strings.TrimSuffix(others, "]"))
		proven[must[0]] = true
		t.Run(f.fault, func(t *testing.T) {
			t.Parallel()
			failed, output := try(t, "TestRunVirtual$/^("+strings.Join(must, "|")+")", oneLoop+": "+f.fault)
			for _, rule := range must {
				require.Contains(t, texts, rule, "a rule of the suite")
				if assert.Contains(t, failed, rule, "a loop that %s must fail it\n%s", f.fault, output) {
					assert.Contains(t, output, texts[rule], "the failure quotes the rule")
				}
			}
			if !testing.Short() && !slices.Contains(may, "*") {
				failed, output = try(t, "TestRunVirtual", oneLoop+": "+f.fault)
				assert.Subset(t, append(must, may...), failed, "a loop that %s fails nothing else\n%s", f.fault, output)
				if len(may) == 0 { // else one of those may hide it
					assert.Subset(t, failed, must, "a loop that %s must fail the whole suite there\n%s", f.fault, output)
				}
			}
		})
	}
	for rule := range texts {
		assert.True(t, proven[rule], "no fault shows that %s can fail", rule)
	}
}

// Loops that lose a wake-up, each in a way of its own, are found in real time: in one
// of three runs, so that a machine may be as busy as it likes.
func TestLostWakeUps(t *testing.T) {
	lost := []string{
		oneLoop + ": has an event without room",
		twoLoops + ": compares deadlines before it takes its lock",
		oneLoop + ": compares deadlines before it takes its lock",
		oneLoop + ": clears its event after it has looked",
		twoLoops + ": has an event without room",
		twoLoops + ": clears its event after it has looked",
		twoLoops + ": has a callback loop whose event has no room",
	}
	if testing.Short() {
		lost = lost[:2]
	}
	for _, name := range lost {
		t.Run(name, func(t *testing.T) {
			failed, output := try(t, "TestRun$/^NoWakeUpLost", name, "-test.short=false", "-test.count=3", "-test.failfast")
			assert.Equal(t, []string{"NoWakeUpLost"}, failed, output)
			assert.Contains(t, output, "(a lost wake-up?)")
		})
	}
}

// TestWatchdog lets a loop hang in real time.
func TestWatchdog(t *testing.T) {
	t.Parallel()
	failed, output := try(t, "TestRun", polls+": holds its lock while it calls a callback", "-patience=500ms")
	assert.Equal(t, []string{"NothingBlocks"}, failed, output)
	assert.Contains(t, output, "seen: waited for Stop to return while the callback of its timer runs, in vain: nothing has happened for 500ms\n")
	assert.Contains(t, output, "rule: SetTimeout, CallSoon, Stop and Turns never wait for a turn or a callback\n")
	assert.Regexp(t, `the loop's goroutines:\n\s+1 goroutine at\n\s+\S+\.lock\.Lock  \S+loop_test.go:\d+\n\s+\S+\.\(\*\w+\)\.\w+  \S+loop_test.go:\d+\n`, output)
	assert.NotContains(t, output, "eventloop/looptest.", "the suite's own frames")
	assert.Contains(t, output, "the other rules are not asked, since the loop does not get that far: see NothingBlocks")
}

// What a reader is told, and how little of it.
func TestReports(t *testing.T) {
	t.Parallel()
	for _, report := range []struct{ when, test, loop, failed, output string }{
		{"a loop hangs: in virtual time, and so at once", "TestRun", oneLoop + ": does not notice when idle that ctx is done", "ReturnsCause",
			"seen: waited for Run to return, its context being done (cancelled), in vain: all goroutines sleep, and nothing would ever wake them\n"},
		{"a loop hangs before Run", "TestRunVirtual", oneLoop + ": never returns from SetTimeout", "BlocksPending",
			"seen: after SetTimeout(1h) the loop hangs: all goroutines in bubble are blocked\n"},
		{"a failure explains others", "TestRun$/^(NeverEarly|OrderByDeadline|StopLeavesOthers)", polls + ": rounds delays down to milliseconds", "NeverEarly",
			"not asked, since what failed explains what they would show: OrderByDeadline, StopLeavesOthers"},
		{"an alarm waits for the loop", "TestRun$/^NoGoroutineLeft", afterFunc + ": has alarms that wait for the loop", "NoGoroutineLeft",
			"seen: Run has returned, its context being done before, and 1 goroutine left\n"},
		{"a profile is not understood, which is no loop's fault", "TestRun$/^NoGoroutineLeft", unreadable, "NoGoroutineLeft",
			": looptest cannot tell whether the loop keeps this rule: this release of Go writes its goroutine profile in a form that looptest does not know"},
		{"Waits cannot tell", "TestWaitsOnce", oneLoop + ": does not notice when idle that ctx is done", "",
			"cannot tell how the loop waits when idle: Run had not returned 1h0m0s after its context was done"},
	} {
		t.Run(report.when, func(t *testing.T) {
			t.Parallel()
			failed, output := try(t, report.test, report.loop)
			assert.Equal(t, report.failed, strings.Join(failed, " "), output)
			assert.Contains(t, output, report.output)
		})
	}
}

// What Go writes into its dumps of goroutines, if it is told to, does not matter.
func TestWaitsReadsDumps(t *testing.T) {
	t.Setenv("GODEBUG", "tracebacklabels=1")
	t.Setenv("GOTRACEBACK", "system")
	_, output := try(t, "TestWaitsOnce", silent)
	assert.Contains(t, output, "cannot tell how the loop waits when idle: Run does not return, its context being done, but spins\n")
}

// Loops that keep the contract, each in a way of its own that the contract leaves
// open, are accused of nothing, also where another process wants all cores.
func TestOthersKeepTheContract(t *testing.T) {
	if !testing.Short() {
		hog := exec.Command(os.Args[0])
		hog.Env = append(os.Environ(), hogVariable+"=on")
		input, err := hog.StdinPipe()
		require.NoError(t, err)
		require.NoError(t, hog.Start())
		defer func() {
			require.NoError(t, input.Close())
			require.NoError(t, hog.Wait())
		}()
	}
	defer looptest.SetHaste()()
	for _, kind := range []string{twoLoops, afterFunc, batches} {
		t.Run(kind, func(t *testing.T) {
			newLoop := with(kind)
			t.Run("RunVirtual", func(t *testing.T) { looptest.RunVirtual(t, newLoop) })
			if !testing.Short() {
				t.Run("Run", func(t *testing.T) { looptest.Run(t, newLoop) })
			}
			assert.Equal(t, blocks, looptest.Waits(t, newLoop))
		})
	}
}

// A machine that stalls may show any order that the contract leaves open.
func TestPendingStaysWhereTheMachineStalls(t *testing.T) {
	looptest.Only(t, func() eventloop.Loop { return stalling{newOf(batches, "")} }, "PendingStays")
}

// What others put on the heap is not the loop's.
func TestStoppedTimersAreFreeWhileOthersFillTheHeap(t *testing.T) {
	var filler sync.WaitGroup
	defer filler.Wait()
	filler.Go(func() {
		var cache [20][]byte
		for i := range cache {
			cache[i] = make([]byte, 1<<20)
			time.Sleep(10 * time.Millisecond)
		}
		runtime.KeepAlive(cache)
	})
	looptest.Only(t, with(oneLoop), "StoppedTimersAreFree")
}
