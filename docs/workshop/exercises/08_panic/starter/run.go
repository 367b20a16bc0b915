// Package panics is an exercise: how Run ends when a callback panics.
//
// BROKEN: something is left then, and the next Run panics.
package panics

import (
	"context"
	"sync"

	"example.com/eventloop/docs/workshop/base"
)

// A Loop is a sound loop but for Run.
type Loop struct{ *base.Loop }

// New returns a loop.
func New() *Loop { return &Loop{base.New(base.Parts{})} }

// Run runs the callback loop here and the timer loop on a goroutine of its own,
// until ctx is done.
func (l *Loop) Run(ctx context.Context) error {
	if ctx == nil {
		panic("eventloop: nil context")
	}
	if !l.Running.CompareAndSwap(false, true) {
		panic("eventloop: Run called while the loop is running")
	}

	stop := make(chan struct{}) // closed when the timer loop is to end
	var timers sync.WaitGroup
	timers.Go(func() { l.Timers.Run(stop) })

	l.Callbacks.Run(ctx.Done())

	close(stop)
	timers.Wait()
	l.Running.Store(false)
	return context.Cause(ctx)
}
