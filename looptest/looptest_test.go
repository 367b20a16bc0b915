package looptest_test

import (
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/looptest"
)

// The suite is proven by loops with a fault. Each is tried in a process of its
// own, where it may hang, race or leak as it likes, and in the way in which a
// reader would try it: the test binary calls itself with the fault in this
// variable, and TestRun or TestRunVirtual fails.
const variable = "LOOPTEST_FAULT"

// The watchdog in such a process, if it is not the usual one. In bubbles it is
// not needed: there what hangs shows at once.
const patienceVariable = "LOOPTEST_PATIENCE"

// What else such a process may do: want all cores until its input ends, or fill
// the heap while the rules are tried.
const (
	hogVariable    = "LOOPTEST_HOG"
	fillerVariable = "LOOPTEST_FILLER"
)

func newTestLoop() eventloop.Loop {
	if os.Getenv(variable) == alarmsWait {
		return style{atOnce: 4, afterFunc: true, noRoom: true}.new()
	}
	if os.Getenv(variable) == silent {
		return variant{ignores: true}.new()
	}
	if os.Getenv(variable) == stalling {
		return style{atOnce: 1 << 30, stall: 150 * time.Millisecond}.new() // libuv's order
	}
	f := os.Getenv(variable)
	if f, spins := strings.CutPrefix(f, string(polls)); spins {
		return variant{counts: true}.on(newLoop(fault(f)))
	}
	if f, two := strings.CutPrefix(f, string(twoLoops)); two {
		return newPair(fault(f))
	}
	return newLoop(fault(f))
}

func TestMain(m *testing.M) {
	if os.Getenv(hogVariable) != "" {
		var turns atomic.Uint64
		for range 2 * runtime.NumCPU() {
			go func() {
				for {
					turns.Add(1)
				}
			}()
		}
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	if os.Getenv(fillerVariable) != "" {
		go fill()
	}
	if f := fault(os.Getenv(variable)); f != "" {
		if slices.Contains(slices.Collect(maps.Values(lostWakeUps)), f) || f == twoLoops+comparesFirst {
			looptest.SetInterruption(20 * time.Second)
		} else {
			looptest.SetHaste()
		}
		if patience, err := time.ParseDuration(os.Getenv(patienceVariable)); err == nil {
			looptest.SetPatience(patience)
		}
		os.Exit(m.Run())
	}
	goleak.VerifyTestMain(m)
}

func TestRun(t *testing.T)        { looptest.Run(t, newTestLoop) }
func TestRunVirtual(t *testing.T) { looptest.RunVirtual(t, newTestLoop) }

// fill fills a cache of 64 MB, 16 MB a second and more.
func fill() {
	var cache [][]byte
	for range 1 << 10 {
		cache = append(cache, make([]byte, 1<<16))
		time.Sleep(time.Millisecond)
	}
	<-time.After(time.Hour)
	runtime.KeepAlive(cache)
}

// anything stands for any other rules: with a loop that forgets things at
// random, nothing else can be relied on either.
const anything = "*"

// proof says of each fault which rules must catch it, the rule in question
// first, and which others may: where those depend on the fault happening to
// show in their case. All others must pass.
var proof = []struct {
	fault fault
	must  []string
	may   []string
}{
	// How callbacks are called.
	{runsInline, []string{"NeverInline"}, nil},
	{callsTwice, []string{"CalledOnce"}, []string{anything}},
	{callsTwoAtOnce, []string{"OneAtATime"}, []string{anything}},
	{callsElsewhere, []string{"OnRunsGoroutine"}, nil},
	// … and then no callback can use the loop that calls it.
	{holdsLock, []string{"NoLockHeld"}, []string{anything}},

	// Time.
	{runsEarly, []string{"NeverEarly"}, nil},
	{negativeIsPast, []string{"NegativeIsZero"}, nil},
	{negativeIsNever, []string{"NegativeIsZero"}, nil},
	{wrapsHugeDelay, []string{"HugeDelayWaits"}, nil},
	{wakesForFirstOnly, []string{"SoonerTimerWakes"}, nil},
	{sleepsTooLong, []string{"OnTime"}, nil},

	// Order.
	{ordersBySetting, []string{"OrderByDeadline", "OrderUnderLoad"}, nil},
	{readsClockOften, []string{"OrderUnderLoad"}, []string{"OrderByDeadline"}},
	{losesTies, []string{"TiesInOrderSet"}, nil},
	{lastInFirstOut, []string{"CallSoonFIFO"}, nil},
	{prefersCallSoon, []string{"CallSoonStarvesNoTimer"}, nil},
	{prefersTimers, []string{"TimersStarveNoCallSoon"}, nil},
	{prefersZero, []string{"TimersStarveNoTimer", "TiesInOrderSet"}, nil},

	// Stop.
	{runsStopped, []string{"StopPrevents"}, nil},
	{stopTrueTwice, []string{"StopTellsTruth"}, nil},
	{stopTrueAfterRun, []string{"StopTellsTruth"}, nil},
	{takesBatches, []string{"StopSibling"}, []string{"StopRaces"}},
	{stopForgetsToLock, []string{"StopRaces"}, nil},
	{stopWaits, []string{"StopDoesNotWait"}, nil},
	{runsNextEarly, []string{"StopLeavesOthers"}, nil},

	// Memory.
	{keepsStopped, []string{"StoppedTimersAreFree"}, nil},
	{keepsCallbacks, []string{"LetsGo"}, []string{"StoppedTimersAreFree"}},
	{keepsQueue, []string{"LetsGo"}, nil},

	// Concurrency.
	{losesUpdates, []string{"ConcurrentUse"}, []string{anything}},
	{boundsQueue, []string{"NothingBlocks"}, nil},
	{losesWakeUps, []string{"NoWakeUpLost"}, []string{anything}},
	{hasRoomForFew, []string{"MillionPending"}, []string{"NothingBlocks"}},
	{leavesLast, []string{"Synchronizes", "OnRunsGoroutine"}, []string{anything}},

	// Run.
	{returnsErr, []string{"ReturnsCause"}, nil},
	// … and then no Run comes to its end.
	{missesDone, []string{"ReturnsCause"}, []string{anything}},
	{runsAfterRun, []string{"NothingAfterRun"}, []string{anything}},
	{leaksGoroutine, []string{"NoGoroutineLeft"}, nil},
	{leaksAfterPanic, []string{"NoGoroutineLeft"}, nil},
	{finishesFirst, []string{"LastCallback", "OneOnItsWay"}, nil},
	{looksAfterwards, []string{"AlreadyDone"}, nil},
	{looksAtHalf, []string{"LastCallback"}, nil},
	{looksAtThird, []string{"OneOnItsWay", "LastCallback"}, nil},
	{losesPending, []string{"PendingStays"}, nil},
	{restartsDelays, []string{"PendingStays"}, nil},
	{allowsTwoRuns, []string{"OneRun"}, nil},
	{refusesOnce, []string{"OneRun"}, nil},
	{acceptsNilContext, []string{"NilContext"}, nil},
	{usesNilContext, []string{"NilContext"}, nil},

	// Panics.
	{recoversPanics, []string{"PanicUnwinds"}, nil},
	{wrapsPanics, []string{"PanicUnwinds"}, nil},
	{forgetsAfterPanic, []string{"PanicLosesNothing"}, nil},
	{forgetsAfterGoexit, []string{"Goexit"}, nil},
	{diesOfPanic, []string{"PanicUnwinds"}, nil},
	{acceptsNil, []string{"NilCallback"}, nil},

	// Turns and waiting.
	{turnsStuck, []string{"TurnsCount"}, nil},
	{turnsMany, []string{"TurnsFew"}, nil},
	{spinsIdle, []string{"BlocksIdle"}, nil},
	{spinsPending, []string{"BlocksPending"}, nil},
	{naps, []string{"BlocksIdle", "BlocksPending"}, nil},
}

// TestFaults tries each fault in bubbles, where it shows surely and soon. With -short
// it asks only the rules that must catch it, and not whether others pass.
func TestFaults(t *testing.T) {
	texts := looptest.Rules()
	for _, p := range proof {
		t.Run(string(p.fault), func(t *testing.T) {
			t.Parallel()
			test, exactly := "TestRunVirtual", !testing.Short() && !slices.Contains(p.may, anything)
			if !exactly {
				test += "$/^(" + strings.Join(p.must, "|") + ")"
			}
			failed, output := try(t, test, p.fault)
			for _, rule := range p.must {
				require.Contains(t, texts, rule, "a rule of the suite")
				if assert.Contains(t, failed, rule, "a loop that %s must fail it\n%s", p.fault, output) {
					assert.Contains(t, output, texts[rule], "the failure quotes the rule")
				}
			}
			if exactly {
				assert.Subset(t, append(p.must, p.may...), failed, "a loop that %s fails nothing else\n%s", p.fault, output)
			}
		})
	}
}

// TestFaultsInRealTime tries some of them with Run, in a loop that polls and so is
// tried in real time only: those that show there with no help from chance, and do
// not hang.
func TestFaultsInRealTime(t *testing.T) {
	for _, p := range proof {
		switch p.fault {
		case runsInline, callsTwice, callsElsewhere, negativeIsPast, wrapsHugeDelay,
			ordersBySetting, losesTies, lastInFirstOut, runsStopped, stopTrueTwice, takesBatches, wrapsPanics:
			t.Run(string(p.fault), func(t *testing.T) {
				t.Parallel()
				failed, output := try(t, "TestRun$/^"+p.must[0], polls+p.fault)
				assert.Equal(t, p.must[:1], failed, output)
			})
		}
	}
}

// TestWatchdog lets a loop hang in real time.
func TestWatchdog(t *testing.T) {
	t.Setenv(patienceVariable, "1s")
	failed, output := try(t, "TestRun", polls+holdsLock)
	assert.Equal(t, []string{"NoLockHeld"}, failed, output)
	assert.Contains(t, output, "seen: waited for the callback of CallSoon to call SetTimeout, CallSoon, Stop and Turns, in vain: nothing has happened for 1s\n")
	assert.Contains(t, output, "rule: no lock is held while a callback runs\n")
	assert.Regexp(t, `the loop's goroutines:\n\s+1 goroutine at\n\s+\S+\.lock\.Lock  \S+loop_test.go:\d+\n\s+\S+\.\(\*loop\)\.SetTimeout  \S+loop_test.go:\d+\n`, output)
	assert.NotContains(t, output, "eventloop/looptest.", "the suite's own frames")
	assert.Contains(t, output, "the other rules are not asked, since the loop does not get that far: see NoLockHeld")
}

// Where a loop blocks, virtual time shows at once that it hangs.
func TestHangShowsInVirtualTimeFirst(t *testing.T) {
	failed, output := try(t, "TestRun", missesDone)
	assert.Equal(t, []string{"ReturnsCause"}, failed)
	assert.Contains(t, output, "seen: waited for Run to return, its context being done (WithCancel), in vain: all goroutines sleep, and nothing would ever wake them\n")
	assert.Regexp(t, ` 1 of \d+ rules asked, in real time, the largest a tenth of their size \(-short\), `, output)
}

// A failure explains others, and those are not asked.
func TestNoNoise(t *testing.T) {
	failed, output := try(t, "TestRun", runsEarly)
	assert.Equal(t, []string{"NeverEarly"}, failed)
	assert.Contains(t, output, "not asked, since what failed explains what they would show: OrderByDeadline, OrderUnderLoad, StopLeavesOthers")
}

// What hangs before Run is called is found out at once, in virtual time.
func TestHangingSetTimeout(t *testing.T) {
	failed, output := try(t, "TestRunVirtual", neverSets)
	assert.Equal(t, []string{"BlocksPending"}, failed)
	assert.Contains(t, output, "seen: after SetTimeout(1h) the loop hangs: all goroutines in bubble are blocked\n")
}

// TestVerdict lets Waits try a loop whose Run does not return.
func TestVerdict(t *testing.T) {
	_, output := try(t, "TestWaitsOnce", missesDone)
	assert.Contains(t, output, "cannot tell how the loop waits when idle: Run had not returned 1h0m0s after its context was done")
}

func TestWaitsOnce(t *testing.T) {
	assert.Equal(t, looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Blocks}, looptest.Waits(t, newTestLoop))
}

// TestEveryRuleIsProven looks for rules that nothing shows to work: each is the
// rule in question for some fault.
func TestEveryRuleIsProven(t *testing.T) {
	proven := map[string]bool{}
	for _, p := range proof {
		proven[p.must[0]] = true
	}
	for rule := range looptest.Rules() {
		assert.True(t, proven[rule], "no fault shows that %s can fail", rule)
	}
}

var failedRule = regexp.MustCompile(`--- FAIL: \w+/(\w+)`)

// try runs one test of this file in another process, on loops with the fault,
// and returns which of its rules failed.
func try(t *testing.T, test string, f fault, flags ...string) (failed []string, output string) {
	t.Helper()
	failed, output, err := run(t, test, f, flags...)
	require.Error(t, err, "a loop that %s passes the suite", f)
	return failed, output
}

// self is this test's binary.
func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	require.NoError(t, err)
	return path
}

// run is try, and the test may pass.
func run(t *testing.T, test string, f fault, flags ...string) (failed []string, output string, err error) {
	t.Helper()
	command := exec.Command(self(t), append([]string{"-test.run=^" + test + "$", "-test.v", "-test.count=1", "-test.short"}, flags...)...)
	command.Env = append(os.Environ(), variable+"="+string(f))
	out, err := command.CombinedOutput()
	output = string(out)
	for _, match := range failedRule.FindAllStringSubmatch(output, -1) {
		failed = append(failed, match[1])
	}
	return failed, output, err
}
