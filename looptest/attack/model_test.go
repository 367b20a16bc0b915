package attack

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop"
	event "example.com/eventloop/stage3_event"
)

// A faulty loop breaks one rule.
type faulty struct {
	*event.Loop
	longer     time.Duration         // added to each delay
	timer      func(f func()) func() // becomes the callback of SetTimeout(f)
	soon       func(f func()) func() // becomes the callback of CallSoon(f)
	stop       func(eventloop.Timer) bool
	wrongCause bool
}

func newFaulty(breaks func(*faulty)) *faulty {
	same := func(f func()) func() { return f }
	l := &faulty{Loop: event.New(), timer: same, soon: same, stop: eventloop.Timer.Stop}
	breaks(l)
	return l
}

func (l *faulty) SetTimeout(delay time.Duration, f func()) eventloop.Timer {
	return faultyTimer{l, l.Loop.SetTimeout(delay+l.longer, l.timer(f))}
}

func (l *faulty) CallSoon(f func()) { l.Loop.CallSoon(l.soon(f)) }

func (l *faulty) Run(ctx context.Context) error {
	err := l.Loop.Run(ctx)
	if l.wrongCause {
		return ctx.Err()
	}
	return err
}

type faultyTimer struct {
	loop  *faulty
	timer eventloop.Timer
}

func (t faultyTimer) Stop() bool { return t.loop.stop(t.timer) }

// backwards runs callbacks in the wrong order: of those that wait, the last.
func backwards() func(func()) func() {
	var mu sync.Mutex
	var waiting []func()
	return func(f func()) func() {
		mu.Lock()
		defer mu.Unlock()
		waiting = append(waiting, f)
		return func() {
			mu.Lock()
			last := len(waiting) - 1
			f := waiting[last]
			waiting = waiting[:last]
			mu.Unlock()
			f()
		}
	}
}

// A model that allowed everything would never fail either. And a program that fails has
// to be short: these are left of random ones.
func TestModelFindsFaults(t *testing.T) {
	const oneTimer = "t0 = l.SetTimeout(0, func() {})"
	const oneCallSoon = "l.CallSoon(func() {}) // s0"
	for _, test := range []struct {
		fault, rule, program string
		exact                bool // found only where time is exact
		breaks               func(*faulty)
	}{
		{"early", "a callback never runs early", "t0 = l.SetTimeout(1*tick, func() {})", true,
			func(l *faulty) { l.longer = -1 }},
		{"late", "a loop that blocks is woken when there is something to do", oneTimer, true,
			func(l *faulty) { l.longer = 1 }},
		{"twice", "a callback is called once", oneTimer, false,
			func(l *faulty) { l.timer = func(f func()) func() { return func() { f(); f() } } }},
		{"Stop lies", "Stop returns false if the callback has begun", oneTimer, false,
			func(l *faulty) { l.stop = func(timer eventloop.Timer) bool { return !timer.Stop() } }},
		{"Stop denies", "Stop reports whether this call kept the callback from running", oneTimer + "\n\tt0.Stop()", false,
			func(l *faulty) { l.stop = func(timer eventloop.Timer) bool { timer.Stop(); return false } }},
		{"panics are recovered", "Run ends when ctx is done, and when a callback panics or calls Goexit",
			"l.CallSoon(func() {\n\t\tpanic(\"on purpose\")\n\t}) // s0", true,
			func(l *faulty) {
				l.soon = func(f func()) func() { return func() { defer func() { _ = recover() }(); f() } }
			}},
		{"CallSoon is lost", "nothing is lost", oneCallSoon, true,
			func(l *faulty) { l.soon = func(func()) func() { return func() {} } }},
		{"CallSoon is out of order", "callbacks of CallSoon are first in, first out", oneCallSoon + "\n\tl.CallSoon(func() {}) // s1", false,
			func(l *faulty) { l.soon = backwards() }},
		{"timers are out of order", "callbacks of timers begin in the order of their deadlines, and of setting where those are equal",
			oneTimer + "\n\tt1 = l.SetTimeout(0, func() {})", false,
			func(l *faulty) { l.timer = backwards() }},
		{"the cause is not returned", "Run returns the context's cause", oneTimer, false,
			func(l *faulty) { l.wrongCause = true }},
	} {
		t.Run(test.fault, func(t *testing.T) {
			newLoop := func() eventloop.Loop { return newFaulty(test.breaks) }
			try := func(p *program) *failure { return virtually(t, p, newLoop) }
			p, f := first(1000, 2, try)
			require.NotNil(t, f)
			got := report(p, f, try)
			t.Log(got)
			assert.Contains(t, got, ": "+test.rule+"\n")
			assert.Contains(t, got, "\tl := New()\n\t"+test.program+"\n\tdrain()")
			if !test.exact {
				_, f = first(1000, 2, func(p *program) *failure { return p.execute(newLoop(), realTime) })
				assert.NotNil(t, f, "in real time it is not found")
			}
		})
	}
}
