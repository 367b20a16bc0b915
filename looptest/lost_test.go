package looptest_test

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/eventloop"
)

// lostWakeUps are loops that lose a wake-up, each in a way of its own.
var lostWakeUps = map[string]fault{
	"one loop, event with no room":                  losesWakeUps,
	"one loop, event cleared after the look":        clearsLate,
	"two loops, timer loop's event with no room":    twoLoops + losesWakeUps,
	"two loops, timer loop's event cleared late":    twoLoops + clearsLate,
	"two loops, callback loop's event with no room": twoLoops + losesCallbacks,
}

func TestLostWakeUps(t *testing.T) {
	for name, f := range lostWakeUps {
		t.Run(name, func(t *testing.T) {
			failed, output := try(t, "TestRun$/^NoWakeUpLost", f, "-test.short=false")
			assert.Equal(t, []string{"NoWakeUpLost"}, failed, output)
			assert.Contains(t, output, "(a lost wake-up?)")
		})
	}
}

// A pair is two loops, as the stages are: timers wait on a goroutine of their own.
type pair struct {
	fault fault

	mu     sync.Mutex // guards the fields below
	timers []*pairTimer
	until  time.Time // when the timer loop looks next
	queue  []func()

	wake  chan struct{} // the timer loop, of capacity 1
	ready chan struct{} // the callback loop, of capacity 1
	turns atomic.Uint64
}

type pairTimer struct {
	loop     *pair
	deadline time.Time
	callback func()
}

func newPair(f fault) *pair {
	l := &pair{fault: f, wake: make(chan struct{}, 1), ready: make(chan struct{}, 1)}
	switch f {
	case losesWakeUps:
		l.wake = make(chan struct{})
	case losesCallbacks:
		l.ready = make(chan struct{})
	}
	return l
}

func (l *pair) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	t := &pairTimer{l, time.Now().Add(max(delay, 0)), callback}
	l.mu.Lock()
	defer l.mu.Unlock()
	sooner := t.deadline.Before(l.until)
	if l.fault == comparesFirst {
		l.mu.Unlock() // as if the lock had been taken only now
		l.mu.Lock()
	}
	i, _ := slices.BinarySearchFunc(l.timers, t, func(old, t *pairTimer) int {
		if old.deadline.After(t.deadline) {
			return 1
		}
		return -1
	})
	l.timers = slices.Insert(l.timers, i, t)
	if sooner {
		l.until = t.deadline
		set(l.wake)
	}
	return t
}

func (t *pairTimer) Stop() bool {
	t.loop.mu.Lock()
	defer t.loop.mu.Unlock()
	i := slices.Index(t.loop.timers, t)
	if i >= 0 {
		t.loop.timers = slices.Delete(t.loop.timers, i, i+1)
	}
	return i >= 0
}

func (l *pair) CallSoon(callback func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, callback)
	set(l.ready)
}

func (l *pair) Turns() uint64 { return l.turns.Load() }

func (l *pair) Run(ctx context.Context) error {
	stop := make(chan struct{})
	var timers sync.WaitGroup
	timers.Go(func() { l.runTimers(stop) })
	defer timers.Wait()
	defer close(stop)
	for done := ctx.Done(); ctx.Err() == nil; {
		l.turns.Add(1)
		l.mu.Lock()
		batch := l.queue
		l.queue = nil
		l.mu.Unlock()
		for _, callback := range batch {
			callback()
		}
		if len(batch) == 0 {
			select {
			case <-done:
			case <-l.ready:
			}
		}
	}
	return context.Cause(ctx)
}

func (l *pair) runTimers(stop <-chan struct{}) {
	alarm := time.NewTimer(math.MaxInt64)
	defer alarm.Stop()
	for {
		alarm.Reset(time.Until(l.handOver()))
		if l.fault == clearsLate {
			clearEvent(l.wake)
		}
		select {
		case <-stop:
			return
		case <-alarm.C:
		case <-l.wake:
		}
	}
}

// handOver queues what is due, and returns when to look next.
func (l *pair) handOver() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turns.Add(1)
	now := time.Now()
	for len(l.timers) > 0 && !l.timers[0].deadline.After(now) {
		l.queue = append(l.queue, l.timers[0].callback)
		l.timers = l.timers[1:]
		set(l.ready)
	}
	l.until = now.Add(math.MaxInt64)
	if len(l.timers) > 0 {
		l.until = l.timers[0].deadline
	}
	return l.until
}

func clearEvent(event <-chan struct{}) {
	select {
	case <-event:
	default:
	}
}
