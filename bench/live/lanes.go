package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"example.com/eventloop/bench/live/lane"
)

const (
	// patience is how long a lane's process has to end once its input is closed,
	// before it is killed. It ends of itself in lane.Patience, but for one that is
	// stopped, as by SIGSTOP.
	patience = lane.Patience + time.Second

	// pollEvery is how often a lane looks whether its source has been saved.
	pollEvery = 300 * time.Millisecond
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
	// print returns a text that differs whenever there is something new to build.
	print() string
	// build returns a program, or what the compiler says.
	build(ctx context.Context) (program, error)
}

// A follower is a lane that is on.
type follower struct {
	orders chan lane.Order // 64: a page's clicks while the process is busy; never blocks the sender
	stop   context.CancelFunc
	done   chan struct{} // closed when the process is gone
}

// newLanes returns lanes that are all off.
func newLanes(makers ...maker) *lanes {
	return &lanes{makers: makers, feed: newFeed(len(makers)), nextID: 1, running: make([]*follower, len(makers)+1)}
}

// errClosed is the answer to a request that comes while the server is ending.
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
	l.feed.change(n, func(s *news) { *s = news{Lane: n, Status: starting} })
	go func() {
		defer close(f.done)
		defer cancel()
		l.follow(ctx, n, f)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.running[n] = nil
		l.feed.change(n, func(s *news) { *s = news{Lane: n, Status: off} })
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
	maker, seen := l.makers[n-1], ""
	var stop context.CancelFunc
	var gone chan error             // why the process has ended; nil if there is none
	end := func() (killed string) { // and says how, if not as it should have
		if gone != nil {
			stop()
			if why := <-gone; why != nil {
				killed = why.Error()
			}
			gone = nil
		}
		return killed
	}
	defer end()
	for {
		if print := maker.print(); print != seen {
			seen = print
			l.feed.change(n, func(s *news) { s.Building = true })
			made, err := maker.build(ctx)
			if ctx.Err() != nil {
				return
			}
			if err == nil {
				killed := end()
				l.feed.change(n, func(s *news) {
					*s = news{Lane: n, Status: starting, Code: made.code.text, Built: time.Now().Format(time.TimeOnly), Killed: killed, History: s.History}
				})
				running, cancel := context.WithCancel(ctx)
				ended := make(chan error, 1)
				stop, gone = cancel, ended
				go func() {
					defer cancel()
					ended <- l.run(running, n, made, f.orders)
				}()
			} else {
				l.feed.change(n, func(s *news) { s.Building, s.Problem = false, err.Error() })
				if gone == nil {
					l.idle(n, f, "It could not be built.")
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case why := <-gone: // nobody told it to, and it may be mended
			gone = nil
			l.idle(n, f, fmt.Sprintf("Its process has ended: %v. Its timers are gone with it.", why))
		case <-poll.C:
		}
	}
}

// idle says that lane n has no process, nor will have one before its source changes.
func (l *lanes) idle(n int, f *follower, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(f.orders) > 0 {
		<-f.orders // they were for the process that is gone
	}
	l.feed.change(n, func(s *news) {
		s.Status, s.PID, s.Why, s.Report, s.Lit, s.Calls, s.Built = ended, 0, why, nil, nil, nil, ""
	})
}

// errNothingRuns is an ordinary refusal.
var errNothingRuns = errors.New("no loop is running: switch one on first")

// send gives the order to every lane that is on. It does not wait for it to
// be carried out.
func (l *lanes) send(o lane.Order) error {
	if err := o.Check(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	o.ID = l.nextID
	var receivers []*follower
	for n, f := range l.running {
		if f == nil || l.feed.lane(n).Status == ended {
			continue
		}
		if len(f.orders) == cap(f.orders) {
			return fmt.Errorf("lane %d has not got round to the last %d orders yet: wait a moment", n, cap(f.orders))
		}
		receivers = append(receivers, f)
	}
	if receivers == nil {
		return errNothingRuns
	}
	l.nextID += uint64(o.Timers())
	for _, f := range receivers {
		f.orders <- o // there is room: only send fills it, and it holds l.mu
	}
	return nil
}

// run runs a process of lane n until ctx is done or it ends by itself, and
// returns why it ended, nil if it was told to. No process and no goroutine is left then.
func (l *lanes) run(ctx context.Context, n int, made program, orders <-chan lane.Order) error {
	cmd := made.start(ctx, made.code.file)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var said tail
	cmd.Stderr = &said
	cmd.Cancel = stdin.Close // this is how a process is told to end
	cmd.WaitDelay = patience // and then it is killed
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("it can't be started: %w", err)
	}
	l.feed.change(n, func(s *news) { s.PID = cmd.Process.Pid })

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
	for {
		var r lane.Report
		if reports.Decode(&r) != nil {
			break // it has ended, or says what it should not
		}
		l.feed.report(n, r, made.code)
	}
	if ctx.Err() == nil {
		cmd.Process.Kill() // in case it goes on
	}
	stopWriting()
	err = cmd.Wait()
	writer.Wait()
	switch {
	case ctx.Err() != nil && cmd.ProcessState.Success():
		return nil
	case ctx.Err() != nil && cmd.ProcessState.ExitCode() < 0:
		return errors.New("it did not end when told to, and was killed")
	}
	return cmp.Or(said.why(), err, errors.New("it ended by itself"))
}

// A tail is a writer that keeps the beginning of what is written to it. (Its buffer is
// not embedded: that has a ReadFrom, which io.Copy prefers to Write.)
type tail struct{ kept bytes.Buffer }

const maxTail = 8 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.kept.Write(b[:min(len(b), maxTail-t.kept.Len())])
	return len(b), nil
}

// why returns the line in which a Go program that crashes says why, or else the
// first, at a length that a page can show; nil if nothing was said.
func (t *tail) why() error {
	line, _, _ := strings.Cut(t.kept.String(), "\n")
	if line = strings.TrimSpace(fmt.Sprintf("%.300s", cmp.Or(crash.FindString(t.kept.String()), line))); line == "" {
		return nil
	}
	return errors.New(line)
}

var crash = regexp.MustCompile(`(?m)^(panic|fatal error|SIG[A-Z]+): .*$`)
