// Package lane runs one loop in a process of its own, for a lane of the live page. It
// watches the loop from outside, carries out orders and writes reports (protocol.go).
package lane

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.com/eventloop"
)

const (
	// reportEvery is how often a lane's process reports. Each report wakes it
	// once and costs some tens of microseconds, however many timers are pending. Its
	// CPU figure includes that.
	reportEvery = 250 * time.Millisecond

	// Patience is how long a loop's Run may take to return once its context is done.
	Patience = 2 * time.Second

	// maxGoroutines is how many are looked at. The world stands still meanwhile, some
	// microseconds for each.
	maxGoroutines = 100
)

// errOrdersEnded is why a lane's loop ends: its input was closed, by the server
// or by the system when the server died.
var errOrdersEnded = errors.New("no more orders")

// A stage is one loop, and what this program knows of it from outside: the
// timers it has set and the callbacks it has seen run. Nothing in the loop knows
// that it is watched.
type stage struct {
	loop eventloop.Loop
	file string // the one whose lines the page shows: stage1_polling/timers.go

	mu      sync.Mutex // guards all below
	pending []*timer   // those due first come first
	ran     uint64
	events  uint64 // whatever may have woken the loop: set, stopped, run
	calls   []Call // since the last report, the last MaxCalls of them

	trace [64 << 10]byte // the reporting goroutine's own
}

// A timer is one that was set. It is pending until its callback begins or it is stopped.
type timer struct {
	id       uint64
	delay    time.Duration
	due      time.Time
	returned eventloop.Timer // by SetTimeout; belongs to the goroutine that carries out orders
}

// place returns where t stands among the pending timers, or where it belongs, and
// whether it is there. It is called with s.mu held, as is remove.
func (s *stage) place(t *timer) (at int, found bool) {
	return slices.BinarySearchFunc(s.pending, t, func(a, b *timer) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.id, b.id))
	})
}

// remove takes t out, if it is there. It is nearly always the first, and then nothing
// moves: the figure of the loop includes what this costs.
func (s *stage) remove(t *timer) {
	at, found := s.place(t)
	switch {
	case found && at == 0:
		s.pending = s.pending[1:]
	case found:
		s.pending = slices.Delete(s.pending, at, at+1)
	}
}

// Main is the main of a lane's program, which the server writes and builds: one
// for each source. Its argument is the file whose lines the page shows. It runs the
// loop between standard input and output, and ends when its input does. What the
// loop itself prints goes to the error output.
func Main(newLoop func() eventloop.Loop) {
	// Ctrl-C in a terminal goes to every process in it, this one too. It is
	// ignored: the server is told as well, closes our input, and so ends us in
	// its own time.
	signal.Ignore(os.Interrupt)
	out := os.Stdout
	os.Stdout = os.Stderr
	if err := run(newLoop, os.Args[1], reportEvery, os.Stdin, out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run runs a loop, carries out the orders it reads from in, and writes reports to
// out again and again, until in ends. If that does not end the loop, it ends the process.
func run(newLoop func() eventloop.Loop, file string, every time.Duration, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	watchdog := time.AfterFunc(math.MaxInt64, func() {
		fmt.Fprintf(os.Stderr, "its Run did not return within %v of the end of its context, and was not waited for\n", Patience)
		os.Exit(1)
	})
	defer watchdog.Stop()
	orders := make(chan Order, maxOrders)
	go func() {
		err := read(in, orders)
		watchdog.Reset(Patience)
		cancel(err)
	}()

	loop := newLoop()
	m, err := newMeter(loop, time.Now())
	if err != nil {
		return err
	}
	s := &stage{loop: loop, file: file}
	go s.obey(orders) // the loop may keep it for ever
	var reporting sync.WaitGroup
	reporting.Go(func() { s.reportUntil(ctx, m, every, out) })
	if err := loop.Run(ctx); ctx.Err() == nil {
		return fmt.Errorf("the loop's Run returned (%w) before its context was done", cmp.Or(err, errors.New("nil")))
	}
	reporting.Wait()
	if err := context.Cause(ctx); err != errOrdersEnded {
		return err
	}
	return nil
}

// maxOrders is how many orders may wait. The reader never waits for the loop: it must
// see the end of its input whatever the loop does.
const maxOrders = 4096

// read reads orders until there are no more. It returns why.
func read(in io.Reader, orders chan<- Order) error {
	defer close(orders)
	lines := json.NewDecoder(in)
	for {
		var o Order
		if err := lines.Decode(&o); err == io.EOF {
			return errOrdersEnded
		} else if err != nil {
			return fmt.Errorf("can't read orders: %w", err)
		}
		select {
		case orders <- o:
		default:
			return fmt.Errorf("it has not got round to the last %d orders", maxOrders)
		}
	}
}

// obey carries out orders until there are no more.
func (s *stage) obey(orders <-chan Order) {
	for o := range orders {
		delay := time.Duration(o.Delay) * time.Millisecond
		for i := range o.Timers() {
			s.setTimeout(o.ID+uint64(i), delay+burst*time.Duration(i)/time.Duration(o.Count))
		}
		s.mu.Lock()
		var stopped []*timer
		switch o.Do {
		case DoStopNext:
			stopped = slices.Clone(s.pending[:min(1, len(s.pending))])
		case DoStopAll:
			stopped = slices.Clone(s.pending)
		}
		s.mu.Unlock()
		s.stop(stopped)
	}
}

func (s *stage) setTimeout(id uint64, delay time.Duration) {
	t := &timer{id: id, delay: delay, due: time.Now().Add(delay)}
	s.mu.Lock()
	at, _ := s.place(t)
	s.pending = slices.Insert(s.pending, at, t)
	s.events++
	s.mu.Unlock()
	t.returned = s.loop.SetTimeout(delay, func() { s.called(t) })
}

// called is the callback of t.
func (s *stage) called(t *timer) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(t)
	s.ran++
	s.events++
	s.calls = append(s.calls, Call{t.id, t.delay.Milliseconds(), millis(now), float64(now.Sub(t.due).Nanoseconds()) / 1e6})
	if len(s.calls) > MaxCalls {
		s.calls = slices.Delete(s.calls, 0, 1)
	}
}

func (s *stage) stop(timers []*timer) {
	for _, t := range timers {
		if t.returned == nil || !t.returned.Stop() { // a loop that is wrong returns nil
			continue
		}
		s.mu.Lock()
		s.remove(t)
		s.events++
		s.mu.Unlock()
	}
}

// reportUntil reports until ctx is done or nobody reads any more.
func (s *stage) reportUntil(ctx context.Context, m *meter, every time.Duration, out io.Writer) {
	buffered := bufio.NewWriter(out)
	lines := json.NewEncoder(buffered)
	ticker := time.NewTicker(every)
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
	stacks, busy := s.look()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	f := m.read(now, s.events, busy)
	r := Report{
		At: millis(now), CPU: f.cpu, Turns: f.turns, State: f.state,
		Pending: len(s.pending), Timers: []Timer{},
		Ran: s.ran, Calls: s.calls, Stacks: stacks,
	}
	for _, t := range s.pending[:min(maxFirst, len(s.pending))] {
		r.Timers = append(r.Timers, Timer{t.id, float64(t.due.Sub(now).Microseconds()) / 1000})
	}
	s.calls = nil
	return r
}

var (
	frame  = regexp.MustCompile(`(?m)^\t(.+\.go):(\d+)`)
	active = regexp.MustCompile(`^goroutine \d+ [^\[]*\[run(ning|nable)`)
)

// look asks the runtime about the loop's goroutines, and so works for any source. For
// each that is in the file whose lines the page shows, it returns the lines where it
// is, the innermost first. It also returns whether one of them is busy.
func (s *stage) look() (stacks [][]int, busy bool) {
	for range 3 {
		runtime.Gosched() // a loop that our own alarm has woken, since its own was due as well, falls asleep again
	}
	if runtime.NumGoroutine() > maxGoroutines {
		return nil, false
	}
	all := strings.Split(string(s.trace[:runtime.Stack(s.trace[:], true)]), "\n\n")
	for _, block := range all[1:] { // the first is our own
		busy = busy || active.MatchString(block)
		block, _, _ = strings.Cut(block, "\ncreated by ")
		var lines []int
		for _, f := range frame.FindAllStringSubmatch(block, -1) {
			if dir, name := path.Split(f[1]); path.Join(path.Base(dir), name) == s.file {
				line, _ := strconv.Atoi(f[2]) // digits
				lines = append(lines, line)
			}
		}
		if lines != nil {
			stacks = append(stacks, lines)
		}
	}
	return stacks, busy
}
