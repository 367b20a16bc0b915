package looptest_test

import (
	"container/heap"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// A loop is a small correct one, of one of these makes. It is made to be broken:
// with a fault, which is one of those in faults_test.go, it does one thing wrong.
type loop struct {
	make  string
	fault string
	start time.Time

	mu       sync.Locker // guards the fields below
	timers   timerHeap   // pending
	queue    []func()    // of CallSoon, and in two loops also of timers that are due
	batch    []func()    // taken from there
	set      int         // how many timers were set
	running  bool        // there is a Run
	fromHeap bool        // the last callback was a timer's
	kept     []any       // BROKEN: what should have been let go of
	alarms   int         // BROKEN: those that rang since the loop last looked

	// wake holds a value if there is something that the loop may not have
	// seen. Its capacity is 1, so that the news is not lost while the loop is
	// between looking and sleeping. Two loops have ready for the callback loop.
	wake, ready chan struct{}
	rings       chan struct{} // BROKEN, with no room: an alarm rings
	until       atomic.Int64  // BROKEN: what the loop sleeps until, after start
	turns       atomic.Uint64

	slots  chan struct{} // BROKEN: a bound to the queue
	others chan struct{} // BROKEN: holds a value for each callback on another goroutine
}

// Makes that differ in what the contract leaves open.
const (
	oneLoop   = "one loop"         // takes one callback at a time, by turns from its timers and its queue
	twoLoops  = "two loops"        // timers wait on a goroutine of their own, as in the stages
	afterFunc = "an alarm each"    // each timer has a time.AfterFunc
	batches   = "in libuv's order" // takes all timers that are due, and then all of CallSoon
	polls     = "polls"            // one loop that never sleeps
	stalls    = "a machine stalls" // in libuv's order, and long in coming back to Run
	silent    = "spins in silence" // and ignores its context
)

// newLoop makes the loop of that name: a make, and perhaps a colon and a fault.
func newLoop(name string) eventloop.Loop {
	switch make, fault, _ := strings.Cut(name, ": "); make {
	case polls:
		return variant{counts: true}.on(newOf(oneLoop, fault))
	case silent:
		return variant{ignores: true}.on(newOf(oneLoop, fault))
	case stalls:
		return stalling{newOf(batches, fault)}
	default:
		return newOf(make, fault)
	}
}

func newOf(kind, fault string) *loop {
	l := &loop{make: kind, fault: fault, start: time.Now(), mu: new(sync.Mutex), wake: make(chan struct{}, 1)}
	l.until.Store(math.MaxInt64)
	if fault == "has an event without room" {
		l.wake = make(chan struct{})
	}
	l.ready = l.wake
	if kind == twoLoops {
		l.ready = make(chan struct{}, 1)
	}
	switch fault {
	case "has a callback loop whose event has no room":
		l.ready = make(chan struct{})
	case "has alarms that wait for the loop":
		l.rings = make(chan struct{})
	case "has a bounded queue":
		l.slots = make(chan struct{}, 1024)
	case "calls two callbacks at once":
		l.others = make(chan struct{}, 2)
	case "holds its lock while it calls a callback", "reads the clock anew for each timer of a sweep":
		l.mu = make(lock, 1)
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
	loop     *loop
	deadline time.Time
	delay    time.Duration
	number   int           // in the order of setting
	index    int           // in the heap, or -1
	callback func()        // nil when over
	alarm    *time.Timer   // of its own, if the loop has such
	stopped  bool          // BROKEN
	ended    chan struct{} // BROKEN: closed when the callback has ended
}

func (l *loop) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	switch {
	case callback == nil && l.fault != "accepts a nil callback":
		panic("no callback!")
	case delay < 0 && l.fault == "calls the callback in SetTimeout if the delay is negative":
		callback()
		callback = func() {}
	case l.fault == "never returns from SetTimeout":
		select {}
	}
	deadline := l.deadline(delay)
	after := int64(deadline.Sub(l.start))
	sooner := after < l.until.Load()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.set++
	t := &timer{loop: l, deadline: deadline, delay: delay, number: l.set, index: -1, callback: callback, ended: make(chan struct{})}
	if l.fault == "has room for 8000 timers" && len(l.timers) >= 8000 {
		return t
	}
	heap.Push(&l.timers, t)
	wake, rings := l.wake, l.rings // and not l: Go's runtime may hold for long what a stopped timer calls
	switch {
	case rings != nil:
		time.AfterFunc(delay, func() { rings <- struct{}{} })
	case l.make == afterFunc:
		t.alarm = time.AfterFunc(delay, func() { set(wake) })
	}
	switch l.fault {
	case "compares deadlines before it takes its lock":
		if sooner {
			l.until.Store(after)
			set(wake)
		}
	case "sleeps on when a sooner timer is set":
		if len(l.timers) == 1 {
			set(wake)
		}
	default:
		if t.index == 0 {
			set(wake)
		}
	}
	return t
}

func (l *loop) deadline(delay time.Duration) time.Time {
	now := time.Now()
	switch l.fault {
	case "rounds delays down to milliseconds":
		delay = delay.Truncate(time.Millisecond)
	case "puts negative delays before those that are due":
		return now.Add(max(delay, -24*time.Hour))
	case "never runs a timer with a negative delay":
		if delay < 0 {
			delay = math.MaxInt64
		}
	case "wraps a huge delay into the past":
		return time.Unix(0, now.UnixNano()+int64(max(delay, 0)))
	}
	return now.Add(max(delay, 0))
}

func (l *loop) CallSoon(callback func()) {
	if callback == nil && l.fault != "accepts a nil callback" {
		panic("no callback!")
	}
	if l.slots != nil {
		l.slots <- struct{}{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.fault {
	case "changes its queue in two steps":
		queue := slices.Clone(l.queue)
		l.mu.Unlock()
		runtime.Gosched()
		l.mu.Lock()
		l.queue = append(queue, callback)
	case "runs the last CallSoon first":
		l.queue = slices.Insert(l.queue, 0, callback)
	default:
		l.queue = append(l.queue, callback)
	}
	set(l.ready)
}

// set sets an event: whoever waits for it, now or next, goes on.
func set(event chan<- struct{}) {
	select {
	case event <- struct{}{}:
	default:
	}
}

func (t *timer) Stop() bool {
	l := t.loop
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.callback == nil {
		switch l.fault {
		case "returns true from a second Stop":
			return t.stopped
		case "returns true from Stop after the callback has begun":
			return !t.stopped
		case "waits in Stop until the callback has ended":
			if !t.stopped {
				<-t.ended
			}
		}
		return false
	}
	first := !t.stopped
	t.stopped = true
	switch l.fault {
	case "runs stopped timers":
		return first
	case "looks and stops in two steps":
		l.mu.Unlock()
		runtime.Gosched()
		l.mu.Lock()
	case "keeps the callbacks of timers that are over":
		l.kept = append(l.kept, t.callback)
	}
	t.callback = nil
	if t.alarm != nil {
		t.alarm.Stop()
	}
	if t.index >= 0 && l.fault != "keeps stopped timers until their deadline" {
		heap.Remove(&l.timers, t.index)
	}
	return true
}

func (l *loop) Turns() uint64 {
	if l.fault == "does not count its turns" {
		return 0
	}
	return l.turns.Load()
}

func (l *loop) Run(ctx context.Context) (err error) {
	if ctx == nil {
		switch l.fault {
		case "accepts a nil context":
			return nil
		case "uses a nil context":
			<-ctx.Done()
		}
		panic("no context!")
	}
	l.begin(ctx)
	normal := false
	defer func() { l.end(normal) }()
	if l.make == twoLoops {
		var timers sync.WaitGroup
		stop := make(chan struct{})
		timers.Go(func() { l.runTimers(stop) })
		defer timers.Wait()
		defer close(stop)
	}
	for l.fault == "looks at ctx only after the first callback" || l.goesOn(ctx) {
		l.turn(ctx)
		switch l.fault {
		case "looks at ctx before every third callback":
			l.turn(ctx)
			l.turn(ctx)
		case "looks at ctx before every second callback":
			l.turn(ctx)
		case "looks at ctx only after the first callback":
			if !l.goesOn(ctx) {
				return context.Cause(ctx)
			}
		}
	}
	normal = true
	return l.finish(ctx)
}

func (l *loop) begin(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running && l.fault != "allows two Runs at once" {
		if l.fault == "refuses only the first of many Runs at once" {
			l.running = false
		}
		panic("busy!")
	}
	l.running = true
	switch l.fault {
	case "leaves a goroutine behind":
		go func() { select {} }()
	case "leaves a goroutine behind after a panic":
		go func() { <-ctx.Done() }()
	case "starts delays anew with each Run":
		for _, t := range l.timers {
			if l.turns.Load() > 0 {
				t.deadline = time.Now().Add(t.delay)
			}
		}
		heap.Init(&l.timers)
	}
}

func (l *loop) goesOn(ctx context.Context) bool {
	if l.fault == "finishes its queue before it looks at ctx" && ctx.Err() != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.queue) > 0
	}
	return ctx.Err() == nil
}

// finish returns what Run does.
func (l *loop) finish(ctx context.Context) error {
	switch l.fault {
	case "calls two callbacks at once":
		for range cap(l.others) {
			l.others <- struct{}{}
		}
		for range cap(l.others) {
			<-l.others
		}
	case "returns ctx.Err()":
		return ctx.Err()
	case "calls one more callback after Run":
		if callback := l.next(); callback != nil {
			go func() {
				time.Sleep(time.Millisecond)
				callback()
			}()
		}
	case "forgets what is pending when Run returns":
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, t := range l.timers {
			t.index = -1
		}
		l.queue, l.timers = nil, nil
	}
	return context.Cause(ctx)
}

func (l *loop) end(normal bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running = l.fault == "does not run again after a panic" && !normal
	if l.fault == "forgets its queue after a panic" && !normal {
		l.queue = nil
	}
}

// turn runs one callback, or waits for one.
func (l *loop) turn(ctx context.Context) {
	l.turns.Add(1)
	if l.fault == "makes a hundred turns for each event" {
		l.turns.Add(100)
	}
	if callback := l.next(); callback != nil {
		l.call(ctx, callback)
		return
	}
	done := ctx.Done()
	if l.fault == "does not notice when idle that ctx is done" {
		done = nil
	}
	if l.make == twoLoops {
		select {
		case <-done:
		case <-l.ready:
		}
		return
	}
	l.mu.Lock()
	wait := l.untilFirst()
	l.mu.Unlock()
	l.sleep(done, wait)
}

// runTimers is the timer loop of two: it queues what is due.
func (l *loop) runTimers(stop <-chan struct{}) {
	for {
		l.turns.Add(1)
		l.mu.Lock()
		for t := l.due(); t != nil; t = l.due() {
			l.queue = append(l.queue, l.later(t))
			set(l.ready)
		}
		wait := l.untilFirst()
		l.mu.Unlock()
		if l.sleep(stop, wait) {
			return
		}
	}
}

// untilFirst returns how long the first timer has to go. The caller holds l.mu.
func (l *loop) untilFirst() time.Duration {
	if len(l.timers) == 0 {
		l.until.Store(math.MaxInt64)
		return math.MaxInt64
	}
	first := l.timers[0].deadline
	l.until.Store(int64(first.Sub(l.start)))
	return time.Until(first)
}

// sleep sleeps for that long, or until it is woken, or done.
func (l *loop) sleep(done <-chan struct{}, wait time.Duration) (isDone bool) {
	switch l.fault {
	case "clears its event after it has looked":
		select {
		case <-l.wake:
		default:
		}
	case "sleeps a little too long":
		wait = min(wait, 1000*time.Hour) + time.Millisecond
	case "wakes every minute to look":
		wait = min(wait, time.Minute)
	case "spins when idle", "spins when a timer is pending":
		if (l.fault == "spins when idle") == (wait == math.MaxInt64) {
			runtime.Gosched()
			return false
		}
	}
	if l.make == afterFunc && wait > 0 {
		wait = math.MaxInt64
	}
	alarm := time.NewTimer(wait)
	defer alarm.Stop()
	select {
	case <-done:
		return true
	case <-l.wake:
	case <-l.rings:
	case <-alarm.C:
		l.alarms++
	}
	return false
}

// next takes the next callback that is due, or returns nil.
func (l *loop) next() func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.batch) == 0 {
		l.fill()
	}
	if len(l.batch) > 0 {
		callback := l.batch[0]
		l.batch[0] = nil
		l.batch = l.batch[1:]
		return callback
	}
	var due *timer
	if l.make != twoLoops {
		due = l.due()
	}
	heapFirst := !l.fromHeap
	switch l.fault {
	case "runs CallSoon only if no timer is due":
		heapFirst = true
	case "runs timers only if there is no CallSoon":
		heapFirst = false
	}
	l.fromHeap = due != nil && (heapFirst || len(l.queue) == 0)
	switch {
	case l.fromHeap:
		return l.take(due)
	case len(l.queue) > 0:
		callback := l.queue[0]
		if l.fault != "keeps the callbacks of CallSoon in its queue's array" {
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

// fill takes a batch, if it is a loop that does. The caller holds l.mu.
func (l *loop) fill() {
	switch {
	case l.make == batches:
		for t := l.due(); t != nil; t = l.due() {
			l.batch = append(l.batch, l.later(t))
		}
		l.batch, l.queue = append(l.batch, l.queue...), nil
	case l.fault == "takes all that is due out of Stop's reach":
		for t := l.due(); t != nil; t = l.due() {
			l.batch = append(l.batch, l.take(t))
		}
	case l.fault == "reads the clock anew for each timer of a sweep":
		if len(l.timers) < 50 || len(l.timers) > 1000 {
			break // too few to make a difference, or too many for a test
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
			t := due[0]
			heap.Pop(&due)
			l.batch = append(l.batch, func() { l.run(t) })
		}
	}
}

// due returns the timer that is due next, or nil. The caller holds l.mu.
func (l *loop) due() *timer {
	isDue := func(t *timer) bool { return !time.Now().Before(t.deadline) }
	var pick *timer
	switch l.fault {
	case "does not look at the clock when the alarm of a stopped timer rings":
		if len(l.timers) > 0 && l.alarms > 0 {
			pick = l.timers[0]
		}
		l.alarms = 0
	case "runs what is due in the order of setting", "runs timers without delay before all others":
		if len(l.timers) > 1000 {
			break // too many for a test
		}
		for _, t := range l.timers {
			if isDue(t) && (pick == nil || t.number < pick.number) && (t.delay == 0 || l.fault == "runs what is due in the order of setting") {
				pick = t
			}
		}
	}
	if pick == nil && len(l.timers) > 0 && isDue(l.timers[0]) {
		pick = l.timers[0]
	}
	return pick
}

// later takes t from the heap, to run unless it is stopped. The caller holds l.mu.
func (l *loop) later(t *timer) func() {
	heap.Remove(&l.timers, t.index)
	return func() { l.run(t) }
}

// run runs t, which is no more in the heap, unless it is stopped.
func (l *loop) run(t *timer) {
	l.mu.Lock()
	callback := t.callback
	t.callback = nil
	l.mu.Unlock()
	if callback != nil {
		callback()
	}
}

// take takes t from the heap, and out of Stop's reach. The caller holds l.mu.
func (l *loop) take(t *timer) func() {
	heap.Remove(&l.timers, t.index)
	callback := t.callback
	t.callback = nil
	switch {
	case callback == nil:
		return func() {} // stopped, and kept
	case l.fault == "keeps the callbacks of timers that are over":
		l.kept = append(l.kept, callback)
	case l.fault == "waits in Stop until the callback has ended":
		return func() { callback(); close(t.ended) }
	}
	return callback
}

// call calls the callback.
func (l *loop) call(ctx context.Context, callback func()) {
	switch l.fault {
	case "calls each callback twice":
		callback()
	case "calls two callbacks at once":
		// At most two, and none with a Run that has ended.
		l.others <- struct{}{}
		go func() {
			defer func() { <-l.others }()
			defer func() { _ = recover() }()
			callback()
		}()
		return
	case "calls callbacks on another goroutine than Run's":
		await(callback, nil)
		return
	case "returns before the last callback has ended":
		await(callback, ctx.Done())
		return
	case "holds its lock while it calls a callback":
		l.mu.Lock()
		defer l.mu.Unlock()
	case "recovers panics":
		defer func() { _ = recover() }()
	case "panics with another value":
		defer func() {
			if r := recover(); r != nil {
				panic(fmt.Errorf("callback panicked: %v", r))
			}
		}()
	case "forgets its queue after Goexit":
		ended := false
		defer func() {
			if r := recover(); r != nil {
				panic(r)
			} else if !ended {
				l.mu.Lock()
				l.queue = nil
				l.mu.Unlock()
			}
		}()
		callback()
		ended = true
		return
	}
	callback()
}

// await calls callback on another goroutine and waits until it has ended or
// enough is closed, and then ends as the callback has.
func await(callback func(), enough <-chan struct{}) {
	var panicked any
	exited := true
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() { panicked = recover() }()
		callback()
		exited = false
	}()
	select {
	case <-ended:
		if panicked != nil {
			panic(panicked)
		}
		if exited {
			runtime.Goexit()
		}
	case <-enough:
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
	if h[i].loop.fault == "runs timers with equal deadlines in the wrong order" {
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
