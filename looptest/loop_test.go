package looptest_test

import (
	"container/heap"
	"context"
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// A loop is a small correct one, made to be broken: with a fault, which is one
// of those in faults_test.go, it does one thing wrong.
//
// It does all in one goroutine, Run's. By turns it takes what is due from a
// heap of timers and from a queue, and when nothing is it sleeps until the
// earliest deadline or until it is woken.
type loop struct {
	fault fault

	mu       lock      // protects the fields below
	timers   timerHeap // pending
	queue    []func()  // of CallSoon
	set      int       // how many timers were set
	running  bool      // there is a Run
	fromHeap bool      // the last callback was a timer's

	// wake holds a value if there is something that the loop may not have
	// seen. Its capacity is 1, so that the news is not lost while the loop is
	// between looking and sleeping.
	wake  chan struct{}
	turns atomic.Uint64

	// For faults only.
	slots  chan struct{} // a bound to the queue
	batch  []func()      // taken, and not to be stopped any more
	kept   []any         // what should have been let go of
	alarms int           // that rang since the loop last looked
	others chan struct{} // holds a value for each callback on another goroutine
}

func newLoop(f fault) *loop {
	l := &loop{fault: f, mu: make(lock, 1), wake: make(chan struct{}, 1)}
	switch f {
	case losesWakeUps:
		l.wake = make(chan struct{})
	case boundsQueue:
		l.slots = make(chan struct{}, 1024)
	case callsTwoAtOnce:
		l.others = make(chan struct{}, 2)
	}
	return l
}

// A lock is a mutex made of a channel. In a bubble a goroutine that waits for
// a channel counts as blocked and one that waits for a sync.Mutex does not, so
// with this a loop that deadlocks is found out at once.
type lock chan struct{}

func (l lock) Lock()   { l <- struct{}{} }
func (l lock) Unlock() { <-l }

type timer struct {
	loop     atomic.Pointer[loop] // nil when over
	fault    fault
	deadline time.Time
	delay    time.Duration
	number   int           // in the order of setting
	index    int           // in the heap, or -1
	callback func()        // nil when over
	ended    chan struct{} // for a fault: closed when the callback has ended
	stopped  atomic.Bool   // for a fault
}

func (l *loop) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	switch {
	case callback == nil && l.fault != acceptsNil:
		panic("eventloop: nil callback")
	case delay < 0 && l.fault == runsInline:
		callback()
		callback = func() {}
	case l.fault == neverSets:
		<-make(chan struct{})
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.set++
	t := &timer{fault: l.fault, deadline: l.deadline(delay), delay: delay, number: l.set, index: -1, callback: callback, ended: make(chan struct{})}
	t.loop.Store(l)
	if l.fault == hasRoomForFew && len(l.timers) >= 8000 {
		return t
	}
	heap.Push(&l.timers, t)
	if t.index == 0 && (l.fault != wakesForFirstOnly || len(l.timers) == 1) {
		l.wakeUp()
	}
	return t
}

func (l *loop) deadline(delay time.Duration) time.Time {
	now := time.Now()
	switch l.fault {
	case runsEarly:
		return now.Add(max(delay, 0).Truncate(time.Millisecond))
	case negativeIsPast:
		return now.Add(max(delay, -24*time.Hour))
	case negativeIsNever:
		if delay < 0 {
			delay = math.MaxInt64
		}
	case wrapsHugeDelay:
		return time.Unix(0, now.UnixNano()+int64(max(delay, 0)))
	}
	return now.Add(max(delay, 0))
}

func (l *loop) CallSoon(callback func()) {
	if callback == nil && l.fault != acceptsNil {
		panic("eventloop: nil callback")
	}
	if l.fault == comesLate { // in order, but what is due within 50 ms goes before
		l.SetTimeout(50*time.Millisecond, callback)
		return
	}
	if l.slots != nil {
		l.slots <- struct{}{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.fault {
	case losesUpdates:
		queue := slices.Clone(l.queue)
		l.mu.Unlock()
		runtime.Gosched()
		l.mu.Lock()
		l.queue = append(queue, callback)
	case lastInFirstOut:
		l.queue = slices.Insert(l.queue, 0, callback)
	default:
		l.queue = append(l.queue, callback)
	}
	l.wakeUp()
}

func (l *loop) wakeUp() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (t *timer) Stop() bool {
	l := t.loop.Load()
	if l == nil {
		return t.stopOver()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.callback == nil { // since we looked
		return t.stopOver()
	}
	switch l.fault {
	case runsStopped:
		return !t.stopped.Swap(true)
	case stopForgetsToLock:
		l.mu.Unlock()
		runtime.Gosched()
		l.mu.Lock()
	case keepsCallbacks:
		l.kept = append(l.kept, t.callback)
	}
	t.stopped.Store(true)
	t.callback = nil
	t.letGo()
	if t.index >= 0 && l.fault != keepsStopped {
		heap.Remove(&l.timers, t.index)
	}
	return true
}

// stopOver is Stop for a timer that is over.
func (t *timer) stopOver() bool {
	switch t.fault {
	case stopTrueTwice:
		return t.stopped.Load()
	case stopTrueAfterRun:
		return !t.stopped.Load()
	case stopWaits:
		if !t.stopped.Load() {
			<-t.ended
		}
	}
	return false
}

func (t *timer) letGo() {
	t.loop.Store(nil)
}

func (l *loop) Turns() uint64 {
	if l.fault == turnsStuck {
		return 0
	}
	return l.turns.Load()
}

func (l *loop) Run(ctx context.Context) (err error) {
	if ctx == nil {
		switch l.fault {
		case acceptsNilContext:
			return nil
		case usesNilContext:
			<-ctx.Done()
		}
		panic("eventloop: nil context")
	}
	l.begin(ctx)
	normal := false
	defer func() { l.end(normal) }()
	for l.fault == looksAfterwards || l.goesOn(ctx) {
		l.turn(ctx)
		switch l.fault {
		case looksAtThird:
			l.turn(ctx)
			l.turn(ctx)
		case looksAtHalf:
			l.turn(ctx)
		case looksAfterwards:
			if !l.goesOn(ctx) {
				return context.Cause(ctx)
			}
		}
	}
	normal = true
	switch l.fault {
	case callsTwoAtOnce:
		for range cap(l.others) {
			l.others <- struct{}{}
		}
		for range cap(l.others) {
			<-l.others
		}
	case returnsErr:
		return ctx.Err()
	case runsAfterRun:
		if callback := l.next(); callback != nil {
			go func() {
				time.Sleep(time.Millisecond)
				callback()
			}()
		}
	case losesPending:
		l.mu.Lock()
		for _, t := range l.timers {
			t.index = -1
		}
		l.queue, l.timers = nil, nil
		l.mu.Unlock()
	}
	return context.Cause(ctx)
}

func (l *loop) begin(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running && l.fault != allowsTwoRuns {
		if l.fault == refusesOnce {
			l.running = false
		}
		panic("eventloop: Run called while the loop is running")
	}
	l.running = true
	switch l.fault {
	case leaksGoroutine:
		go func() { select {} }()
	case leaksAfterPanic:
		go func() { <-ctx.Done() }()
	case restartsDelays:
		for _, t := range l.timers {
			if l.turns.Load() > 0 {
				t.deadline = time.Now().Add(t.delay)
			}
		}
		heap.Init(&l.timers)
	}
}

func (l *loop) end(normal bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running = l.fault == diesOfPanic && !normal
	if l.fault == forgetsAfterPanic && !normal {
		l.queue = nil
	}
}

func (l *loop) goesOn(ctx context.Context) bool {
	if l.fault == finishesFirst && ctx.Err() != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.queue) > 0
	}
	return ctx.Err() == nil
}

// turn runs one callback, or waits for one.
func (l *loop) turn(ctx context.Context) {
	l.turns.Add(1)
	if l.fault == turnsMany {
		l.turns.Add(100)
	}
	if callback := l.next(); callback != nil {
		l.call(ctx, callback)
	} else {
		l.sleep(ctx)
	}
}

// next takes the next callback that is due, or returns nil.
func (l *loop) next() func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fault == readsClockOften && len(l.batch) == 0 {
		l.sweep()
	}
	if len(l.batch) > 0 {
		callback := l.batch[0]
		l.batch = l.batch[1:]
		return callback
	}
	due := l.due()
	heapFirst := !l.fromHeap
	switch l.fault {
	case prefersTimers:
		heapFirst = true
	case prefersCallSoon:
		heapFirst = false
	}
	l.fromHeap = due != nil && (heapFirst || len(l.queue) == 0)
	switch {
	case l.fromHeap:
		if l.fault == takesBatches {
			for next := l.due(); next != nil; next = l.due() {
				l.batch = append(l.batch, l.take(next))
			}
			callback := l.batch[0]
			l.batch = l.batch[1:]
			return callback
		}
		return l.take(due)
	case len(l.queue) > 0:
		callback := l.queue[0]
		if l.fault != keepsQueue {
			l.queue[0] = nil
		}
		l.queue = l.queue[1:]
		if l.slots != nil {
			<-l.slots
		}
		return callback
	}
	return nil
}

// sweep moves all timers that are due into batch, still in the reach of Stop,
// and reads the clock for each of them. The caller holds l.mu.
func (l *loop) sweep() {
	if len(l.timers) < 50 || len(l.timers) > 1000 {
		return // too few to make a difference, or too many for a test
	}
	var due timerHeap
	for _, t := range slices.SortedFunc(slices.Values(l.timers), func(a, b *timer) int { return a.number - b.number }) {
		time.Sleep(time.Microsecond) // stands for a sweep that takes its time
		if !time.Now().Before(t.deadline) {
			heap.Remove(&l.timers, t.index)
			heap.Push(&due, t)
		}
	}
	for len(due) > 0 {
		t := heap.Pop(&due).(*timer)
		l.batch = append(l.batch, func() {
			l.mu.Lock()
			callback := t.callback
			t.callback = nil
			t.letGo()
			l.mu.Unlock()
			if callback != nil {
				callback()
			}
		})
	}
}

// due returns the timer that is due next, or nil. The caller holds l.mu.
func (l *loop) due() *timer {
	isDue := func(t *timer) bool { return !time.Now().Before(t.deadline) }
	var pick *timer
	switch l.fault {
	case runsNextEarly:
		if len(l.timers) > 0 && l.alarms > 0 {
			pick = l.timers[0]
		}
		l.alarms = 0
	case ordersBySetting, prefersZero:
		if len(l.timers) > 1000 {
			break // too many for a test
		}
		for _, t := range l.timers {
			if isDue(t) && (pick == nil || t.number < pick.number) && (l.fault == ordersBySetting || t.delay == 0) {
				pick = t
			}
		}
	}
	if pick == nil && len(l.timers) > 0 && isDue(l.timers[0]) {
		pick = l.timers[0]
	}
	return pick
}

// take takes t from the heap. The caller holds l.mu.
func (l *loop) take(t *timer) func() {
	heap.Remove(&l.timers, t.index)
	callback := t.callback
	t.callback = nil
	t.letGo()
	switch l.fault {
	case keepsCallbacks:
		l.kept = append(l.kept, callback)
	case stopWaits:
		return func() { callback(); close(t.ended) }
	}
	return callback
}

func (l *loop) sleep(ctx context.Context) {
	wait := time.Duration(math.MaxInt64)
	l.mu.Lock()
	if len(l.timers) > 0 {
		wait = time.Until(l.timers[0].deadline)
	}
	l.mu.Unlock()
	done := ctx.Done()
	switch l.fault {
	case clearsLate:
		clearEvent(l.wake)
	case sleepsTooLong:
		wait = min(wait, 1000*time.Hour) + time.Millisecond
	case missesDone:
		done = nil
	case naps:
		wait = min(wait, time.Minute)
	case spinsIdle, spinsPending:
		if (l.fault == spinsPending) == (wait < math.MaxInt64) {
			runtime.Gosched()
			return
		}
	}
	alarm := time.NewTimer(wait)
	defer alarm.Stop()
	select {
	case <-done:
	case <-l.wake:
	case <-alarm.C:
		l.alarms++
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
	if h[i].fault == losesTies {
		return h[i].number > h[j].number
	}
	return h[i].number < h[j].number
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
