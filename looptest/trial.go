package looptest

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/eventloop"
	"example.com/eventloop/internal/text"
)

// patience is the watchdog: how long a trial may wait for one thing. It only says
// when to give up on a loop that hangs, so it is far longer than any step takes.
var patience = 10 * time.Second

// The watchdog inside a bubble, in its own time: longer than any trial sleeps, and
// over at once if all goroutines wait for nothing.
const virtualPatience = 100 * 365 * 24 * time.Hour

// A suite tries rules on the loops of newLoop: one call of Run or RunVirtual.
type suite struct {
	newLoop func() eventloop.Loop
	waits   Waiting // how its loops wait, where that is known

	idleErr, pendingErr error // what is wrong with the ways in which they wait

	asked   int             // how many rules
	failed  map[string]bool // the rules that are broken, and those not asked for that
	unasked []string        // rules that say nothing new, since another is broken
	stuck   string          // the rule in which the loop hung, or ended too soon
}

func newSuite(t *testing.T, newLoop func() eventloop.Loop) *suite {
	t.Helper()
	s := &suite{newLoop: newLoop, failed: map[string]bool{}}
	s.waits.Idle, s.idleErr = probe(t, newLoop, false)
	s.waits.Pending, s.pendingErr = probe(t, newLoop, true)
	return s
}

// ask tries r in a sub-test of t, unless a failure before explains what would
// happen there. If in both, it tries the bubble first, in small: a loop that hangs
// shows it there at once.
func (s *suite) ask(t *testing.T, r rule, inBubble, inRealTime bool) {
	if s.stuck != "" {
		return
	}
	for _, basis := range strings.Fields(r.needs) {
		if s.failed[basis] {
			s.unasked = append(s.unasked, r.name)
			s.failed[r.name] = true
			return
		}
	}
	s.failed[r.name] = !t.Run(r.name, func(t *testing.T) {
		s.asked++
		if inBubble {
			s.try(t, r, true, inRealTime)
		}
		if inRealTime && !t.Failed() {
			s.try(t, r, false, false)
		}
	})
}

// conclude says what the verdict rests on.
func (s *suite) conclude(t *testing.T, how string) {
	t.Helper()
	if s.stuck != "" {
		t.Errorf("the other rules are not asked, since the loop does not get that far: see %s", s.stuck)
	}
	if len(s.unasked) > 0 {
		t.Logf("not asked, since what failed explains what they would show: %s", strings.Join(s.unasked, ", "))
	}
	if testing.Short() {
		how += ", the largest a tenth of their size (-short)"
	}
	if raceEnabled {
		how += ", watched by the race detector and a tenth of their size for it"
	} else {
		how += ", data races unseen (no -race)"
	}
	t.Logf("%d of %s asked, %s", s.asked, text.Plural(len(rules)+2, "rule"), how)
}

// A trial is one rule being tried on one kind of loop.
//
// Its test runs on a goroutine of its own, so that one that hangs can be left
// behind, and reports to the trial rather than to a *testing.T, which must not be
// used after its test has ended.
type trial struct {
	rule    rule
	newLoop func() eventloop.Loop
	waits   Waiting // see suite
	virtual bool    // in a bubble
	small   bool    // a tenth of its size
	label   string  // of the goroutines of this trial

	over     *signal      // the test should give up
	steps    atomic.Int64 // how often it has gone on
	mu       sync.Mutex   // protects the fields below
	closed   bool         // failures have been reported
	failures []string
	awaiting string // what the test waits for
	stuck    bool   // the loop hangs, or has ended too soon

	begun []*run // to end with the test, whose goroutine alone uses this
}

// aCall is what a test waits for if it does not say so.
const aCall = "a call to return"

var trials atomic.Int64

// try tests r and reports the failures.
func (s *suite) try(t *testing.T, r rule, inBubble, small bool) {
	trial := &trial{
		rule: r, newLoop: s.newLoop, waits: s.waits, virtual: inBubble,
		small: small || hasty || testing.Short(), label: strconv.FormatInt(trials.Add(1), 10), awaiting: aCall,
	}
	run := func() { trial.runInBubble(t) }
	if !inBubble {
		trial.over = newSignal()
		run = trial.run
	}
	if !trial.within(patience, run) {
		trial.reportHang(fmt.Sprintf("nothing has happened for %v", patience))
		if !inBubble { // nothing outside may touch what is in a bubble
			trial.over.give()
		}
	}
	trial.mu.Lock()
	defer trial.mu.Unlock()
	trial.closed = true
	if trial.stuck {
		s.stuck = r.name
	}
	for _, failure := range trial.failures {
		t.Error(failure)
	}
}

func (t *trial) runInBubble(test *testing.T) {
	// Test panics where goroutines are left in the bubble. Whether the loop may
	// leave any is the question of the rule NoGoroutineLeft, and of no other.
	tried := false
	defer func() {
		if r := recover(); r != nil && !tried {
			t.errorf("the bubble has burst: %v", r)
		}
	}()
	synctest.Test(test, func(*testing.T) {
		t.over = newSignal()
		done := make(chan struct{})
		go func() {
			defer close(done)
			t.run()
		}()
		select {
		case <-done:
		case <-time.After(virtualPatience):
			t.reportHang("all goroutines sleep, and nothing would ever wake them")
			t.over.give()
		}
		tried = true
	})
}

// within calls f on a new goroutine and reports whether it ended. If the test
// makes no step for as long as limit, the goroutine is left behind. Time is
// counted in naps, so that a machine that stalls does not count as a loop that
// hangs.
func (t *trial) within(limit time.Duration, f func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	const nap = 10 * time.Millisecond
	naps := time.NewTicker(nap)
	defer naps.Stop()
	for left, last := limit, t.steps.Load(); left > 0; left -= nap {
		select {
		case <-done:
			return true
		case <-naps.C:
		}
		if steps := t.steps.Load(); steps != last {
			left, last = limit, steps
		}
	}
	return false
}

// run runs the rule's test, and ends all loops that it has started.
func (t *trial) run() {
	pprof.Do(context.Background(), pprof.Labels(labelKey, t.label), func(context.Context) {
		defer t.stopAll()
		defer func() {
			if r := recover(); r != nil {
				t.errorf("panic: %v\n%s", r, debug.Stack())
			}
		}()
		t.rule.test(t)
	})
}

// errorf reports a failure, as two lines: the formatted text says in terms of
// calls what was seen, and the rule what should have been. It may be called from
// anywhere, callbacks included.
func (t *trial) errorf(format string, args ...any) {
	t.report(failure(fmt.Sprintf(format, args...), t.rule.text))
}

func failure(seen, rule string) string { return "\nseen: " + seen + "\nrule: " + rule }

func (t *trial) report(failure string) {
	const most = 3 // a broken loop often fails a thousand times for one reason
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed && len(t.failures) < most {
		t.failures = append(t.failures, failure)
	}
}

// fatalf reports a failure and ends the test. It must be called from the
// goroutine of the test.
func (t *trial) fatalf(format string, args ...any) {
	t.errorf(format, args...)
	runtime.Goexit()
}

// reportHang reports that the test does not end, and what it was doing.
func (t *trial) reportHang(how string) {
	_, stacks, err := t.goroutines()
	if err != nil {
		stacks = err.Error() + "\n"
	}
	t.reportWith(stacks, "waited for %s, in vain: %s", t.hangs(), how)
}

// reportWith is errorf, and says also where the loop's goroutines are.
func (t *trial) reportWith(stacks, format string, args ...any) {
	t.report(failure(fmt.Sprintf(format, args...), t.rule.text) + "\nthe loop's goroutines:\n" + stacks)
}

// hangs notes that the loop does not get any further, and returns what the test
// waits for.
func (t *trial) hangs() (awaiting string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stuck = true
	return t.awaiting
}

// expect notes what the test is about to wait for.
func (t *trial) expect(format string, args ...any) {
	t.step()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.awaiting = fmt.Sprintf(format, args...)
}

// step tells the watchdog that the loop does not hang.
func (t *trial) step() { t.steps.Add(1) }

// times calls f so many times, and takes each thousand for a step.
func (t *trial) times(n int, f func(i int)) {
	for i := range n {
		if i%1000 == 0 {
			t.step()
		}
		f(i)
	}
}

// await waits until done is closed. The text completes "waited for".
func (t *trial) await(done <-chan struct{}, format string, args ...any) {
	t.expect(format, args...)
	select {
	case <-done:
		t.expect(aCall)
	case <-t.over.done:
		runtime.Goexit()
	}
}

// until waits until cond is true.
func (t *trial) until(cond func() bool, format string, args ...any) {
	t.expect(format, args...)
	for pause := time.Millisecond; !cond(); pause *= 2 {
		if !t.virtual {
			pause = min(pause, 5*time.Millisecond)
		}
		select {
		case <-time.After(pause):
		case <-t.over.done:
			runtime.Goexit()
		}
	}
	t.expect(aCall)
}

// counts waits until count has reached n. A loop that gets on with it, however
// slowly, does not hang.
func (t *trial) counts(count func() int, n int, format string, args ...any) {
	last := 0
	t.until(func() bool {
		if now := count(); now > last {
			last = now
			t.step()
		}
		return last >= n
	}, format, args...)
}

func loads(n *atomic.Int64) func() int { return func() int { return int(n.Load()) } }

// becomes waits for some seconds until cond is true, and reports whether it is. A loop
// with which it does not become true does not hang.
func (t *trial) becomes(cond func() bool) bool {
	for pause := time.Millisecond; pause < 5*time.Second; pause *= 2 {
		if cond() {
			return true
		}
		t.step()
		time.Sleep(pause)
	}
	return cond()
}

// settle gives the loop time to fall asleep, if it does.
func (t *trial) settle() {
	if t.virtual {
		synctest.Wait()
	} else {
		time.Sleep(5 * time.Millisecond)
	}
}

// size returns n, or less where the full size would take too long.
func (t *trial) size(n int) int {
	if t.small {
		n /= 10
	}
	if hasty {
		n /= 5
	}
	if raceEnabled {
		n /= 10
	}
	return n
}

// A run is one call of Run.
type run struct {
	cancel func()
	done   chan struct{} // closed when the call has ended

	// How it ended; valid when done is closed.
	err      error
	panicked any  // the recovered value
	exited   bool // by runtime.Goexit
}

// start calls l.Run on a new goroutine and goes on. It is an error if Run ends
// before it is told to.
func (t *trial) start(l eventloop.Loop) *run { return t.startWith(l, context.Background()) }

func (t *trial) startWith(l eventloop.Loop, parent context.Context) *run {
	return t.call(l, parent, func(r *run, ctx context.Context) {
		switch {
		case r.panicked != nil:
			t.errorf("Run panicked: %v", r.panicked)
		case r.exited:
			t.errorf("Run ended its goroutine")
		case ctx.Err() == nil:
			t.errorf("Run returned %v before its context was done", r.err)
		default:
			return
		}
		t.hangs()
		t.over.give()
	})
}

// toEnd calls l.Run, which the test expects to end, and waits for that.
func (t *trial) toEnd(l eventloop.Loop) *run {
	r := t.call(l, context.Background(), nil)
	t.await(r.done, "Run to end")
	return r
}

func (t *trial) call(l eventloop.Loop, parent context.Context, ended func(*run, context.Context)) *run {
	ctx, cancel := context.WithCancel(parent)
	if _, is := parent.(givingWay); is {
		ctx = givingWay{ctx}
	}
	r := &run{cancel: cancel, done: make(chan struct{}), exited: true}
	t.begun = append(t.begun, r)
	go func() {
		defer close(r.done)
		defer func() {
			r.panicked = recover()
			r.exited = r.exited && r.panicked == nil
			if ended != nil {
				ended(r, ctx)
			}
		}()
		r.err = callRun(l, ctx)
		r.exited = false
	}()
	return r
}

// callRun calls l.Run. Being on the stack of a callback, it shows that the
// callback runs on the goroutine that called Run.
func callRun(l eventloop.Loop, ctx context.Context) error { return l.Run(ctx) }

// stop cancels r and waits until it has ended.
func (t *trial) stop(r *run) {
	r.cancel()
	t.await(r.done, "Run to return, its context being done")
}

func (t *trial) stopAll() {
	for _, r := range t.begun {
		r.cancel()
		t.expect("Run to return, its context being done")
		<-r.done
	}
}
