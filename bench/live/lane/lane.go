// Package lane is what runs in a process of a lane of the live page: one loop, and
// what can be seen of it from outside. It carries out orders and writes reports
// (protocol.go).
package lane

import (
	"bufio"
	"cmp"
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/metrics"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"example.com/eventloop"
	"example.com/eventloop/internal/text"
	"example.com/eventloop/looptest"
)

// reportEvery is how often a lane's process reports. Each report wakes it
// once and costs some tens of microseconds, however many timers are pending. Its
// CPU figure includes that.
const reportEvery = 250 * time.Millisecond

// Script is the article's: three timers, set in this order, and then a call.
// They run as CallSoon, 1 s, 2 s, 3 s.
var Script = [...]time.Duration{2 * time.Second, 1 * time.Second, 3 * time.Second}

// errOrdersEnded is why a lane's loop ends: its input was closed, by the server
// or by the system when the server died.
var errOrdersEnded = errors.New("no more orders")

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
	calls   []Call // since the last report, the last MaxCalls of them
	skipped int    // callbacks since the last report that are not in calls
	notice  string

	fired    int           // timers whose callback began since the last report
	lateness time.Duration // of these, the sum

	// Until then there may be a timer in the loop that has been stopped: stage 3
	// drops it when it comes to it, and the alarm may have been set for it.
	stoppedUntil time.Time

	trace [64 << 10]byte // the reporting goroutine's own
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

// Main is the main of a lane's program, which the server writes and builds: one
// for each source. It has two arguments at most:
//
//	run 3    the loop, between standard input and output; 3 is the stage whose
//	         words suit it, 0 if none
//	waits    prints the verdict of [looptest.Waits]
//
// What the loop itself prints goes to the error output: the other one is for
// reports.
func Main(newLoop func() eventloop.Loop) {
	go stopAtLimit(maxMemory)
	if len(os.Args) == 2 && os.Args[1] == "waits" {
		testing.Main(func(string, string) (bool, error) { return true, nil },
			[]testing.InternalTest{{Name: "Waits", F: func(t *testing.T) { fmt.Println(looptest.Waits(t, newLoop)) }}}, nil, nil)
	}
	// Ctrl-C in a terminal goes to every process in it, this one too. It is
	// ignored: the server is told as well, closes our input, and so ends us in
	// its own time.
	signal.Ignore(os.Interrupt)
	out := os.Stdout
	os.Stdout = os.Stderr
	err := errors.New("usage: run STAGE, or waits")
	if len(os.Args) == 3 && os.Args[1] == "run" {
		var n int
		if n, err = strconv.Atoi(os.Args[2]); err == nil {
			err = run(n, newLoop, os.Stdin, out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// maxMemory is what a lane's process may take, many times what a hundred thousand
// timers need. A loop that eats memory would take the machine with it.
const maxMemory = 512 << 20

// stopAtLimit ends the process when it has more memory than limit.
func stopAtLimit(limit uint64) {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	for {
		metrics.Read(sample)
		if sample[0].Value.Uint64()-sample[1].Value.Uint64() > limit {
			fmt.Fprintf(os.Stderr, "panic: it took more than %d MB of memory, and was stopped\n", limit>>20)
			os.Exit(1)
		}
		time.Sleep(reportEvery)
	}
}

// run runs a loop, carries out the orders it reads from in, and writes reports to
// out, until in ends.
func run(n int, newLoop func() eventloop.Loop, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	loops := make(chan eventloop.Loop)
	ended := make(chan error, 1) // 1: nobody may be left to receive it
	go func() { ended <- runLoop(ctx, newLoop, loops) }()
	loop := <-loops
	m, err := newMeter(loop, time.Now())
	if err != nil {
		return err
	}
	s := &stage{n: n, loop: loop, pending: make(map[uint64]*pending)}
	var helpers sync.WaitGroup
	helpers.Go(func() { cancel(s.obey(in)) })
	helpers.Go(func() { s.reportUntil(ctx, m, out) })
	err = <-ended
	if ctx.Err() == nil {
		return fmt.Errorf("the loop's Run returned (%w) before its context was done", cmp.Or(err, errors.New("nil")))
	}
	helpers.Wait()
	if errors.Is(err, errOrdersEnded) {
		return nil
	}
	return err
}

// runLoop makes a loop and runs it. What goroutines the loop starts in New and Run
// descend from this one: see [goroutines].
func runLoop(ctx context.Context, newLoop func() eventloop.Loop, loops chan<- eventloop.Loop) error {
	loop := newLoop()
	loops <- loop
	return loop.Run(ctx)
}

// obey carries out orders until there are no more. It returns why.
func (s *stage) obey(in io.Reader) error {
	lines := json.NewDecoder(in)
	for {
		var o Order
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

func (s *stage) carryOut(o Order) error {
	if err := o.Check(); err != nil {
		return err
	}
	s.mu.Lock()
	waiting := len(s.pending)
	s.mu.Unlock()
	if waiting+o.Callbacks() > MaxPending {
		return fmt.Errorf("%s timers are pending here and this page sets no more than %s: stop some first",
			text.Thousands(waiting), text.Thousands(MaxPending))
	}

	switch o.Do {
	case DoTimeout:
		delay := time.Duration(o.Delay) * time.Millisecond
		for i := range o.Count {
			s.setTimeout(o.ID+uint64(i), delay+burst*time.Duration(i)/time.Duration(o.Count))
		}
	case DoSoon:
		s.callSoon(o.ID)
	case DoScript:
		for i, delay := range Script {
			s.setTimeout(o.ID+uint64(i), delay)
		}
		s.callSoon(o.ID + uint64(len(Script)))
	case DoStop, DoStopNext, DoStopAll:
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
	if len(s.calls) == MaxCalls {
		s.calls = slices.Delete(s.calls, 0, 1)
		s.skipped++
	}
	s.calls = append(s.calls, Call{ID: id, What: what, At: Millis(began), Late: float64(began.Sub(due).Nanoseconds()) / 1e6})
}

// meant returns the timers that an order to stop is about.
func (s *stage) meant(o Order) []*pending {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch o.Do {
	case DoStopAll:
		return slices.Clone(s.order)
	case DoStopNext:
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
func (s *stage) report(m *meter) Report {
	loops := goroutines(s.trace[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	f := m.read(now, s.events)
	r := Report{
		At: Millis(now), CPU: f.cpu, Turns: f.turns, State: state(f, loops), Loops: loops,
		Pending: len(s.order), Timers: sample(s.order, now),
		Ran: s.ran, Calls: s.calls, Skipped: s.skipped, Fired: s.fired, Notice: s.notice,
	}
	if s.fired > 0 {
		r.Late = float64(s.lateness.Nanoseconds()) / float64(s.fired) / 1e6
	}
	var next time.Duration
	if len(s.order) > 0 {
		next = s.order[0].due.Sub(now)
	}
	stopped := now.Before(s.stoppedUntil)
	r.Doing = doing(s.n, r.State, f.turns, len(s.order), now, next, stopped)
	r.Stands = stands(s.n, r.State, len(s.order), stopped)
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
func sample(h byDue, now time.Time) []Timer {
	top := h[:min(len(h), 1<<maxFirst-1)]
	picked := slices.SortedFunc(slices.Values(top), compareDue)
	rest := h[len(top):]
	room := min(len(rest), maxFirst+maxSample-len(top))
	for i := range room {
		picked = append(picked, rest[i*len(rest)/room])
	}
	timers := make([]Timer, len(picked))
	for i, p := range picked {
		timers[i] = Timer{ID: p.id, Set: Millis(now.Add(p.set.Sub(now))), Due: Millis(now.Add(p.due.Sub(now)))}
	}
	return timers
}
