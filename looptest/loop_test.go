package looptest_test

import (
	"cmp"
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

	mu       sync.Locker // guards the fields below
	timers   []*timer    // pending, in the order of compare
	queue    []func()    // of CallSoon, and in two loops also of timers that are due
	batch    []func()    // taken from there
	set      int         // how many timers were set
	running  bool        // there is a Run
	fromHeap bool        // the last callback was a timer's
	kept     []any       // BROKEN: what should have been let go of
	exits    bool        // BROKEN: the callback has called Goexit
	alarms   int         // BROKEN: those that rang since the loop last looked

	// wake holds a value if there is something that the loop may not have
	// seen. Its capacity is 1, so that the news is not lost while the loop is
	// between looking and sleeping. Two loops have ready for the callback loop.
	wake, ready chan struct{}
	rings       chan struct{} // BROKEN, with no room: an alarm rings
	until       atomic.Int64  // BROKEN: what the loop sleeps until, in Unix nanoseconds
	turns       atomic.Uint64

	slots  chan struct{}  // BROKEN: a bound to the queue
	others sync.WaitGroup // BROKEN: callbacks on other goroutines
}

// Makes that differ in what the contract leaves open.
const (
	oneLoop   = "one loop"         // takes one callback at a time, by turns from its timers and its queue
	twoLoops  = "two loops"        // timers wait on a goroutine of their own, as in the stages
	afterFunc = "an alarm each"    // each timer has a time.AfterFunc
	batches   = "in libuv's order" // takes all timers that are due, and then all of CallSoon
	polls     = "polls"            // one loop that never sleeps
	silent    = "spins in silence" // and ignores its context
)

// newLoop makes the loop of that name: a make, and perhaps a colon and a fault.
func newLoop(name string) eventloop.Loop {
	make, fault, _ := strings.Cut(name, ": ")
	if make == silent {
		return ignoring{newOf(polls, fault)}
	}
	return newOf(make, fault)
}

func newOf(kind, fault string) *loop {
	l := &loop{make: kind, fault: fault, mu: new(sync.Mutex), wake: make(chan struct{}, 1)}
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
	number   int         // in the order of setting
	callback func()      // nil when over
	alarm    *time.Timer // of its own, if the loop has such
	stopped  bool        // BROKEN
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
	sooner := deadline.UnixNano() < l.until.Load()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.set++
	t := &timer{loop: l, deadline: deadline, delay: delay, number: l.set, callback: callback}
	if l.fault == "has room for 8000 timers" && len(l.timers) >= 8000 {
		return t
	}
	if l.fault == "runs timers with equal deadlines in the wrong order" {
		t.number = -t.number
	}
	at, _ := l.find(t)
	l.timers = slices.Insert(l.timers, at, t)
	wake, rings := l.wake, l.rings // and not l: Go's runtime may hold for long what a stopped timer calls
	if l.make == afterFunc {
		t.alarm = time.AfterFunc(delay, func() {
			if rings != nil {
				rings <- struct{}{}
			}
			set(wake)
		})
	}
	switch l.fault {
	case "compares deadlines before it takes its lock":
		if sooner {
			l.until.Store(deadline.UnixNano())
			set(wake)
		}
	case "sleeps on when a sooner timer is set":
		if len(l.timers) == 1 {
			set(wake)
		}
	default:
		if at == 0 {
			set(wake)
		}
	}
	return t
}

// find returns where t stands, or would. The caller holds l.mu.
func (l *loop) find(t *timer) (at int, found bool) {
	return slices.BinarySearchFunc(l.timers, t, compare)
}

// remove removes t if it is pending. The caller holds l.mu.
func (l *loop) remove(t *timer) {
	if at, found := l.find(t); at == 0 && found {
		l.timers[0] = nil
		l.timers = l.timers[1:] // the others need not move
	} else if found {
		l.timers = slices.Delete(l.timers, at, at+1)
	}
}

// compare orders timers by deadline, and equal ones as they were set.
func compare(a, b *timer) int {
	return cmp.Or(a.deadline.Compare(b.deadline), cmp.Compare(a.number, b.number))
}

func (l *loop) deadline(delay time.Duration) time.Time {
	now := time.Now()
	switch l.fault {
	case "rounds delays down to milliseconds":
		delay = delay.Truncate(time.Millisecond)
	case "puts negative delays before those that are due":
		return now.Add(max(delay, -24*time.Hour))
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

// set sets an event: the goroutine that waits for it, now or next, goes on.
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
	if l.fault != "keeps stopped timers until their deadline" {
		l.remove(t)
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
		if l.fault == "accepts a nil context" {
			return nil
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
	for l.goesOn(ctx) {
		l.turn(ctx)
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
	case "leaves a goroutine behind after a panic":
		go func() { <-ctx.Done() }()
	case "starts delays anew with each Run":
		for _, t := range l.timers {
			if l.turns.Load() > 0 {
				t.deadline = time.Now().Add(t.delay)
			}
		}
		slices.SortFunc(l.timers, compare)
	}
}

func (l *loop) goesOn(ctx context.Context) bool {
	switch turns := l.turns.Load(); l.fault {
	case "looks at ctx only after the first callback":
		return turns == 0 || ctx.Err() == nil
	case "looks at ctx before every third callback":
		return turns%3 != 0 || ctx.Err() == nil
	case "finishes its queue before it looks at ctx":
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.queue) > 0 || ctx.Err() == nil
	}
	return ctx.Err() == nil
}

// finish returns what Run does.
func (l *loop) finish(ctx context.Context) error {
	switch l.fault {
	case "calls two callbacks at once":
		l.others.Wait()
	case "returns ctx.Err()":
		return ctx.Err()
	case "calls one more callback after Run":
		if callback := l.next(); callback != nil {
			time.AfterFunc(time.Millisecond, callback)
		}
	case "forgets what is pending when Run returns":
		l.mu.Lock()
		defer l.mu.Unlock()
		l.queue, l.timers = nil, nil
	}
	return context.Cause(ctx)
}

func (l *loop) end(normal bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running = l.fault == "does not run again after a panic" && !normal
	if l.fault == "forgets its queue after a panic" && !normal || l.exits {
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
	l.until.Store(first.UnixNano())
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
	}
	spins := l.make == polls ||
		l.fault == "spins when idle" && wait == math.MaxInt64 ||
		l.fault == "spins when a timer is pending" && wait < math.MaxInt64 ||
		l.fault == "spins in the minute before a deadline" && wait < time.Minute
	if spins {
		runtime.Gosched()
		return false
	}
	if l.fault == "spins in the minute before a deadline" {
		wait -= time.Minute - 1
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
	case l.fault == "takes all that is due out of Stop's reach" && !l.fromHeap:
		l.fromHeap = true
		for t := l.due(); t != nil; t = l.due() {
			l.batch = append(l.batch, l.take(t))
		}
	case l.fault == "reads the clock anew for each timer of a sweep":
		if len(l.timers) < 50 || len(l.timers) > 1000 {
			break // too few to make a difference, or too many for a test
		}
		var due []*timer
		for _, t := range slices.SortedFunc(slices.Values(l.timers), func(a, b *timer) int { return a.number - b.number }) {
			time.Sleep(time.Microsecond) // stands for a sweep that takes its time
			if !time.Now().Before(t.deadline) {
				l.remove(t)
				due = append(due, t)
			}
		}
		for _, t := range slices.SortedFunc(slices.Values(due), compare) {
			l.batch = append(l.batch, func() { l.run(t) })
		}
	}
}

// due returns the timer that is due next, or nil. The caller holds l.mu.
func (l *loop) due() *timer {
	if len(l.timers) == 0 {
		return nil
	}
	isDue := func(t *timer) bool { return !time.Now().Before(t.deadline) }
	bySetting := l.fault == "runs what is due in the order of setting"
	var pick *timer
	switch {
	case l.fault == "does not look at the clock when the alarm of a stopped timer rings" && l.alarms > 0:
		pick = l.timers[0]
	case len(l.timers) > 1000: // too many for a test
	case bySetting, l.fault == "runs timers without delay before all others":
		for _, t := range l.timers {
			if isDue(t) && (pick == nil || t.number < pick.number) && (t.delay == 0 || bySetting) {
				pick = t
			}
		}
	}
	l.alarms = 0
	if pick == nil && isDue(l.timers[0]) {
		pick = l.timers[0]
	}
	return pick
}

// later removes t, to run unless it is stopped. The caller holds l.mu.
func (l *loop) later(t *timer) func() {
	l.remove(t)
	return func() { l.run(t) }
}

// run runs t, which is not pending any more, unless it is stopped.
func (l *loop) run(t *timer) {
	l.mu.Lock()
	callback := t.callback
	t.callback = nil
	l.mu.Unlock()
	if callback != nil {
		callback()
	}
}

// take removes t, and puts it out of Stop's reach. The caller holds l.mu.
func (l *loop) take(t *timer) func() {
	l.remove(t)
	callback := t.callback
	t.callback = nil
	switch {
	case callback == nil:
		return func() {} // stopped, and kept
	case l.fault == "keeps the callbacks of timers that are over":
		l.kept = append(l.kept, callback)
	}
	return callback
}

// call calls the callback.
func (l *loop) call(ctx context.Context, callback func()) {
	switch l.fault {
	case "calls each callback twice":
		callback()
	case "calls two callbacks at once":
		l.others.Go(func() {
			defer func() { _ = recover() }()
			callback()
		})
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
		l.exits = true
		defer func() {
			if r := recover(); r != nil {
				l.exits = false
				panic(r)
			}
		}()
	}
	callback()
	l.exits = false
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
