package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.com/eventloop/bench/live/lane"
)

// A status is what a lane's process is at.
type status string

const (
	off      status = "off"      // switched off, or not yet on
	starting status = "starting" // being built, or begun and has not reported yet
	on       status = "on"       // reports
	ended    status = "ended"    // ended without being told to, or could not be built
)

const (
	// patience is how long a lane's process has to end once its input is closed,
	// before it is killed. (One that is stopped, as by SIGSTOP, never does.)
	patience = 2 * time.Second

	// pollEvery is how often a lane looks whether its source has been saved.
	pollEvery = 300 * time.Millisecond

	// maxPrinted is what a loop may print, in bytes.
	maxPrinted = 1 << 20
)

// lanes starts and ends the lanes' processes, gives them their orders and passes
// their reports on. A lane that is on follows its source: whenever a file is saved
// it is built, and if that goes well its process gives way to a new one. Its
// methods are safe for concurrent use.
type lanes struct {
	makers []maker // of lane 1 and so on
	feed   *feed

	mu      sync.Mutex // guards all below
	closed  bool
	nextID  uint64
	running []*follower // by number, from 1; nil where the lane is off
}

// A maker makes a lane's programs.
type maker interface {
	// print returns what differs whenever there is something new to build.
	print() string
	// build returns the program and the lines that the page shows of it, or what
	// the compiler says.
	build(ctx context.Context) (program, string, error)
	// words is the stage whose words suit the loop, 0 if none do.
	words() int
}

// A follower is a lane that is on.
type follower struct {
	orders chan lane.Order // 64: a page's clicks while the process is busy; never blocks the sender
	stop   context.CancelFunc
	done   chan struct{} // closed when the process is gone
	idle   bool          // there is no process, nor will be before the source changes; guarded by lanes.mu
}

// newLanes returns lanes that are all off.
func newLanes(makers ...maker) *lanes {
	return &lanes{makers: makers, feed: newFeed(len(makers)), nextID: 1, running: make([]*follower, len(makers)+1)}
}

// errClosed is the answer to whoever comes while the server is ending.
var errClosed = errors.New("the server is ending")

// start switches lane n on. If it is on already nothing happens.
func (l *lanes) start(n int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errClosed
	}
	if l.running[n] != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := &follower{orders: make(chan lane.Order, 64), stop: cancel, done: make(chan struct{})}
	l.running[n] = f
	l.feed.setStatus(n, starting, 0, "")
	go func() {
		defer close(f.done)
		defer cancel()
		l.follow(ctx, n, f)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.running[n] = nil
		l.feed.setStatus(n, off, 0, "")
	}()
	return nil
}

// stop switches lane n off and returns when its process is gone. If it is
// off already nothing happens.
func (l *lanes) stop(n int) {
	l.mu.Lock()
	f := l.running[n]
	l.mu.Unlock()
	if f != nil {
		f.stop()
		<-f.done
	}
}

// close switches all lanes off, for good.
func (l *lanes) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	var stopped sync.WaitGroup
	for n := 1; n < len(l.running); n++ {
		stopped.Go(func() { l.stop(n) })
	}
	stopped.Wait()
}

// follow builds lane n whenever its source has changed and keeps a process of the
// last that could be built, until ctx is done. No process is left then.
func (l *lanes) follow(ctx context.Context, n int, f *follower) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	var run *process
	end := func() {
		if run != nil {
			run.stop()
			<-run.done
			run = nil
		}
	}
	defer end()
	gone := func() <-chan struct{} {
		if run == nil {
			return nil
		}
		return run.done
	}
	for seen := ""; ; {
		if print := l.makers[n-1].print(); print != seen {
			seen = print
			l.feed.setSource(n, func(s *built) { s.Building = true })
			made, code, err := l.makers[n-1].build(ctx)
			l.feed.setSource(n, func(s *built) {
				s.Building = false
				if err != nil && ctx.Err() == nil {
					s.Problem = err.Error()
				} else if err == nil {
					*s = built{Code: string(highlight(code)), At: lane.Millis(time.Now())}
				}
			})
			if err == nil {
				end()
				l.setIdle(f, false)
				run = l.begin(ctx, n, made, f.orders)
			} else if run == nil && ctx.Err() == nil {
				l.setIdle(f, true)
				l.feed.setStatus(n, ended, 0, "It could not be built.")
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-gone(): // it has ended by itself, and may be mended
			l.setIdle(f, true)
			l.feed.setStatus(n, ended, 0, fmt.Sprintf("Its process has ended: %v. Its timers are gone with it.", run.why))
			run = nil
		case <-poll.C:
		}
	}
}

// send gives the order to every lane that is on. It does not wait for it to
// be carried out.
func (l *lanes) send(o lane.Order) error {
	if err := o.Check(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.Do != lane.DoStop {
		o.ID = l.nextID
	}
	anyOn := false
	for n, p := range l.running {
		if p == nil || p.idle {
			continue
		}
		if len(p.orders) == cap(p.orders) {
			return fmt.Errorf("lane %d has not got round to the last %d orders yet: wait a moment", n, cap(p.orders))
		}
		anyOn = true
	}
	if !anyOn {
		return errors.New("no loop is running: switch one on first")
	}
	l.nextID += uint64(o.Callbacks())
	for _, p := range l.running {
		if p != nil && !p.idle {
			p.orders <- o // there is room: only send fills it, and it holds l.mu
		}
	}
	return nil
}

func (l *lanes) setIdle(f *follower, idle bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f.idle = idle
}

// A process is one run of a lane's program.
type process struct {
	stop context.CancelFunc
	done chan struct{} // closed when the process is gone
	why  error         // it ended, if nobody told it to; set when done is closed
}

// begin starts a process of lane n. Beside it another tells how the loop waits.
func (l *lanes) begin(ctx context.Context, n int, made program, orders <-chan lane.Order) *process {
	ctx, cancel := context.WithCancel(ctx)
	p := &process{stop: cancel, done: make(chan struct{})}
	l.feed.setStatus(n, starting, 0, "")
	go func() {
		defer close(p.done)
		defer cancel()
		var judging sync.WaitGroup
		judging.Go(func() {
			if verdict := judge(made(ctx, "waits")); ctx.Err() == nil {
				l.feed.setSource(n, func(s *built) { s.Verdict = verdict })
			}
		})
		p.why = l.run(ctx, n, made(ctx, "run", strconv.Itoa(l.makers[n-1].words())), orders)
		cancel()
		judging.Wait()
	}()
	return p
}

// run runs a process of lane n until ctx is done or it ends by itself, and
// returns why it ended. No process and no goroutine is left then.
func (l *lanes) run(ctx context.Context, n int, cmd *exec.Cmd, orders <-chan lane.Order) error {
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	said := tail{full: func() { cmd.Process.Kill() }}
	cmd.Stderr = &said
	var told time.Time
	cmd.Cancel = func() error { // this is how a process is told to end
		told = time.Now()
		return stdin.Close()
	}
	cmd.WaitDelay = patience // and then it is killed
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("it can't be started: %w", err)
	}
	l.feed.setStatus(n, starting, cmd.Process.Pid, "")

	reading, stopWriting := context.WithCancel(ctx)
	var writer sync.WaitGroup
	writer.Go(func() {
		lines := json.NewEncoder(stdin)
		for {
			select {
			case o := <-orders:
				if lines.Encode(o) != nil {
					return // it is gone, as the reader will find
				}
			case <-reading.Done():
				return
			}
		}
	})

	reports := json.NewDecoder(stdout)
	var malformed error
	for malformed == nil {
		var r lane.Report
		if err := reports.Decode(&r); err == nil {
			l.feed.addReport(n, r)
		} else if err != io.EOF && err != io.ErrUnexpectedEOF && ctx.Err() == nil {
			malformed = fmt.Errorf("what it says can't be read: %w", err)
			cmd.Process.Kill()
		} else {
			break
		}
	}
	stopWriting()
	err = cmd.Wait()
	writer.Wait()
	switch {
	case errors.As(err, new(*exec.ExitError)) && !told.IsZero() && time.Since(told) >= patience:
		l.feed.setSource(n, func(s *built) {
			s.Killed = fmt.Sprintf("The last process did not end within %v of being told to, and was killed: Run must return when its context is done.", patience)
		})
	case malformed != nil:
		return malformed
	case said.total > maxPrinted:
		return fmt.Errorf("it printed more than %d MB, and was stopped", maxPrinted>>20)
	case said.why() != "":
		return errors.New(said.why())
	case err != nil:
		return err
	}
	return errors.New("it ended by itself")
}

// judge runs a program that tells how a loop waits, and returns its verdict.
func judge(cmd *exec.Cmd) string {
	said := tail{full: func() { cmd.Process.Kill() }}
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.WaitDelay = patience
	err := cmd.Run()
	if verdict := verdictLine.FindString(said.String()); verdict != "" {
		return verdict
	}
	return cmp.Or(said.why(), fmt.Sprint(err))
}

var verdictLine = regexp.MustCompile(`(?m)^idle: .*$|cannot tell how .*$`)

// tail is a writer that keeps the beginning of what is written to it, and calls full
// when that is too much. (Its buffer is not embedded: that has a ReadFrom, which
// io.Copy prefers to Write and which knows no bound.)
type tail struct {
	kept  bytes.Buffer
	total int
	full  func()
}

const maxTail = 8 << 10

func (t *tail) String() string { return t.kept.String() }

func (t *tail) Write(b []byte) (int, error) {
	if room := maxTail - t.kept.Len(); room > 0 {
		t.kept.Write(b[:min(len(b), room)])
	}
	if t.total += len(b); t.total > maxPrinted && t.total-len(b) <= maxPrinted {
		t.full()
	}
	return len(b), nil
}

// why returns the line in which a Go program that crashes says why, or else the
// first, at a length that a page can show.
func (t *tail) why() string {
	line, _, _ := strings.Cut(t.String(), "\n")
	return strings.TrimSpace(fmt.Sprintf("%.300s", cmp.Or(crash.FindString(t.String()), line)))
}

var crash = regexp.MustCompile(`(?m)^(panic|fatal error|SIG[A-Z]+): .*$`)
