package interval_test

import (
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"

	interval "example.com/eventloop/docs/workshop/exercises/09_interval"
	"example.com/eventloop/docs/workshop/exercises/internal/checks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ms = time.Millisecond

// rules are what SetInterval promises.
var rules = []struct {
	name, text string
	test       func(*trial)
}{
	{"TheLoopWaits", "the loop does the waiting: SetInterval is built on SetTimeout", theLoopWaits},
	{"EveryPeriod", "a callback is called every period, and first after one", calls(0, 0, "100ms, 200ms, 300ms, 400ms")},
	{"NoDrift", "calls are whole periods after SetInterval, however long the callbacks take", calls(30*ms, 0, "100ms, 200ms, 300ms, 400ms")},
	{"NoDriftThroughOthers", "calls are whole periods after SetInterval, even if another callback has made one of them late", calls(0, 80*ms, "100ms, 230ms, 300ms, 400ms")},
	{"NoBurst", "calls that could not be made in time are left out", noBurst},
	{"StopBeforeFirst", "once stop has returned no call begins", stopAfter(50*ms, "")},
	{"StopPrevents", "once stop has returned no further call begins", stopAfter(350*ms, "100ms, 200ms, 300ms")},
	{"StopInside", "a callback may stop its own interval: it was the last call", stopInside},
	{"PanicEndsNothing", "a panic in a callback does not end the interval", panicEndsNothing},
}

func TestCheck(t *testing.T) {
	for _, rule := range rules {
		kept := checks.Try(t, rule.name, rule.text, func(c *checks.Trial) { rule.test(&trial{c}) })
		if !kept && rule.name == "TheLoopWaits" {
			return
		}
	}
}

// A trial is one rule being tried. Its notes are when calls began.
type trial struct{ *checks.Trial }

func (c *trial) called() { c.Note(c.Since()) }

func (c *trial) runFor(d time.Duration) { checks.RunFor(c.Loop, d) }

func (c *trial) want(calls string) { c.Want("SetInterval(100ms) made calls after", calls) }

func theLoopWaits(c *trial) {
	before := runtime.NumGoroutine()
	defer interval.SetInterval(c.Loop, 100*ms, c.called)()
	if len(c.Loop.Timers) == 0 {
		c.Broken("SetInterval(100ms) set no timer of the loop, and started %d goroutines", runtime.NumGoroutine()-before)
	}
}

// calls wants these calls, each of which takes some time. Another callback, after 150 ms,
// takes some as well.
func calls(each, other time.Duration, want string) func(*trial) {
	return func(c *trial) {
		defer interval.SetInterval(c.Loop, 100*ms, func() {
			c.called()
			time.Sleep(each)
		})()
		c.Stage3.SetTimeout(150*ms, func() { time.Sleep(other) })
		c.runFor(450 * ms)
		c.want(want)
	}
}

func noBurst(c *trial) {
	var calls []time.Duration
	defer interval.SetInterval(c.Loop, 100*ms, func() {
		calls = append(calls, c.Since())
		if len(calls) == 1 {
			time.Sleep(550 * ms)
		}
	})()
	c.runFor(1050 * ms)
	// When the late one comes is left open; that there is one per period is not.
	perPeriod := map[time.Duration]int{}
	for _, call := range calls {
		perPeriod[call/(100*ms)]++
		if perPeriod[call/(100*ms)] > 1 {
			c.Broken("SetInterval(100ms), the first callback taking 550ms, made calls after %v", calls)
			return
		}
	}
	if len(calls) == 0 || calls[len(calls)-1] < 900*ms {
		c.Broken("SetInterval(100ms), the first callback taking 550ms, made calls after %v and then none for a second", calls)
	}
}

// stopAfter wants these calls, and none after stop.
func stopAfter(d time.Duration, want string) func(*trial) {
	return func(c *trial) {
		stop := interval.SetInterval(c.Loop, 100*ms, c.called)
		c.runFor(d)
		stop()
		c.runFor(time.Second)
		c.want(want)
	}
}

func stopInside(c *trial) {
	var stop func()
	stop = interval.SetInterval(c.Loop, 100*ms, func() {
		c.called()
		if c.Noted() == 2 {
			stop()
		}
	})
	c.runFor(time.Second)
	c.want("100ms, 200ms")
}

func panicEndsNothing(c *trial) {
	defer interval.SetInterval(c.Loop, 100*ms, func() {
		c.called()
		if c.Noted() == 2 {
			panic("on purpose")
		}
	})()
	func() {
		defer func() {
			if recover() == nil {
				c.Error("\nseen: the panic did not reach the caller of Run\nrule: a panic in a callback unwinds through Run")
			}
		}()
		c.runFor(time.Second)
	}()
	c.runFor(250 * ms) // it goes on where it was: 200 ms after SetInterval
	c.want("100ms, 200ms, 300ms, 400ms")
}
