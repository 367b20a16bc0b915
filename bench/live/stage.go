package main

import (
	"bufio"
	"cmp"
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"example.com/eventloop"
	"example.com/eventloop/bench/internal/text"
	polling "example.com/eventloop/stage1_polling"
	queue "example.com/eventloop/stage2_queue"
	event "example.com/eventloop/stage3_event"
)

// reportEvery is how often a stage's process reports. Each report wakes it
// once and costs some tens of microseconds, however many timers are pending. Its
// CPU figure includes that.
const reportEvery = 250 * time.Millisecond

// script is the article's: three timers, set in this order, and then a call.
// They run as CallSoon, 1 s, 2 s, 3 s.
var script = [...]time.Duration{2 * time.Second, 1 * time.Second, 3 * time.Second}

// errOrdersEnded is why a stage's loop ends: its input was closed, by the
// server or by the system when the server died.
var errOrdersEnded = errors.New("no more orders")

// newLoop returns the loop of stage n.
func newLoop(n int) (eventloop.Loop, error) {
	switch n {
	case 1:
		return polling.New(), nil
	case 2:
		return queue.New(), nil
	case 3:
		return event.New(), nil
	}
	return nil, fmt.Errorf("there is no stage %d", n)
}

// A stage is one loop, and what this program knows of it from outside: the
// timers it has set and the callbacks it has seen run. The loops are the ones
// that the stages' folders hold; nothing in them knows that it is watched.
type stage struct {
	n    int
	loop eventloop.Loop

	mu      sync.Mutex // guards all below
	pending map[uint64]*pending
	order   byDue // the same timers
	ran     uint64
	events  uint64 // whatever may have woken the loop: set, stopped, called, run
	calls   []call // since the last report, the last maxCalls of them
	skipped int    // callbacks since the last report that are not in calls
	notice  string

	fired    int           // timers whose callback began since the last report
	lateness time.Duration // of these, the sum

	// Until then there may be a timer in the loop that has been stopped: stage 3
	// drops it when it comes to it, and the alarm may have been set for it.
	stoppedUntil time.Time
}

// A pending timer is in the stage's map and order until its callback begins or
// it is stopped.
type pending struct {
	id       uint64
	set, due time.Time
	place    int             // in the stage's order
	timer    eventloop.Timer // belongs to the goroutine that carries out orders
}

// A byDue is a heap: the timer that is due first is at index 0, and a report can
// tell it without a look at the others. What a report costs is charged to the
// loop that it is about, so it must not depend on how many are pending.
type byDue []*pending

func (h byDue) Len() int           { return len(h) }
func (h byDue) Less(i, j int) bool { return compareDue(h[i], h[j]) < 0 }
func (h byDue) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *byDue) Push(p any) {
	p.(*pending).place = len(*h)
	*h = append(*h, p.(*pending))
}

func (h *byDue) Pop() any {
	last := len(*h) - 1
	p := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return p
}

func compareDue(a, b *pending) int {
	return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.id, b.id))
}

// runStage runs the loop of stage n on the calling goroutine, carries out the
// orders it reads from in, and writes reports to out, until in ends.
func runStage(n int, in io.Reader, out io.Writer) error {
	loop, err := newLoop(n)
	if err != nil {
		return err
	}
	m, err := newMeter(loop, time.Now())
	if err != nil {
		return err
	}
	s := &stage{n: n, loop: loop, pending: make(map[uint64]*pending)}
	ctx, cancel := context.WithCancelCause(context.Background())
	var helpers sync.WaitGroup
	helpers.Go(func() { cancel(s.obey(in)) })
	helpers.Go(func() { s.reportUntil(ctx, m, out) })

	err = loop.Run(ctx)
	helpers.Wait()
	if errors.Is(err, errOrdersEnded) {
		return nil
	}
	return err
}

// obey carries out orders until there are no more. It returns why.
func (s *stage) obey(in io.Reader) error {
	lines := json.NewDecoder(in)
	for {
		var o order
		if err := lines.Decode(&o); err == io.EOF {
			return errOrdersEnded
		} else if err != nil {
			return fmt.Errorf("can't read orders: %w", err)
		}
		if err := s.carryOut(o); err != nil {
			s.mu.Lock()
			s.notice = err.Error()
			s.mu.Unlock()
		}
	}
}

func (s *stage) carryOut(o order) error {
	if err := o.check(); err != nil {
		return err
	}
	s.mu.Lock()
	waiting := len(s.pending)
	s.mu.Unlock()
	if waiting+o.callbacks() > maxPending {
		return fmt.Errorf("%s timers are pending here and this page sets no more than %s: stop some first",
			text.Thousands(waiting), text.Thousands(maxPending))
	}

	switch o.Do {
	case doTimeout:
		delay := time.Duration(o.Delay) * time.Millisecond
		for i := range o.Count {
			s.setTimeout(o.ID+uint64(i), delay+burst*time.Duration(i)/time.Duration(o.Count))
		}
	case doSoon:
		s.callSoon(o.ID)
	case doScript:
		for i, delay := range script {
			s.setTimeout(o.ID+uint64(i), delay)
		}
		s.callSoon(o.ID + uint64(len(script)))
	case doStop, doStopNext, doStopAll:
		s.stop(s.meant(o))
	}
	return nil
}

func (s *stage) setTimeout(id uint64, delay time.Duration) {
	set := time.Now()
	p := &pending{id: id, set: set, due: set.Add(delay)}
	s.mu.Lock()
	s.pending[id] = p
	heap.Push(&s.order, p)
	s.events++
	s.mu.Unlock()
	p.timer = s.loop.SetTimeout(delay, func() {
		now := time.Now()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.forget(p)
		s.fired++
		s.lateness += now.Sub(p.due)
		s.noteCall(id, "setTimeout "+seconds(delay), now, p.due)
	})
}

func (s *stage) callSoon(id uint64) {
	called := time.Now()
	s.mu.Lock()
	s.events++
	s.mu.Unlock()
	s.loop.CallSoon(func() {
		now := time.Now()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.noteCall(id, "CallSoon", now, called)
	})
}

// noteCall is called with s.mu held.
func (s *stage) noteCall(id uint64, what string, began, due time.Time) {
	s.ran++
	s.events++
	if len(s.calls) == maxCalls {
		s.calls = slices.Delete(s.calls, 0, 1)
		s.skipped++
	}
	s.calls = append(s.calls, call{ID: id, What: what, At: millis(began), Late: float64(began.Sub(due).Nanoseconds()) / 1e6})
}

// meant returns the timers that an order to stop is about.
func (s *stage) meant(o order) []*pending {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch o.Do {
	case doStopAll:
		return slices.Clone(s.order)
	case doStopNext:
		return slices.Clone(s.order[:min(1, len(s.order))])
	}
	if p := s.pending[o.ID]; p != nil {
		return []*pending{p}
	}
	return nil
}

func (s *stage) stop(timers []*pending) {
	for _, p := range timers {
		if p.timer.Stop() {
			s.mu.Lock()
			s.forget(p)
			s.events++
			if p.due.After(s.stoppedUntil) {
				s.stoppedUntil = p.due
			}
			s.mu.Unlock()
		}
	}
}

// forget is called with s.mu held.
func (s *stage) forget(p *pending) {
	delete(s.pending, p.id)
	heap.Remove(&s.order, p.place)
}

// reportUntil reports until ctx is done or nobody reads any more.
func (s *stage) reportUntil(ctx context.Context, m *meter, out io.Writer) {
	buffered := bufio.NewWriter(out)
	lines := json.NewEncoder(buffered)
	ticker := time.NewTicker(reportEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if lines.Encode(s.report(m)) != nil || buffered.Flush() != nil {
			return // the server is gone; the end of our orders follows
		}
	}
}

// report reads everything at one instant.
func (s *stage) report(m *meter) report {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	f := m.read(now, s.events)
	r := report{
		At: millis(now), CPU: f.cpu, Turns: f.turns, Spins: f.spins,
		Pending: len(s.order), Timers: sample(s.order, now),
		Ran: s.ran, Calls: s.calls, Skipped: s.skipped, Fired: s.fired, Notice: s.notice,
	}
	if s.fired > 0 {
		r.Late = float64(s.lateness.Nanoseconds()) / float64(s.fired) / 1e6
	}
	var next time.Time
	if len(s.order) > 0 {
		next = now.Add(s.order[0].due.Sub(now))
	}
	stopped := now.Before(s.stoppedUntil)
	r.Doing = doing(s.n, f, len(s.order), next, stopped)
	r.Stands = stands(s.n, f, len(s.order), stopped)
	s.calls, s.skipped, s.fired, s.lateness, s.notice = nil, 0, 0, 0, ""
	return r
}

// sample returns the first maxFirst timers, in order, and at most maxSample of
// the others. It looks at no more than it returns: in a heap the first k are
// among the first 2^k - 1.
//
// The instants are counted from now: a timer's deadline is on the monotonic
// clock, and where that clock stood still, as in a laptop that slept, the same
// deadline is at a later time of day than it was.
func sample(h byDue, now time.Time) []timer {
	top := h[:min(len(h), 1<<maxFirst-1)]
	picked := slices.SortedFunc(slices.Values(top), compareDue)
	rest := h[len(top):]
	room := min(len(rest), maxFirst+maxSample-len(top))
	for i := range room {
		picked = append(picked, rest[i*len(rest)/room])
	}
	timers := make([]timer, len(picked))
	for i, p := range picked {
		timers[i] = timer{ID: p.id, Set: millis(now.Add(p.set.Sub(now))), Due: millis(now.Add(p.due.Sub(now)))}
	}
	return timers
}
