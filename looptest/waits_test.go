package looptest_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/eventloop"
	"example.com/eventloop/looptest"
)

func TestWaits(t *testing.T) {
	for _, test := range []struct {
		name string
		new  func() eventloop.Loop
		want looptest.Waiting
	}{
		{"correct", with(""), looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Blocks}},
		{"spins when idle", with(spinsIdle), looptest.Waiting{Idle: looptest.Spins, Pending: looptest.Blocks}},
		{"spins when a timer is pending", with(spinsPending), looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Spins}},
		{"naps", with(naps), looptest.Waiting{Idle: looptest.Naps, Pending: looptest.Naps}},
		{"is late", with(sleepsTooLong), looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Blocks}},
		{"blocks and does not count turns", with(turnsStuck), looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Blocks}},
		{"spins and does not count turns", variant{looksAtErr: true}.new, looptest.Waiting{Idle: looptest.Spins, Pending: looptest.Spins}},
		{"spins and looks at its context once", variant{counts: true}.new, looptest.Waiting{Idle: looptest.Spins, Pending: looptest.Spins}},
		{"spins and derives a context", variant{counts: true, derives: true}.new, looptest.Waiting{Idle: looptest.Spins, Pending: looptest.Spins}},
		{"naps and does not count turns", variant{looksAtErr: true, nap: time.Millisecond}.new, looptest.Waiting{Idle: looptest.Naps, Pending: looptest.Naps}},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, looptest.Waits(t, test.new))
		})
	}
}

// TestWaitsCannotTell shows what becomes of loops that do not work.
func TestWaitsCannotTell(t *testing.T) {
	for _, test := range []struct {
		name    string
		new     func() eventloop.Loop
		pending bool
		want    string
	}{
		{"Run returns", func() eventloop.Loop { return returning{newLoop("")} }, false, "Run returned <nil> before its context was done"},
		{"Run panics", func() eventloop.Loop { return panicking{newLoop("")} }, false, "Run panicked: not written yet before its context was done"},
		{"the timer is lost", func() eventloop.Loop { return forgetting{newLoop("")} }, true, "the callback of SetTimeout(1h0m0s) had not run after 2h0m0s"},
		{"New panics", func() eventloop.Loop { panic("not written yet") }, false, "the loop panicked: not written yet"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := looptest.Probe(t, test.new, test.pending)
			assert.EqualError(t, err, test.want)
		})
	}
}

func TestMode(t *testing.T) {
	assert.Equal(t, "Mode(0)", looptest.Mode(0).String())
	assert.Equal(t, "idle: spins, timer pending: spins (waits like stage 1)",
		looptest.Waiting{Idle: looptest.Spins, Pending: looptest.Spins}.String())
}

func with(f fault) func() eventloop.Loop { return func() eventloop.Loop { return newLoop(f) } }

// A variant polls in a way of its own.
type variant struct {
	looksAtErr bool          // in each turn, rather than once at its channel
	derives    bool          // and polls a context derived from Run's
	counts     bool          // its turns
	nap        time.Duration // between turns
}

func (v variant) new() eventloop.Loop { return &polling{newLoop(""), v} }

type polling struct {
	*loop
	variant
}

func (p *polling) Run(ctx context.Context) error {
	if p.derives {
		derived, cancel := context.WithCancel(ctx)
		defer cancel()
		ctx = derived
	}
	done := ctx.Done()
	isDone := func() bool {
		if p.looksAtErr {
			return ctx.Err() != nil
		}
		select {
		case <-done:
			return true
		default:
			return false
		}
	}
	for !isDone() {
		if p.counts {
			p.turns.Add(1)
		}
		if callback := p.next(); callback != nil {
			callback()
		} else if p.nap > 0 {
			time.Sleep(p.nap)
		} else {
			runtime.Gosched()
		}
	}
	return context.Cause(ctx)
}

type returning struct{ *loop }

func (returning) Run(context.Context) error { return nil }

type panicking struct{ *loop }

func (panicking) Run(context.Context) error { panic("not written yet") }

type forgetting struct{ *loop }

func (forgetting) SetTimeout(time.Duration, func()) eventloop.Timer { return nil }
