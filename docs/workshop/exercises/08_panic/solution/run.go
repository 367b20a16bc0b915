// Package panics is an exercise: how Run ends when a callback panics.
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
	defer l.Running.Store(false)

	stop := make(chan struct{}) // closed when the timer loop is to end
	var timers sync.WaitGroup
	timers.Go(func() { l.Timers.Run(stop) })
	defer timers.Wait()
	defer close(stop) // runs before Wait: the last deferred call is the first

	l.Callbacks.Run(ctx.Done())
	return context.Cause(ctx)
}
