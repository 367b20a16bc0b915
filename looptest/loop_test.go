package looptest_test

import (
	"container/heap"
	"context"
	"math"
	"runtime"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// A loop is a small correct one, and with a fault the model of a broken one.
//
// It does all in one goroutine, Run's: it takes what is due from a heap and a
// queue by turns, and otherwise sleeps until the earliest deadline or until
// it is woken.
type loop struct {
	fault fault

	mu      lock      // protects the fields below
	timers  timerHeap // pending
	queue   []func()  // of CallSoon
	seq     int       // how many timers were set
	running bool      // there is a Run
	soon    bool      // whose turn it is: the queue's or the heap's

	wake  chan struct{} // holds a value if there is something new; of capacity 1, so that one sent before the loop sleeps is not lost
	turns atomic.Uint64
}

func newLoop(f fault) *loop {
	l := &loop{fault: f, mu: make(lock, 1), wake: make(chan struct{}, 1)}
	if f == losesWakeUps {
		l.wake = make(chan struct{})
	}
	return l
}

// A lock is a mutex made of a channel. In a bubble a goroutine that waits for
// a channel counts as blocked and one that waits for a sync.Mutex does not, so
// that with this a loop that deadlocks is found out at once.
type lock chan struct{}

func (l lock) Lock()   { l <- struct{}{} }
func (l lock) Unlock() { <-l }

type timer struct {
	loop     *loop
	deadline time.Time
	seq      int
	index    int    // in the heap; -1 if not there
	callback func() // nil when over
}

func (l *loop) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	if callback == nil {
		panic("eventloop: nil callback")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	t := &timer{loop: l, deadline: time.Now().Add(max(delay, 0)), seq: l.seq, callback: callback}
	heap.Push(&l.timers, t)
	if t.index == 0 {
		l.wakeUp()
	}
	return t
}

func (l *loop) CallSoon(callback func()) {
	if callback == nil {
		panic("eventloop: nil callback")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, callback)
	l.wakeUp()
}

func (l *loop) wakeUp() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (t *timer) Stop() bool {
	t.loop.mu.Lock()
	defer t.loop.mu.Unlock()
	if t.callback == nil {
		return false
	}
	t.callback = nil
	heap.Remove(&t.loop.timers, t.index)
	return true
}

func (l *loop) Turns() uint64 { return l.turns.Load() }

func (l *loop) Run(ctx context.Context) error {
	if ctx == nil {
		panic("eventloop: nil context")
	}
	l.mu.Lock()
	if l.running {
		l.mu.Unlock()
		panic("eventloop: Run called while the loop is running")
	}
	l.running = true
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		l.running = false
		l.mu.Unlock()
	}()
	for ctx.Err() == nil {
		l.turns.Add(1)
		if callback := l.next(); callback != nil {
			callback()
			continue
		}
		l.sleep(ctx)
	}
	return context.Cause(ctx)
}

// next takes the next callback that is due, or returns nil.
func (l *loop) next() func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	due := len(l.timers) > 0 && !time.Now().Before(l.timers[0].deadline)
	l.soon = len(l.queue) > 0 && (!l.soon || !due)
	switch {
	case l.soon:
		callback := l.queue[0]
		l.queue[0] = nil
		l.queue = l.queue[1:]
		return callback
	case due:
		t := heap.Pop(&l.timers).(*timer)
		callback := t.callback
		t.callback = nil
		return callback
	}
	return nil
}

func (l *loop) sleep(ctx context.Context) {
	wait := time.Duration(math.MaxInt64)
	l.mu.Lock()
	if len(l.timers) > 0 {
		wait = time.Until(l.timers[0].deadline)
	}
	l.mu.Unlock()
	if l.fault == losesWakeUps {
		runtime.Gosched()
	}
	alarm := time.NewTimer(wait)
	defer alarm.Stop()
	select {
	case <-ctx.Done():
	case <-l.wake:
	case <-alarm.C:
	}
}

// A timerHeap is a heap.Interface: the earliest deadline first, of equal ones
// the first to be set.
type timerHeap []*timer

func (h timerHeap) Len() int { return len(h) }

func (h timerHeap) Less(i, j int) bool {
	if c := h[i].deadline.Compare(h[j].deadline); c != 0 {
		return c < 0
	}
	return h[i].seq < h[j].seq
}

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *timerHeap) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}

func (h *timerHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	t.index = -1
	return t
}
