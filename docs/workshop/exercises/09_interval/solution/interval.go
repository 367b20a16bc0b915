// Package interval is an exercise: setInterval, built on SetTimeout.
package interval

import (
	"sync"
	"time"

	"example.com/eventloop"
)

// SetInterval has callback called every period: one period after the call of
// SetInterval, two periods after it, and so on, until stop is called. Calls that
// could not be made in time, because a callback took too long, are left out.
//
// stop may be called from anywhere. Once it has returned no further call
// begins. SetInterval panics if period is not positive or callback is nil.
func SetInterval(l eventloop.Loop, period time.Duration, callback func()) (stop func()) {
	if period <= 0 {
		panic("interval: period is not positive")
	}
	if callback == nil {
		panic("interval: nil callback")
	}
	i := &interval{loop: l, period: period, callback: callback, next: time.Now()}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.schedule()
	return i.stop
}

type interval struct {
	loop     eventloop.Loop
	period   time.Duration
	callback func()

	mu      sync.Mutex // guards what follows
	next    time.Time
	timer   eventloop.Timer // for next: a new one each time
	stopped bool
}

// schedule sets the timer for the first instant that is a whole number of
// periods after the last one and has not passed. mu must be held.
func (i *interval) schedule() {
	now := time.Now()
	i.next = i.next.Add(i.period)
	if behind := now.Sub(i.next); behind > 0 {
		i.next = i.next.Add((behind + i.period - 1) / i.period * i.period)
	}
	i.timer = i.loop.SetTimeout(i.next.Sub(now), i.tick)
}

func (i *interval) tick() {
	i.mu.Lock()
	stopped := i.stopped // after the timer had begun to run
	if !stopped {
		i.schedule() // before the callback: it may stop the timer, or panic
	}
	i.mu.Unlock()
	if !stopped {
		i.callback()
	}
}

func (i *interval) stop() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.stopped = true
	i.timer.Stop()
}
