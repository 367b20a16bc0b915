package base

import (
	"cmp"
	"time"
)

// Parts are the parts of a loop. A part that is nil is this package's own.
type Parts struct {
	Timers    Timers
	Callbacks Callbacks
	Wake      Waker // of this package's own timer loop
}

// Timers is a timer loop: where timers wait until they are due.
type Timers interface {
	// Init is called once, before all else. What is due goes to callbacks.
	Init(callbacks Callbacks)

	// Add takes over t, which has just been set: it gives t its Deadline, its Seq
	// and its Loop. It is called from any goroutine, and must not wait for a turn.
	Add(t *Timer, delay time.Duration)

	// Remove is told that t has been stopped. It may have been handed to the callback
	// loop by then. It is called from any goroutine, and must not wait for a turn.
	Remove(t *Timer)

	// Run is the timer loop itself. It hands what is due to the callback loop, in
	// order, and returns when stop is closed.
	Run(stop <-chan struct{})

	// Turns is how often it has gone round.
	Turns() uint64
}

// Callbacks is a callback loop: where due callbacks wait until they run.
type Callbacks interface {
	// Init is called once, before all else.
	Init()

	// Add has tasks called, in their order, after all that were added before. It
	// is called from any goroutine, callbacks included, and must not wait for a
	// turn.
	Add(tasks ...Task)

	// Run is the callback loop itself, on the goroutine that called the loop's
	// Run. It returns when done is closed.
	Run(done <-chan struct{})

	// Turns is how often it has gone round.
	Turns() uint64
}

// A Waker wakes a timer loop that sleeps.
type Waker interface {
	// Set wakes the timer loop. It is called from any goroutine, and must not wait.
	Set()

	// Receive returns a channel: to receive from it is to sleep until Set is called.
	// The timer loop calls Receive between its last look and its falling asleep.
	Receive() <-chan struct{}
}

// Receive implements [Waker].
func (e Event) Receive() <-chan struct{} { return e }

// Turns implements [Timers].
func (l *timerLoop) Turns() uint64 { return l.turns.Load() }

// Turns implements [Callbacks].
func (l *callbackLoop) Turns() uint64 { return l.turns.Load() }

// ByDeadline is the order in which timers run, for the timer loops of stages 1 and
// 2, which sort.
func ByDeadline(a, b *Timer) int {
	return cmp.Or(cmp.Compare(a.Deadline, b.Deadline), cmp.Compare(a.Seq, b.Seq))
}
