package interval_test

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	interval "example.com/eventloop/docs/workshop/exercises/09_interval"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ms = time.Millisecond

// rules are what SetInterval promises. Each is tried in a bubble: time moves
// only while all are asleep, so that nothing is late there and every instant is
// exact.
var rules = []struct {
	name, text string
	test       func(*trial)
}{
	{"TheLoopWaits", "the loop does the waiting: SetInterval is built on SetTimeout", theLoopWaits},
	{"EveryPeriod", "a callback is called every period, and first after one", everyPeriod},
	{"NoDrift", "calls are whole periods after SetInterval, however long the callbacks take", noDrift},
	{"NoDriftThroughOthers", "calls are whole periods after SetInterval, even if another callback has made one of them late", noDriftThroughOthers},
	{"NoBurst", "calls that could not be made in time are left out", noBurst},
	{"StopBeforeFirst", "once stop has returned no call begins", func(c *trial) { stopAfter(c, 0) }},
	{"StopPrevents", "once stop has returned no further call begins", func(c *trial) { stopAfter(c, 3) }},
	{"StopInside", "a callback may stop its own interval: it was the last call", stopInside},
	{"PanicEndsNothing", "a panic in a callback does not end the interval", panicEndsNothing},
}

func TestCheck(t *testing.T) {
	for _, rule := range rules {
		passed := t.Run(rule.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &trial{t: t, text: rule.text, loop: event.New(), begin: time.Now()}
				rule.test(c)
			})
		})
		if !passed && rule.name == "TheLoopWaits" {
			return
		}
	}
}

// A trial is one rule being tried.
type trial struct {
	t     *testing.T
	text  string
	loop  *event.Loop
	begin time.Time
	calls []time.Duration // when callbacks began, after begin
}

// called notes a call.
func (c *trial) called() { c.calls = append(c.calls, time.Since(c.begin)) }

// runFor runs the loop for d and returns the value of a panic that ended it
// before.
func (c *trial) runFor(d time.Duration) (panicked any) {
	defer func() { panicked = recover() }()
	ctx, cancel := context.WithTimeout(c.t.Context(), d)
	defer cancel()
	_ = c.loop.Run(ctx)
	return nil
}

func (c *trial) want(calls ...time.Duration) {
	if !slices.Equal(calls, c.calls) {
		c.t.Errorf("\nseen: SetInterval(%v) made calls after\n  %v\ninstead of after\n  %v\nrule: %s", 100*ms, c.calls, calls, c.text)
	}
}

// A watched loop counts the timers that are set.
type watched struct {
	eventloop.Loop
	timers int
}

func (l *watched) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	l.timers++
	return l.Loop.SetTimeout(delay, callback)
}

func theLoopWaits(c *trial) {
	l := &watched{Loop: c.loop}
	before := runtime.NumGoroutine()
	defer interval.SetInterval(l, 100*ms, c.called)()
	if l.timers == 0 {
		c.t.Errorf("\nseen: SetInterval(%v) set no timer of the loop, and started %d goroutines\nrule: %s", 100*ms, runtime.NumGoroutine()-before, c.text)
	}
}

func everyPeriod(c *trial) {
	defer interval.SetInterval(c.loop, 100*ms, c.called)()
	c.runFor(450 * ms)
	c.want(100*ms, 200*ms, 300*ms, 400*ms)
}

func noDrift(c *trial) {
	defer interval.SetInterval(c.loop, 100*ms, func() {
		c.called()
		time.Sleep(30 * ms)
	})()
	c.runFor(450 * ms)
	c.want(100*ms, 200*ms, 300*ms, 400*ms)
}

func noDriftThroughOthers(c *trial) {
	defer interval.SetInterval(c.loop, 100*ms, c.called)()
	c.loop.SetTimeout(150*ms, func() { time.Sleep(80 * ms) })
	c.runFor(450 * ms)
	c.want(100*ms, 230*ms, 300*ms, 400*ms)
}

func noBurst(c *trial) {
	defer interval.SetInterval(c.loop, 100*ms, func() {
		c.called()
		if len(c.calls) == 1 {
			time.Sleep(550 * ms)
		}
	})()
	c.runFor(1050 * ms)
	// When the late one comes is left open; that there is one per period is not.
	perPeriod := map[time.Duration]int{}
	for _, call := range c.calls {
		perPeriod[call/(100*ms)]++
		if perPeriod[call/(100*ms)] > 1 {
			c.t.Errorf("\nseen: SetInterval(%v), the first callback taking %v, made calls after %v\nrule: %s", 100*ms, 550*ms, c.calls, c.text)
			return
		}
	}
	if len(c.calls) == 0 || c.calls[len(c.calls)-1] < 900*ms {
		c.t.Errorf("\nseen: SetInterval(%v), the first callback taking %v, made calls after %v and then none for a second\nrule: %s", 100*ms, 550*ms, c.calls, c.text)
	}
}

func stopAfter(c *trial, calls int) {
	stop := interval.SetInterval(c.loop, 100*ms, c.called)
	c.runFor(time.Duration(calls)*100*ms + 50*ms)
	stop()
	before := slices.Clone(c.calls)
	c.runFor(time.Second)
	c.want(before...)
}

func stopInside(c *trial) {
	var stop func()
	stop = interval.SetInterval(c.loop, 100*ms, func() {
		c.called()
		if len(c.calls) == 2 {
			stop()
		}
	})
	c.runFor(time.Second)
	c.want(100*ms, 200*ms)
}

func panicEndsNothing(c *trial) {
	defer interval.SetInterval(c.loop, 100*ms, func() {
		c.called()
		if len(c.calls) == 2 {
			panic("on purpose")
		}
	})()
	if c.runFor(time.Second) == nil {
		c.t.Error("\nseen: the panic did not reach the caller of Run\nrule: a panic in a callback unwinds through Run")
	}
	c.runFor(250 * ms) // it goes on where it was: 200 ms after SetInterval
	c.want(100*ms, 200*ms, 300*ms, 400*ms)
}
