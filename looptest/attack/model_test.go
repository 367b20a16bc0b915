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

// backwards runs callbacks in the wrong order: of those that wait, the last.
type backwards struct {
	mu      sync.Mutex
	waiting []func()
}

func (b *backwards) add(callback func()) (last func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, callback)
	return func() {
		b.mu.Lock()
		last := len(b.waiting) - 1
		callback := b.waiting[last]
		b.waiting = b.waiting[:last]
		b.mu.Unlock()
		callback()
	}
}

// causeless returns the wrong error from Run.
type causeless struct{ eventloop.Loop }

func (l causeless) Run(ctx context.Context) error {
	_ = l.Loop.Run(ctx)
	return ctx.Err()
}

// denier is a timer that stops, and says that it does not.
type denier struct{ eventloop.Timer }

func (t denier) Stop() bool {
	t.Timer.Stop()
	return false
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
		exact                bool // to be found where time is exact, and what is lost is certain
	}{{
		fault:   "early",
		exact:   true,
		rule:    "a callback never runs early",
		program: "t0 = l.SetTimeout(tick, func() { })",
		setTimeout: func(l *event.Loop, delay time.Duration, f func()) eventloop.Timer {
			return l.SetTimeout(delay-1, f)
		},
	}, {
		fault:   "late",
		exact:   true,
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
		exact:    true,
		rule:     "Run ends when ctx is done, and when a callback panics or calls Goexit",
		program:  "l.CallSoon(func() {\n\t\tpanic(\"on purpose\")\n\t}) // s0",
		callSoon: func(l *event.Loop, f func()) { l.CallSoon(func() { defer func() { _ = recover() }(); f() }) },
	}, {
		fault:    "CallSoon is lost",
		exact:    true,
		rule:     "nothing is lost",
		program:  "l.CallSoon(func() { }) // s0",
		callSoon: func(*event.Loop, func()) {},
	}, {
		fault:   "CallSoon is out of order",
		rule:    "callbacks of CallSoon are first in, first out",
		program: "l.CallSoon(func() { }) // s0\n\tl.CallSoon(func() { }) // s1",
		newLoop: func() eventloop.Loop {
			var b backwards
			return faulty{Loop: event.New(), callSoon: func(l *event.Loop, f func()) { l.CallSoon(b.add(f)) }}
		},
	}, {
		fault:   "timers are out of order",
		rule:    "callbacks of timers begin in the order of their deadlines, and of setting where those are equal",
		program: oneTimer + "\n\tt1 = l.SetTimeout(0, func() { })",
		newLoop: func() eventloop.Loop {
			var b backwards
			return faulty{Loop: event.New(), setTimeout: func(l *event.Loop, delay time.Duration, f func()) eventloop.Timer {
				return l.SetTimeout(delay, b.add(f))
			}}
		},
	}, {
		fault:   "the cause is not returned",
		rule:    "Run returns the context's cause",
		program: oneTimer,
		newLoop: func() eventloop.Loop { return causeless{event.New()} },
	}, {
		fault:   "Stop denies",
		rule:    "Stop reports whether this call kept the callback from running",
		program: "t0 = l.SetTimeout(time.Hour, func() { })",
		setTimeout: func(l *event.Loop, delay time.Duration, f func()) eventloop.Timer {
			return denier{l.SetTimeout(delay, f)}
		},
	}}
	for _, test := range tests {
		t.Run(test.fault, func(t *testing.T) {
			newLoop := test.newLoop
			if newLoop == nil {
				newLoop = func() eventloop.Loop { return faulty{event.New(), test.setTimeout, test.callSoon} }
			}
			try := func(p *program) *failure { return virtually(t, p, newLoop) }
			p, f := first(1000, 2, try)
			require.NotNil(t, f)
			got := report(p, f, try)
			t.Log(got)
			assert.Contains(t, got, ": "+test.rule+"\n")
			assert.Contains(t, got, "\tl := New()\n\t"+test.program+"\n\tdrain()")
			if test.exact {
				return
			}
			_, f = first(1000, 2, func(p *program) *failure { return p.execute(newLoop(), realTime{}) })
			assert.NotNil(t, f, "in real time it is not found")
		})
	}
}
