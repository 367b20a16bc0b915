package looptest_test

import (
	"cmp"
	"context"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop"
	"example.com/eventloop/looptest"
)

// These loops keep the contract, each in a way of its own that the contract
// leaves open.
var others = map[string]style{
	"on one goroutine": {atOnce: 1},
	"in libuv's order": {atOnce: 1 << 30}, // all timers that are due, then all of CallSoon
	"in batches":       {atOnce: 16},
	"late arrivals":    {atOnce: 4, gathers: 300},
	"on AfterFunc":     {atOnce: 4, afterFunc: true},
	"own panic texts":  {atOnce: 4, texts: [2]string{"no context!", "busy!"}},
}

// The suite accuses none of them, also where another process wants all cores. With
// -short none does.
func TestOthersKeepTheContract(t *testing.T) {
	if !testing.Short() {
		hog(t)
	}
	defer looptest.SetHaste()()
	for name, style := range others {
		t.Run(name, func(t *testing.T) {
			t.Run("Run", func(t *testing.T) { looptest.Run(t, style.new) })
			t.Run("RunVirtual", func(t *testing.T) { looptest.RunVirtual(t, style.new) })
			blocks := looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Blocks}
			assert.Equal(t, blocks, looptest.Waits(t, style.new))
		})
	}
}

// A machine that stalls may show any order that the contract leaves open.
func TestPendingStaysWhereTheMachineStalls(t *testing.T) {
	for _, f := range []fault{comesLate, stalling} {
		failed, output, err := run(t, "TestRun$/^PendingStays", f)
		assert.NoError(t, err, output)
		assert.Empty(t, failed)
		assert.Contains(t, output, "--- PASS: TestRun/PendingStays")
	}
}

// What others put on the heap is not the loop's.
func TestStoppedTimersAreFreeWhileOthersFillTheHeap(t *testing.T) {
	t.Setenv(fillerVariable, "on")
	_, output, err := run(t, "TestRun$/^StoppedTimersAreFree", "none")
	assert.NoError(t, err, output)
	assert.Contains(t, output, "--- PASS: TestRun/StoppedTimersAreFree")
}

// A loop whose alarms wait for it leaves a goroutine for each that rings after Run.
func TestAlarmsThatWait(t *testing.T) {
	failed, output := try(t, "TestRun", alarmsWait)
	assert.Equal(t, []string{"NoGoroutineLeft"}, failed, output)
}

// alarmsWait names that loop.
const alarmsWait = "has alarms that wait"

// stalling names a loop in libuv's order on a machine that stalls.
const stalling = "stalls"

// hog starts a process that wants all cores, until the test has ended.
func hog(t *testing.T) {
	command := exec.Command(self(t))
	command.Env = append(command.Environ(), hogVariable+"=on")
	input, err := command.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		assert.NoError(t, input.Close())
		assert.NoError(t, command.Wait())
	})
}

// A style is what the loops of other make do differently.
type style struct {
	atOnce    int           // how many timers, and then of CallSoon, run before it looks again
	gathers   int           // how many timers wait together before they are put in order, if none is due
	afterFunc bool          // each timer has an alarm of its own
	noRoom    bool          // BROKEN: and that waits until the loop takes it
	texts     [2]string     // with which Run panics
	stall     time.Duration // of each Run but the first
}

func (s style) new() eventloop.Loop {
	return &other{style: s, wake: make(chan struct{}, 1), rings: make(chan struct{})}
}

// An other is a loop of another make. All that it does it does on Run's goroutine.
type other struct {
	style

	mu       sync.Mutex // guards the fields below
	arrivals []*otherTimer
	pending  []*otherTimer // in the order of deadlines
	soon     []otherSoon
	stopped  int // some of the timers
	running  bool

	next  []interface{ run() } // Run's own: what is next
	wake  chan struct{}        // of capacity 1: there is something new
	rings chan struct{}        // BROKEN, of capacity 0: an alarm rings
	turns atomic.Uint64
}

// An otherTimer is over when loop is nil. Who sets it to nil owns the callback.
type otherTimer struct {
	loop     atomic.Pointer[other]
	deadline time.Time
	callback func()
	alarm    *time.Timer
}

func (t *otherTimer) claim() (l *other, callback func(), alarm *time.Timer) {
	if l = t.loop.Swap(nil); l != nil {
		callback, alarm = t.callback, t.alarm
		t.callback, t.alarm = nil, nil
	}
	return l, callback, alarm
}

func (t *otherTimer) run() {
	if _, callback, _ := t.claim(); callback != nil {
		callback()
	}
}

type otherSoon func()

func (f otherSoon) run() { f() }

func (t *otherTimer) Stop() bool {
	l, _, alarm := t.claim()
	if l == nil {
		return false
	}
	if alarm != nil {
		alarm.Stop()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped++; l.stopped > 100 && l.stopped > (len(l.pending)+len(l.arrivals))/2 {
		isOver := func(t *otherTimer) bool { return t.loop.Load() == nil }
		l.arrivals, l.pending = slices.DeleteFunc(l.arrivals, isOver), slices.DeleteFunc(l.pending, isOver)
		l.stopped = 0
	}
	return true
}

func (l *other) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	if callback == nil {
		panic("no callback!")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delay = max(delay, 0)
	t := &otherTimer{deadline: time.Now().Add(delay), callback: callback}
	if l.afterFunc {
		wake := l.wake // and not l: Go's runtime may hold what a stopped timer calls for long
		t.alarm = time.AfterFunc(delay, func() { set(wake) })
		if rings := l.rings; l.noRoom {
			t.alarm = time.AfterFunc(delay, func() { rings <- struct{}{} })
		}
	}
	t.loop.Store(l)
	l.arrivals = append(l.arrivals, t)
	l.wakeUp()
	return t
}

func (l *other) CallSoon(callback func()) {
	if callback == nil {
		panic("no callback!")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.soon = append(l.soon, callback)
	l.wakeUp()
}

func (l *other) wakeUp() { set(l.wake) }

func set(wake chan<- struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

func (l *other) Turns() uint64 { return l.turns.Load() }

func (l *other) Run(ctx context.Context) error {
	if ctx == nil {
		panic(cmp.Or(l.texts[0], "eventloop: nil context"))
	}
	l.begin()
	if l.turns.Load() > 0 {
		time.Sleep(l.stall)
	}
	defer l.end()
	for ctx.Err() == nil {
		l.turns.Add(1)
		until := l.look()
		for len(l.next) > 0 && ctx.Err() == nil {
			next := l.next[0]
			l.next[0] = nil
			l.next = l.next[1:]
			next.run()
		}
		alarm := time.NewTimer(time.Until(until))
		select {
		case <-ctx.Done():
		case <-l.wake:
		case <-l.rings:
		case <-alarm.C:
		}
		alarm.Stop()
	}
	return context.Cause(ctx)
}

func (l *other) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running {
		panic(cmp.Or(l.texts[1], "eventloop: Run called while the loop is running"))
	}
	l.running = true
}

// end puts back what has not run: the next Run begins as any turn does.
func (l *other) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, next := range slices.Backward(l.next) {
		switch next := next.(type) {
		case *otherTimer:
			l.pending = slices.Insert(l.pending, 0, next)
		case otherSoon:
			l.soon = slices.Insert(l.soon, 0, next)
		}
	}
	l.next = nil
	l.running = false
}

// look puts what is due into next, and returns when to look again.
func (l *other) look() (until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	never := now.Add(1000 * time.Hour)
	until = never
	for _, t := range l.arrivals {
		if t.deadline.Before(until) {
			until = t.deadline
		}
	}
	if len(l.arrivals) > l.gathers || !until.After(now) {
		l.pending = append(l.pending, l.arrivals...)
		l.arrivals = nil
		slices.SortStableFunc(l.pending, func(a, b *otherTimer) int { return a.deadline.Compare(b.deadline) })
	}
	due := 0
	for ; due < min(l.atOnce, len(l.pending)) && !l.pending[due].deadline.After(now); due++ {
		l.next = append(l.next, l.pending[due])
	}
	clear(l.pending[:due])
	l.pending = l.pending[due:]
	soon := min(l.atOnce, len(l.soon))
	for _, callback := range l.soon[:soon] {
		l.next = append(l.next, callback)
	}
	clear(l.soon[:soon])
	l.soon = l.soon[soon:]
	if len(l.pending) > 0 && l.pending[0].deadline.Before(until) {
		until = l.pending[0].deadline
	}
	switch {
	case len(l.soon) > 0:
		return now
	case l.afterFunc && until.After(now):
		return never
	}
	return until
}
