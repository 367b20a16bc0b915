package attack

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/eventloop"
	event "example.com/eventloop/stage3_event"
)

// A faulty loop breaks one rule.
type faulty struct {
	*event.Loop
	setTimeout func(l *event.Loop, delay time.Duration, callback func()) eventloop.Timer // or nil
	callSoon   func(l *event.Loop, callback func())                                      // or nil
}

func (l faulty) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	if l.setTimeout == nil {
		return l.Loop.SetTimeout(delay, callback)
	}
	return l.setTimeout(l.Loop, delay, callback)
}

func (l faulty) CallSoon(callback func()) {
	if l.callSoon == nil {
		l.Loop.CallSoon(callback)
	} else {
		l.callSoon(l.Loop, callback)
	}
}

// lastFirst runs the functions given to CallSoon in the wrong order.
type lastFirst struct {
	eventloop.Loop
	mu      sync.Mutex
	waiting []func()
}

func (l *lastFirst) CallSoon(callback func()) {
	l.mu.Lock()
	l.waiting = append(l.waiting, callback)
	l.mu.Unlock()
	l.Loop.CallSoon(func() {
		l.mu.Lock()
		last := len(l.waiting) - 1
		callback := l.waiting[last]
		l.waiting = l.waiting[:last]
		l.mu.Unlock()
		callback()
	})
}

type liar struct{ eventloop.Timer }

func (t liar) Stop() bool { return !t.Timer.Stop() }

// A model that allowed everything would never fail either. And what fails has
// to be short: these programs are what is left of random ones.
func TestModelFindsFaults(t *testing.T) {
	type (
		setTimeout = func(l *event.Loop, delay time.Duration, f func()) eventloop.Timer
		callSoon   = func(l *event.Loop, f func())
	)
	const oneTimer = "t0 = l.SetTimeout(0, func() { })"
	tests := []struct {
		fault, rule, program string
		setTimeout           setTimeout
		callSoon             callSoon
		newLoop              func() eventloop.Loop
	}{{
		fault:   "early",
		rule:    "a callback never runs early",
		program: "t0 = l.SetTimeout(tick, func() { })",
		setTimeout: func(l *event.Loop, delay time.Duration, f func()) eventloop.Timer {
			return l.SetTimeout(delay-1, f)
		},
	}, {
		fault:   "late",
		rule:    "a loop that blocks is woken when there is something to do",
		program: oneTimer,
		setTimeout: func(l *event.Loop, delay time.Duration, f func()) eventloop.Timer {
			return l.SetTimeout(delay+1, f)
		},
	}, {
		fault:   "twice",
		rule:    "a callback is called once",
		program: oneTimer,
		setTimeout: func(l *event.Loop, delay time.Duration, f func()) eventloop.Timer {
			return l.SetTimeout(delay, func() { f(); f() })
		},
	}, {
		fault:   "Stop lies",
		rule:    "Stop returns false if the callback has begun",
		program: oneTimer,
		setTimeout: func(l *event.Loop, delay time.Duration, f func()) eventloop.Timer {
			return liar{l.SetTimeout(delay, f)}
		},
	}, {
		fault:    "panics are recovered",
		rule:     "Run ends when ctx is done, and when a callback panics or calls Goexit",
		program:  "l.CallSoon(func() {\n\t\tpanic(\"on purpose\")\n\t}) // s0",
		callSoon: func(l *event.Loop, f func()) { l.CallSoon(func() { defer func() { _ = recover() }(); f() }) },
	}, {
		fault:    "CallSoon is lost",
		rule:     "nothing is lost",
		program:  "l.CallSoon(func() { }) // s0",
		callSoon: func(*event.Loop, func()) {},
	}, {
		fault:   "CallSoon is out of order",
		rule:    "callbacks of CallSoon are first in, first out",
		program: "l.CallSoon(func() { }) // s0\n\tl.CallSoon(func() { }) // s1",
		newLoop: func() eventloop.Loop { return &lastFirst{Loop: event.New()} },
	}}
	for _, test := range tests {
		t.Run(test.fault, func(t *testing.T) {
			newLoop := test.newLoop
			if newLoop == nil {
				newLoop = func() eventloop.Loop { return faulty{event.New(), test.setTimeout, test.callSoon} }
			}
			got := Budget{Programs: 1000, Seed: 2}.spend(func(p *program) *failure { return virtually(t, p, newLoop) })
			assert.Contains(t, got, ": "+test.rule+"\n")
			assert.Contains(t, got, "\tl := New()\n\t"+test.program+"\n\tdrain()")
		})
	}
}
