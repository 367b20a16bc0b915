package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
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
// once and costs some tens of microseconds, which its CPU figure includes.
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
	ran     uint64
	events  uint64 // whatever may have woken the loop: set, stopped, called, run
	calls   []call // since the last report, the last maxCalls of them
	skipped int    // callbacks since the last report that are not in calls
	notice  string
}

// A pending timer is in the stage's map until its callback begins or it is
// stopped.
type pending struct {
	id       uint64
	set, due time.Time
	timer    eventloop.Timer // belongs to the goroutine that carries out orders
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
	case doStop:
		s.stop(func(p *pending) bool { return p.id == o.ID })
	case doStopNext:
		if first := s.inOrder(); len(first) > 0 {
			s.stop(func(p *pending) bool { return p == first[0] })
		}
	case doStopAll:
		s.stop(func(*pending) bool { return true })
	}
	return nil
}

func (s *stage) setTimeout(id uint64, delay time.Duration) {
	set := time.Now()
	p := &pending{id: id, set: set, due: set.Add(delay)}
	s.mu.Lock()
	s.pending[id] = p
	s.events++
	s.mu.Unlock()
	p.timer = s.loop.SetTimeout(delay, func() {
		now := time.Now()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.pending, id)
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

// stop stops the timers that which says yes to.
func (s *stage) stop(which func(*pending) bool) {
	for _, p := range s.inOrder() {
		if which(p) && p.timer.Stop() {
			s.mu.Lock()
			delete(s.pending, p.id)
			s.events++
			s.mu.Unlock()
		}
	}
}

// inOrder returns the pending timers, the first due first.
func (s *stage) inOrder() []*pending {
	s.mu.Lock()
	all := slices.Collect(maps.Values(s.pending))
	s.mu.Unlock()
	sortByDue(all)
	return all
}

func sortByDue(all []*pending) {
	slices.SortFunc(all, func(a, b *pending) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.id, b.id))
	})
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

// report reads everything at one instant. It sorts only afterwards: the loop's
// callbacks would wait for it, and it would measure their lateness.
func (s *stage) report(m *meter) report {
	s.mu.Lock()
	now := time.Now()
	f := m.read(now, s.events)
	waiting := slices.Collect(maps.Values(s.pending))
	r := report{
		At: millis(now), CPU: f.cpu, Turns: f.turns, Spins: f.spins, Pending: len(waiting),
		Ran: s.ran, Calls: s.calls, Skipped: s.skipped, Notice: s.notice,
	}
	s.calls, s.skipped, s.notice = nil, 0, ""
	s.mu.Unlock()

	sortByDue(waiting)
	r.Timers = sample(waiting, now)
	var next time.Time
	if len(waiting) > 0 {
		next = now.Add(waiting[0].due.Sub(now))
	}
	r.Doing = doing(s.n, f, len(waiting), next)
	return r
}

// sample returns the first maxFirst timers, and of the others at most
// maxSample at even distances.
//
// The instants are counted from now: a timer's deadline is on the monotonic
// clock, and where that clock stood still, as in a laptop that slept, the same
// deadline is at a later time of day than it was.
func sample(waiting []*pending, now time.Time) []timer {
	timers := make([]timer, 0, min(len(waiting), maxFirst+maxSample))
	add := func(p *pending) {
		timers = append(timers, timer{ID: p.id, Set: millis(now.Add(p.set.Sub(now))), Due: millis(now.Add(p.due.Sub(now)))})
	}
	for _, p := range waiting[:min(len(waiting), maxFirst)] {
		add(p)
	}
	rest := waiting[len(timers):]
	for i := range min(len(rest), maxSample) {
		add(rest[i*len(rest)/min(len(rest), maxSample)])
	}
	return timers
}
