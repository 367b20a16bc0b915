package peers

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dop251/goja"
	gojaloop "github.com/dop251/goja_nodejs/eventloop"

	"example.com/eventloop"
	"example.com/eventloop/bench/tuned"
	"example.com/eventloop/stage1_polling"
	"example.com/eventloop/stage2_queue"
	"example.com/eventloop/stage3_event"
)

var (
	stage1     = impl{"stage1_polling", ours(func() eventloop.Loop { return polling.New() })}
	stage2     = impl{"stage2_queue", ours(func() eventloop.Loop { return queue.New() })}
	stage3     = impl{"stage3_event", ours(func() eventloop.Loop { return event.New() })}
	fast       = impl{"tuned", ours(func() eventloop.Loop { return tuned.New() })}
	afterFunc  = impl{"AfterFunc", newAfterFunc}
	serial     = impl{"AfterFunc_serial", newSerial}
	gojaNodejs = impl{"goja_nodejs", newGoja}
	channel    = impl{"channel", newChannel}
	floor      = impl{"floor", newFloor}
)

func ours(newLoop func() eventloop.Loop) func(func()) *peer {
	return func(callback func()) *peer {
		loop := newLoop()
		ctx, cancel := context.WithCancel(context.Background())
		var running sync.WaitGroup
		return &peer{
			setTimer:  func(d time.Duration) any { return loop.SetTimeout(d, callback) },
			stopTimer: func(t any) { t.(eventloop.Timer).Stop() },
			after:     func(d time.Duration, f func()) { loop.SetTimeout(d, f) },
			soon:      loop.CallSoon,
			start:     func() { running.Go(func() { loop.Run(ctx) }) },
			end:       func() { cancel(); running.Wait() },
		}
	}
}

func newAfterFunc(callback func()) *peer {
	return &peer{
		setTimer:  func(d time.Duration) any { return time.AfterFunc(d, callback) },
		stopTimer: func(t any) { t.(*time.Timer).Stop() },
		after:     func(d time.Duration, f func()) { time.AfterFunc(d, f) },
	}
}

// newSerial is what one writes to have time.AfterFunc's callbacks on one
// goroutine: each timer has a goroutine that only sends.
func newSerial(callback func()) *peer {
	c := newChannel(nil)
	p := newAfterFunc(func() { c.soon(callback) })
	p.start, p.end = c.start, c.end
	p.after = func(d time.Duration, f func()) { time.AfterFunc(d, func() { c.soon(f) }) }
	return p
}

// newChannel is the least that runs functions one at a time on a goroutine:
// CallSoon with a bound, and no timers.
func newChannel(func()) *peer {
	calls := make(chan func(), 1024) // enough that a sender seldom waits, as a program would choose it
	var running sync.WaitGroup
	return &peer{
		soon: func(f func()) { calls <- f },
		start: func() {
			running.Go(func() {
				for f := range calls {
					f()
				}
			})
		},
		end: func() { close(calls); running.Wait() },
	}
}

func newGoja(callback func()) *peer {
	loop := gojaloop.NewEventLoop(gojaloop.EnableConsole(false))
	onLoop := func(*goja.Runtime) { callback() }
	return &peer{
		setTimer:  func(d time.Duration) any { return loop.SetTimeout(onLoop, d) },
		stopTimer: func(t any) { loop.ClearTimeout(t.(*gojaloop.Timer)) },
		after:     func(d time.Duration, f func()) { loop.SetTimeout(func(*goja.Runtime) { f() }, d) },
		soon:      func(f func()) { loop.RunOnLoop(func(*goja.Runtime) { f() }) },
		settle: func() {
			done := make(chan struct{})
			loop.RunOnLoop(func(*goja.Runtime) { close(done) })
			<-done
		},
		start: loop.Start,
		end:   loop.Terminate, // which stops the timers too
	}
}

// newFloor has no loop, and no timer ever runs. It is the least that setting and
// stopping one can cost, if the contract is kept: memory for the timer, a reading of
// the clock, and two atomic operations, on words that no other goroutine touches.
func newFloor(callback func()) *peer {
	type timer struct {
		claimed  atomic.Bool
		callback func()
		_        [2]uintptr // as large as the fast loop's
	}
	start := time.Now()
	return &peer{
		setTimer: func(d time.Duration) any {
			t := &timer{callback: callback}
			t.claimed.Store(time.Since(start)+d < 0)
			return t
		},
		stopTimer: func(it any) {
			if t := it.(*timer); t.claimed.CompareAndSwap(false, true) {
				t.callback = nil
			}
		},
	}
}
