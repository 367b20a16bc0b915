package eventloop_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("runtime.handleEvent")) // WebAssembly's own
}

// The whole idea in thirty lines: a map, a goroutine, and a loop that looks.
func Example_idea() {
	type timer struct {
		deadline time.Time
		callback func()
	}
	var mu sync.Mutex // guards pending
	pending := make(map[*timer]bool)

	setTimeout := func(callback func(), delay time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		pending[&timer{time.Now().Add(delay), callback}] = true
	}
	look := func() {
		mu.Lock()
		defer mu.Unlock()
		for t := range pending {
			if time.Now().After(t.deadline) {
				delete(pending, t)
				mu.Unlock() // the callback may set a timer
				t.callback()
				mu.Lock()
			}
		}
	}

	done := false
	setTimeout(func() {
		fmt.Println("10 ms later")
		setTimeout(func() { fmt.Println("and 20 ms after that"); done = true }, 20*time.Millisecond)
	}, 10*time.Millisecond)
	fmt.Println("setTimeout has returned")

	var loop sync.WaitGroup
	loop.Go(func() { // the other loop
		for !done {
			look()
		}
	})
	loop.Wait()
	// Output:
	// setTimeout has returned
	// 10 ms later
	// and 20 ms after that
}

// SetTimeout returns at once, whatever the delay. Callbacks run in Run, by
// their deadlines, and not in the order in which they were set.
func Example() {
	loop := event.New()
	ctx, stop := context.WithCancel(context.Background())

	loop.SetTimeout(30*time.Millisecond, func() { fmt.Println("after 30 ms"); stop() })
	loop.SetTimeout(10*time.Millisecond, func() { fmt.Println("after 10 ms") })
	loop.CallSoon(func() { fmt.Println("soon") })
	fmt.Println("all set")

	err := loop.Run(ctx)
	fmt.Println(err)
	// Output:
	// all set
	// soon
	// after 10 ms
	// after 30 ms
	// context canceled
}

// setInterval has callback called again and again, until stop is called, as
// JavaScript's does. It may be called before Run or from a callback only, and
// stop from a callback only: then it needs no lock, since callbacks run one at a
// time.
//
// Each delay is counted from the deadline before it, not from when the callback
// came to run: an interval of a second that is always a little late stays a
// little late, and does not fall behind. What it has missed altogether it skips.
func setInterval(loop eventloop.Loop, period time.Duration, callback func()) (stop func()) {
	if period <= 0 {
		panic("setInterval: the period must be above zero")
	}
	var timer eventloop.Timer
	stopped := false
	next := time.Now().Add(period)

	var tick func()
	tick = func() {
		callback()
		if stopped { // by its own callback: there is no timer to stop
			return
		}
		next = next.Add(period)
		if behind := time.Since(next); behind > 0 {
			next = next.Add(behind.Truncate(period) + period)
		}
		timer = loop.SetTimeout(time.Until(next), tick)
	}
	timer = loop.SetTimeout(period, tick)
	return func() {
		stopped = true
		timer.Stop()
	}
}

// setInterval is no part of a loop: it is a timer that sets the next one.
func Example_setInterval() {
	loop := event.New()
	ctx, cancel := context.WithCancel(context.Background())

	loop.CallSoon(func() {
		ticks := 0
		var stop func()
		stop = setInterval(loop, 5*time.Millisecond, func() {
			ticks++
			fmt.Println("tick", ticks)
			if ticks == 3 {
				stop()
				loop.SetTimeout(20*time.Millisecond, cancel) // time for a fourth
			}
		})
	})

	loop.Run(ctx)
	fmt.Println("done")
	// Output:
	// tick 1
	// tick 2
	// tick 3
	// done
}

// A promise is a value that is there later, and the callbacks that wait for it.
// Like JavaScript's it is settled once, for good, and it never calls anybody
// itself: it hands them to the loop, with CallSoon.
//
// It has no lock. All of its methods are called on the loop, in callbacks.
type promise[T any] struct {
	loop    eventloop.Loop
	settled bool
	value   T
	err     error
	waiting []func(T, error)
}

func newPromise[T any](loop eventloop.Loop) *promise[T] { return &promise[T]{loop: loop} }

// settle gives the promise its value, or the reason why there is none. Only
// the first call counts.
func (p *promise[T]) settle(value T, err error) {
	if p.settled {
		return
	}
	p.settled, p.value, p.err = true, value, err
	for _, then := range p.waiting {
		p.loop.CallSoon(func() { then(value, err) })
	}
	p.waiting = nil
}

// then has f called with the outcome once there is one, in either case after
// the caller has returned: so a caller never has to ask which it was.
func (p *promise[T]) then(f func(T, error)) {
	if !p.settled {
		p.waiting = append(p.waiting, f)
		return
	}
	p.loop.CallSoon(func() { f(p.value, p.err) })
}

// sleep is a promise that SetTimeout settles.
func sleep(loop eventloop.Loop, delay time.Duration) *promise[time.Duration] {
	p := newPromise[time.Duration](loop)
	loop.SetTimeout(delay, func() { p.settle(delay, nil) })
	return p
}

func Example_promise() {
	loop := event.New()
	ctx, stop := context.WithCancel(context.Background())

	loop.CallSoon(func() {
		p := sleep(loop, 10*time.Millisecond)
		p.then(func(slept time.Duration, _ error) {
			fmt.Println("slept for", slept)
			p.then(func(time.Duration, error) { fmt.Println("settled long since, and yet later"); stop() })
			fmt.Println("first this callback ends")
		})
		fmt.Println("a promise is there at once")
	})

	loop.Run(ctx)
	// Output:
	// a promise is there at once
	// slept for 10ms
	// first this callback ends
	// settled long since, and yet later
}
