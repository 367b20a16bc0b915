package looptest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/eventloop"
)

// patience is the watchdog: how long a rule may take. It only says when to give
// up on a loop that hangs, so it is far longer than any case takes.
var patience = time.Minute

const (
	// Once one rule has hung, the others wait no longer than this: the test has
	// failed anyhow, and its reader should not wait a minute for each rule.
	patienceAfterHang = 5 * time.Second

	// The watchdog inside a bubble, in its own time: longer than any case
	// sleeps, and over at once if all goroutines wait for nothing.
	virtualPatience = 100 * 365 * 24 * time.Hour
)

// manyHung is how many rules may hang before the others are not asked any more.
const manyHung = 3

// A suite tries rules on the loops of newLoop.
type suite struct {
	newLoop  func() eventloop.Loop
	patience time.Duration
	asked    int // how many rules
	hung     int // in how many of them the loop hung until patience was over
}

// ask tries r in a sub-test of t, in a bubble if so asked.
func (s *suite) ask(t *testing.T, r rule, inBubble bool) {
	if s.hung < manyHung {
		t.Run(r.name, func(t *testing.T) {
			s.asked++
			s.try(t, r, inBubble)
		})
	}
}

// conclude says of what the verdict is one.
func (s *suite) conclude(t *testing.T, how string) {
	t.Helper()
	if s.hung == manyHung {
		t.Errorf("the loop hangs: %d rules have waited in vain, and the rest is not asked", s.hung)
	}
	if testing.Short() {
		how += ", the largest a tenth of their size (-short)"
	}
	if raceEnabled {
		how += ", watched by the race detector and a tenth of their size for it"
	} else {
		how += ", data races unseen (no -race)"
	}
	t.Logf("%d of %d rules asked, %s", s.asked, len(rules)+2, how)
}

// A trial is one rule being tried on one kind of loop.
//
// Cases run on a goroutine of their own, so that one that hangs can be left
// behind, and report to the trial rather than to a *testing.T, which must not
// be used after its test has ended.
type trial struct {
	rule    rule
	newLoop func() eventloop.Loop
	virtual bool   // in a bubble
	label   string // of the goroutines of this trial

	over     *signal    // the case should give up
	mu       sync.Mutex // protects the fields below
	closed   bool       // failures have been reported
	failures []string
	awaiting string // what the case waits for
	keeping  bool   // it waits for the loop to let go of something
	hangs    bool   // it has waited in vain for the loop to do something
	runs     []*run // to end with the case
}

// aCall is what a case waits for if it does not say so.
const aCall = "a call to return"

var trials atomic.Int64

// try runs the case of r, in a bubble if so asked, and reports its failures.
func (s *suite) try(t *testing.T, r rule, inBubble bool) {
	c := &trial{rule: r, newLoop: s.newLoop, virtual: inBubble, label: strconv.FormatInt(trials.Add(1), 10), awaiting: aCall}
	if inBubble {
		needBubbles(t)
	}
	run := func() { c.runInBubble(t) }
	if !inBubble {
		c.over = newSignal()
		run = c.run
	}
	if !within(s.patience, run) {
		c.hung(s.patience.String())
		s.patience = min(s.patience, patienceAfterHang)
		if !inBubble { // nothing outside may touch what is in a bubble
			c.over.give()
		}
	}
	failures, hung := c.close()
	if hung {
		s.hung++
	}
	for _, failure := range failures {
		t.Error(failure)
	}
}

// needBubbles fails t where there are no bubbles: that is no loop's fault.
func needBubbles(t *testing.T) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Fatalf("looptest can't try this, since it has no bubble: %v", r)
		}
	}()
	synctest.Test(t, func(*testing.T) {})
}

func (c *trial) runInBubble(t *testing.T) {
	// Test panics where goroutines are left in the bubble. Whether the loop may
	// leave any is the question of the rule NoGoroutineLeft, and of no other.
	tried := false
	defer func() {
		if r := recover(); r != nil && !tried {
			c.errorf("the bubble has burst: %v", r)
		}
	}()
	synctest.Test(t, func(*testing.T) {
		c.over = newSignal()
		if !within(virtualPatience, c.run) {
			c.hung("for ever")
			c.over.give()
		}
		tried = true
	})
}

// within calls f on a new goroutine and reports whether it ended in time. If
// not, the goroutine is left behind.
func within(limit time.Duration, f func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	watchdog := time.NewTimer(limit)
	defer watchdog.Stop()
	select {
	case <-done:
		return true
	case <-watchdog.C:
		return false
	}
}

// run runs the case, and ends all loops that it has started.
func (c *trial) run() {
	pprof.Do(context.Background(), pprof.Labels(labelKey, c.label), func(context.Context) {
		defer c.stopAll()
		defer func() {
			if r := recover(); r != nil {
				c.errorf("panic: %v\n%s\n", r, debug.Stack())
			}
		}()
		c.rule.test(c)
	})
}

// errorf reports a failure, with the rule. It may be called from anywhere,
// callbacks included.
func (c *trial) errorf(format string, args ...any) {
	c.report(fmt.Sprintf(format, args...) + ": " + c.rule.text)
}

func (c *trial) report(failure string) {
	const most = 5 // a broken loop often fails a thousand times for one reason
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed && len(c.failures) < most {
		c.failures = append(c.failures, failure)
	}
}

// fatalf reports a failure and ends the case. It must be called from the
// goroutine of the case.
func (c *trial) fatalf(format string, args ...any) {
	c.errorf(format, args...)
	runtime.Goexit()
}

// hung reports that the case does not end, and what it was doing. It accuses the
// loop of nothing: whatever hangs, hangs in the first case that meets it.
func (c *trial) hung(waited string) {
	_, stacks := c.goroutines()
	c.mu.Lock()
	awaiting := c.awaiting
	c.hangs = !c.keeping
	c.mu.Unlock()
	c.report(fmt.Sprintf("waited %s, in vain, for %s; so it was not seen that %s", waited, awaiting, c.rule.text))
	c.report("its goroutines:\n" + stacks)
}

func (c *trial) close() (failures []string, hung bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return c.failures, c.hangs
}

// expect notes what the case is about to wait for.
func (c *trial) expect(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.awaiting = fmt.Sprintf(format, args...)
}

// await waits until done is closed. The text completes "waiting for".
func (c *trial) await(done <-chan struct{}, format string, args ...any) {
	c.expect(format, args...)
	select {
	case <-done:
		c.expect(aCall)
	case <-c.over.done:
		runtime.Goexit()
	}
}

// until waits until cond is true.
func (c *trial) until(cond func() bool, format string, args ...any) {
	c.expect(format, args...)
	for pause := time.Millisecond; !cond(); pause *= 2 {
		if !c.virtual {
			pause = min(pause, 50*time.Millisecond)
		}
		select {
		case <-time.After(pause):
		case <-c.over.done:
			runtime.Goexit()
		}
	}
	c.expect(aCall)
}

// freed waits until something is not alive any more. A loop that keeps it does
// not hang.
func (c *trial) freed(alive func() bool, format string, args ...any) {
	keeping := func(is bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.keeping = is
	}
	keeping(true)
	c.until(func() bool { return !alive() }, format, args...)
	keeping(false)
}

// settle gives the loop time to fall asleep, if it does.
func (c *trial) settle() {
	if c.virtual {
		synctest.Wait()
	} else {
		time.Sleep(5 * time.Millisecond)
	}
}

// size returns n, or less where the full size would take too long.
func (c *trial) size(n int) int {
	if testing.Short() {
		n /= 10
	}
	if raceEnabled {
		n /= 10
	}
	return n
}

// A run is one call of Run.
type run struct {
	cancel context.CancelCauseFunc
	done   chan struct{} // closed when the call has ended

	// How it ended; valid when done is closed.
	err      error
	panicked any  // the recovered value
	exited   bool // by runtime.Goexit
}

var errStopped = errors.New("the test has ended")

// start calls l.Run on a new goroutine and goes on. It is an error if Run ends
// before it is told to.
func (c *trial) start(l eventloop.Loop) *run {
	return c.call(l, func(r *run, ctx context.Context) {
		if r.panicked != nil {
			c.errorf("Run panicked: %v", r.panicked)
		} else if r.exited {
			c.errorf("Run ended its goroutine")
		} else if ctx.Err() == nil {
			c.errorf("Run returned %v before its context was done", r.err)
		} else {
			return
		}
		c.over.give()
	})
}

// startToEnd is start for a Run that the case expects to end by itself.
func (c *trial) startToEnd(l eventloop.Loop) *run {
	return c.call(l, func(*run, context.Context) {})
}

func (c *trial) call(l eventloop.Loop, ended func(*run, context.Context)) *run {
	ctx, cancel := context.WithCancelCause(context.Background())
	r := &run{cancel: cancel, done: make(chan struct{}), exited: true}
	c.mu.Lock()
	c.runs = append(c.runs, r)
	c.mu.Unlock()
	go func() {
		defer close(r.done)
		defer func() {
			if r.panicked = recover(); r.panicked != nil {
				r.exited = false
			}
			ended(r, ctx)
		}()
		r.err = callRun(l, ctx)
		r.exited = false
	}()
	return r
}

// callRun calls l.Run. Being on the stack of a callback, it shows that the
// callback runs on the goroutine that called Run.
func callRun(l eventloop.Loop, ctx context.Context) error { return l.Run(ctx) }

// end waits until r has ended by itself.
func (c *trial) end(r *run) {
	c.await(r.done, "Run to end")
}

// stop cancels r and waits until it has ended.
func (c *trial) stop(r *run) {
	r.cancel(errStopped)
	c.await(r.done, "Run to return, its context being done")
}

func (c *trial) stopAll() {
	c.mu.Lock()
	runs := c.runs
	c.mu.Unlock()
	for _, r := range runs {
		r.cancel(errStopped)
	}
	for _, r := range runs {
		c.expect("Run to return, its context being done")
		<-r.done
	}
}
