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
		{"correct", with(oneLoop), blocks},
		{"spins when idle", with(oneLoop + ": spins when idle"), looptest.Waiting{Idle: looptest.Spins, Pending: looptest.Blocks}},
		{"spins when a timer is pending", with(oneLoop + ": spins when a timer is pending"), looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Spins}},
		{"naps", with(oneLoop + ": wakes every minute to look"), looptest.Waiting{Idle: looptest.Naps, Pending: looptest.Naps}},
		{"is late", with(oneLoop + ": sleeps a little too long"), blocks},
		{"blocks and does not count turns", with(oneLoop + ": does not count its turns"), blocks},
		{"spins and does not count turns", func() eventloop.Loop { return uncounted{newOf(polls, "")} }, looptest.Waiting{Idle: looptest.Spins, Pending: looptest.Spins}},
		{"spins before a deadline", with(oneLoop + ": spins in the minute before a deadline"), looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Spins}},
		{"naps and does not count turns", func() eventloop.Loop { return uncounted{newOf(oneLoop, "wakes every minute to look")} }, looptest.Waiting{Idle: looptest.Naps, Pending: looptest.Naps}},
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
		{"Run returns", func() eventloop.Loop { return returning{newOf(oneLoop, "")} }, false, "Run returned <nil> before its context was done"},
		{"Run panics", func() eventloop.Loop { return panicking{newOf(oneLoop, "")} }, false, "Run panicked: not written yet before its context was done"},
		{"the timer is lost", func() eventloop.Loop { return forgetting{newOf(oneLoop, "")} }, true, "the callback of SetTimeout(1h0m0s) had not run after 2h0m0s"},
		{"New panics", func() eventloop.Loop { panic("not written yet") }, false, "the loop panicked: not written yet"},
		{"spins and ignores its context", with(silent), true, spinsOn},
		{"spins when its context is done", func() eventloop.Loop { return ending{newOf(polls, "")} }, false, spinsOn},
	} {
		t.Run(test.name, func(t *testing.T) {
			cores := runtime.GOMAXPROCS(0)
			_, err := looptest.Probe(t, test.new, test.pending)
			assert.EqualError(t, err, test.want)

			// It has left nothing behind that the next loop could meet.
			assert.Equal(t, cores, runtime.GOMAXPROCS(0))
			assert.Equal(t, blocks, looptest.Waits(t, with(oneLoop)))
		})
	}
}

const spinsOn = "Run does not return, its context being done, but spins"

// Loops that do not work, or hide what they do.
type (
	returning  struct{ *loop }
	panicking  struct{ *loop }
	forgetting struct{ *loop }
	uncounted  struct{ *loop }
	ignoring   struct{ *loop }
	ending     struct{ *loop }
	stalling   struct{ *loop }
)

func (returning) Run(context.Context) error                         { return nil }
func (panicking) Run(context.Context) error                         { panic("not written yet") }
func (forgetting) SetTimeout(time.Duration, func()) eventloop.Timer { return nil }
func (uncounted) Turns() uint64                                     { return 0 }
func (i ignoring) Run(ctx context.Context) error                    { return i.loop.Run(context.WithoutCancel(ctx)) }

// An ending loop sleeps until its context is done and does not return then.
func (e ending) Run(ctx context.Context) error {
	<-ctx.Done()
	return ignoring(e).Run(ctx)
}

// A stalling loop has to wait for its machine before a later Run goes on.
func (s stalling) Run(ctx context.Context) error {
	if s.turns.Load() > 0 {
		time.Sleep(75 * time.Millisecond)
	}
	return s.loop.Run(ctx)
}
