package attack

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"time"
)

// A model is the contract as a small machine. It hears of each thing that happens, in
// order, and says whether the contract allows it at that point.
//
// A call takes effect at some instant between its start and its end, so the model hears
// of both. A rule is broken only if it is broken whichever instant that was. The model
// knows a deadline only that closely: between earliest and latest. In a bubble the clock
// stands still during a call, so both are the same and the model is exact. In real time
// it rejects only what is certainly wrong.
type model struct {
	mu    sync.Mutex
	start time.Time
	exact bool // as in world
	steps int  // how many things have happened

	calls []*call // in the order in which SetTimeout and CallSoon were called

	run     *run  // the one that goes on, or nil
	current *call // the callback that runs, or nil
	claimed *call // Stop said that it has begun: it has to be the next
	free    time.Duration

	failed *failure
	trace  strings.Builder
}

// A failure is a broken rule.
type failure struct {
	text  string
	trace string
	hung  bool
}

// A call is a callback, and what the model knows of it.
type call struct {
	name  string
	timer bool
	delay time.Duration
	stop  func() bool // of the timer; not the model's

	called, returned int           // the step of SetTimeout or CallSoon; 0 is not yet
	earliest, latest time.Duration // its deadline, or when CallSoon was called
	stops            int           // calls of Stop so far
	stopped, began   bool
}

// A run is a call of Run.
type run struct {
	cause    error // with which its context is cancelled
	cancels  bool  // a cancel of it has begun
	allowed  int   // how many callbacks may still begin; -1: any number
	panicked any   // what its last callback has panicked with
	exited   bool  // its last callback has called Goexit
}

// tell notes what happens, with mu held.
func (m *model) tell(format string, args ...any) (step int, now time.Duration) {
	m.steps++
	now = time.Since(m.start)
	if m.failed != nil {
		return m.steps, now // nothing that happens later explains the broken rule
	}
	fmt.Fprintf(&m.trace, "\t%-12v "+format+"\n", append([]any{now}, args...)...)
	return m.steps, now
}

// breaks notes the first broken rule, with mu held.
func (m *model) breaks(rule, format string, args ...any) {
	if m.failed == nil {
		text := fmt.Sprintf(format, args...) + ": " + rule
		fmt.Fprintf(&m.trace, "\t             BROKEN: %s\n", text)
		m.failed = &failure{text: text}
	}
}

// adds hears of SetTimeout or CallSoon before the call, added after it.
func (m *model) adds(c *call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, c)
	step, now := m.tell("%s is added (%v)", c.name, c.delay)
	c.called, c.earliest, c.latest = step, plus(now, c.delay), math.MaxInt64
}

func (m *model) added(c *call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.steps++
	c.returned, c.latest = m.steps, plus(time.Since(m.start), c.delay)
}

// plus is now + delay by the contract: never in the past, and never overflowing.
func plus(now, delay time.Duration) time.Duration {
	delay = max(delay, 0)
	if now > math.MaxInt64-delay {
		return math.MaxInt64
	}
	return now + delay
}

// before reports whether a certainly has to run before b: by the order of deadlines,
// and where those are equal by the order of setting.
func (a *call) before(b *call) bool {
	first := a.returned != 0 && a.returned < b.called
	if !a.timer {
		return first
	}
	return a.latest < b.earliest ||
		first && (a.latest <= b.earliest || max(a.delay, 0) <= max(b.delay, 0))
}

// waits reports whether c certainly waits: it was added, no call of Stop has begun, and
// it has not begun either.
func (c *call) waits() bool { return c.returned != 0 && c.stops == 0 && !c.began }

// begins hears of a callback's begin, ends of its end.
func (m *model) begins(c *call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, now := m.tell("%s begins", c.name)
	switch {
	case c.began:
		m.breaks("a callback is called once", "%s runs again", c.name)
	case c.stopped:
		m.breaks("if Stop returns true the callback never runs", "%s runs, and has been stopped", c.name)
	case m.current != nil:
		m.breaks("callbacks run one at a time", "%s begins while %s runs", c.name, m.current.name)
	case m.run == nil:
		m.breaks("no callback starts after Run has returned", "%s begins", c.name)
	case m.run.panicked != nil || m.run.exited:
		m.breaks("a panic or Goexit unwinds through Run", "%s begins after a callback that panicked or called Goexit", c.name)
	case m.run.allowed == 0:
		m.breaks("a callback that cancels ctx is the last one", "%s begins", c.name)
	case c.timer && now < c.earliest:
		m.breaks("a callback never runs early", "%s begins at %v and is due at %v", c.name, now, c.earliest)
	case m.exact && now > max(c.latest, m.free):
		m.breaks("a loop that blocks is woken when there is something to do", "%s begins at %v, and could at %v", c.name, now, max(c.latest, m.free))
	case m.claimed != nil && m.claimed != c:
		m.breaks("Stop returns false if the callback has begun", "%s begins, and not %s, of which Stop says that it has", c.name, m.claimed.name)
	}
	for _, other := range m.calls {
		if other.timer == c.timer && other.waits() && other.before(c) {
			rule := "callbacks of CallSoon are first in, first out"
			if c.timer {
				rule = "callbacks of timers begin in the order of their deadlines, and of setting where those are equal"
			}
			m.breaks(rule, "%s begins before %s", c.name, other.name)
		}
	}
	c.began, m.current, m.claimed = true, c, nil
	if m.run != nil && m.run.allowed > 0 {
		m.run.allowed--
	}
}

// ends hears how a callback ends.
func (m *model) ends(c *call, panicked any, exited bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, now := m.tell("%s ends", c.name)
	m.current, m.free = nil, now
	if m.run != nil {
		m.run.panicked, m.run.exited = panicked, exited
	}
}

// stops hears of Stop before the call, and returns how many calls there were before
// that. stopped hears of it afterwards. between means that the loop may be on its way
// into the callback. It is not if a callback calls Stop, or if the loop is at rest.
func (m *model) stops(c *call) (before int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tell("%s is being stopped", c.name)
	c.stops++
	return c.stops - 1
}

func (m *model) stopped(c *call, answer bool, before int, between bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tell("%s: Stop returns %v", c.name, answer)
	switch {
	case answer && c.stopped:
		m.breaks("one Stop returns true", "%s has been stopped twice", c.name)
	case answer && c.began:
		m.breaks("Stop returns false if the callback has begun", "%s has begun, and is stopped", c.name)
	case answer:
		c.stopped = true
	case c.began || before > 0 || c.stops > 1:
		// It has begun, or another Stop was, or may have been, first.
	case !between || m.exact && m.run == nil || m.claimed != nil:
		m.breaks("Stop reports whether this call kept the callback from running", "%s has not begun, no other Stop is called, and Stop returns false", c.name)
	default:
		// The loop has come between: it is on its way into the callback.
		m.claimed = c
	}
}

// runs hears of Run before the call.
func (m *model) runs(r *run) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, now := m.tell("Run begins")
	m.run, m.free = r, now
}

// ran hears how Run has ended: it returned err, panicked or called Goexit.
func (m *model) ran(r *run, err error, panicked any, exited bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tell("Run has ended: returned %v, panicked %v, exited %v", err, panicked, exited)
	switch {
	case m.current != nil:
		m.breaks("Run returns after the end of the last callback", "Run has ended while %s runs", m.current.name)
	case m.claimed != nil:
		m.breaks("Stop returns false if the callback has begun", "Run has ended before %s, of which Stop says that it has begun", m.claimed.name)
	case panicked != r.panicked || exited != r.exited:
		m.breaks("a panic or Goexit unwinds through Run", "Run panicked with %v (Goexit: %v), the callback with %v (Goexit: %v)", panicked, exited, r.panicked, r.exited)
	case panicked != nil || exited:
	case !r.cancels:
		m.breaks("Run runs callbacks until ctx is done", "Run has returned %v", err)
	case err != r.cause:
		m.breaks("Run returns the context's cause", "Run returned %v, the cause being %v", err, r.cause)
	}
	m.run = nil
}

// cancels hears of a cancel before it, cancelled after it.
func (m *model) cancels(r *run) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tell("cancel")
	r.cancels = true
}

func (m *model) cancelled(r *run) {
	m.mu.Lock()
	defer m.mu.Unlock()
	// Before Run has begun, nothing runs at all. After that, if no callback runs, the
	// loop may have looked at ctx just before, and be on its way into one.
	allowed := 1
	if m.run != r || m.current != nil {
		allowed = 0
	}
	if r.allowed < 0 || r.allowed > allowed {
		r.allowed = allowed
	}
}

// idle hears that all goroutines are blocked: none has anything to do.
func (m *model) idle() {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, now := m.tell("all are blocked")
	if m.claimed != nil {
		m.breaks("Stop returns false if the callback has begun", "%s has not, though Stop says so", m.claimed.name)
	}
	if m.run == nil || m.current != nil {
		return
	}
	if m.run.allowed >= 0 || m.run.panicked != nil || m.run.exited {
		m.breaks("Run ends when ctx is done, and when a callback panics or calls Goexit", "Run has not ended")
	}
	if c := m.due(now); c != nil {
		m.breaks("nothing is lost", "%s has not run, and the loop sleeps", c.name)
	}
}

// due returns a callback that has to run by now.
func (m *model) due(now time.Duration) *call {
	for _, c := range m.calls {
		if !c.began && !c.stopped && c.latest <= now {
			return c
		}
	}
	return nil
}

// next returns when the last callback that waits is due, and whether any waits or runs.
// It does not count those that are not due for an hour.
func (m *model) next() (last time.Duration, more bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	more = m.current != nil
	for _, c := range m.calls {
		if !c.began && !c.stopped && c.delay < time.Hour {
			last, more = max(last, c.earliest), true
		}
	}
	return last, more
}

// result returns the first broken rule, or nil.
func (m *model) result() *failure {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failed != nil {
		m.failed.trace = m.trace.String()
	}
	return m.failed
}
