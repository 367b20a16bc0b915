package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"

	"example.com/eventloop/bench/live/lane"
)

// patience is how long a lane's process has to end once its input is closed,
// before it is killed. It ends within lane.Patience, unless a signal has stopped it.
const patience = lane.Patience + time.Second

// pollEvery is how often a lane looks whether its source has been saved.
var pollEvery = 300 * time.Millisecond

// lanes starts and ends the lanes' processes, gives them their orders and keeps
// their reports. A lane that is on follows its source: whenever a file is saved
// it is built, and if that goes well its process gives way to a new one. Its
// methods are safe for concurrent use.
type lanes struct {
	views []laneView // of lane 1 and so on

	mu      sync.Mutex // guards all below
	closed  bool
	nextID  uint64
	running []*follower // by number, from 1; nil where the lane is off
	news    []news      // by number, from 1
	done    []done      // the last maxDone
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
func newLanes(views []laneView) *lanes {
	l := &lanes{views: views, nextID: 1, running: make([]*follower, len(views)+1), news: make([]news, len(views)+1)}
	for n := range l.news {
		l.news[n] = news{Lane: n, Status: off}
	}
	return l
}

// start switches lane n on. If it is on already nothing happens.
func (l *lanes) start(n int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errors.New("the server is ending")
	}
	if l.running[n] != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := &follower{orders: make(chan lane.Order, 64), stop: cancel, done: make(chan struct{})}
	l.running[n] = f
	l.news[n].Status = starting
	go func() {
		defer close(f.done)
		defer cancel()
		l.follow(ctx, n, f)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.running[n] = nil
		l.news[n] = news{Lane: n, Status: off}
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
	for n := range l.running {
		stopped.Go(func() { l.stop(n) })
	}
	stopped.Wait()
}

// follow builds lane n whenever its source has changed and keeps a process of the
// last that could be built, until ctx is done. No process is left then.
func (l *lanes) follow(ctx context.Context, n int, f *follower) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	maker, seen := l.views[n-1].maker, ""
	var gone chan error // why the process has ended, then closed; nil if there is none
	end := func() {}
	defer func() { end() }()
	for {
		if print := maker.print(); print != seen {
			seen = print
			l.change(n, func(s *news) { s.Building = true })
			made, err := maker.build(ctx)
			if ctx.Err() != nil {
				return
			}
			if err == nil {
				end()
				l.change(n, func(s *news) {
					*s = news{Lane: n, Status: starting, Code: made.code.text, Built: time.Now().Format(time.TimeOnly), History: s.History}
				})
				running, stop := context.WithCancel(ctx)
				ended := make(chan error, 1)
				go func() {
					defer close(ended)
					ended <- l.run(running, n, made, f.orders)
				}()
				gone, end = ended, func() {
					stop()
					for range ended { // until it is closed
					}
				}
			} else {
				l.change(n, func(s *news) { s.Building, s.Problem = false, err.Error() })
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
			l.idle(n, f, fmt.Sprintf("Its process has ended: %v. Save its source, or switch it off and on, to start it anew.", why))
		case <-poll.C:
		}
	}
}

// idle notes that lane n has no process, and gets none before its source changes.
func (l *lanes) idle(n int, f *follower, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(f.orders) > 0 {
		<-f.orders // they were for the process that is gone
	}
	s := &l.news[n]
	s.Status, s.PID, s.Why, s.Report, s.Lit, s.Calls, s.Built = ended, 0, why, nil, nil, nil, ""
}

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
		if f == nil || l.news[n].Status == ended {
			continue
		}
		if len(f.orders) == cap(f.orders) {
			return fmt.Errorf("lane %d has not got round to the last %d orders yet: wait a moment", n, cap(f.orders))
		}
		receivers = append(receivers, f)
	}
	if receivers == nil {
		return errors.New("no loop is running: switch one on first")
	}
	l.nextID += uint64(o.Timers())
	for _, f := range receivers {
		f.orders <- o // there is room: only send fills it, and it holds l.mu
	}
	return nil
}

// run runs a process of lane n until ctx is done or it ends before, and returns why it
// ended. No process and no goroutine is left then.
func (l *lanes) run(ctx context.Context, n int, made program, orders <-chan lane.Order) error {
	cmd := exec.CommandContext(ctx, made.exe, made.code.file)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var said head
	cmd.Stderr = &said
	cmd.Cancel = stdin.Close // this is how a process is told to end
	cmd.WaitDelay = patience // and then it is killed
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("it can't be started: %w", err)
	}
	l.change(n, func(s *news) { s.PID = cmd.Process.Pid })

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
		l.report(n, r, made.code)
	}
	if ctx.Err() == nil {
		cmd.Process.Kill() // in case it goes on
	}
	stopWriting()
	err = cmd.Wait()
	writer.Wait()
	return cmp.Or(said.why(), err, errors.New("it was not told to"))
}

// A head is a writer that keeps the beginning of what is written to it.
type head []byte

const maxHead = 8 << 10

func (h *head) Write(b []byte) (int, error) {
	*h = append(*h, b[:min(len(b), maxHead-len(*h))]...)
	return len(b), nil
}

// why returns the line in which a Go program that crashes says why, or else the
// first, at a length that a page can show; nil if nothing was said.
func (h head) why() error {
	line, _, _ := strings.Cut(string(h), "\n")
	if line = strings.TrimSpace(fmt.Sprintf("%.300s", cmp.Or(string(crash.Find(h)), line))); line == "" {
		return nil
	}
	return errors.New(line)
}

var crash = regexp.MustCompile(`(?m)^(panic|fatal error|SIG[A-Z]+): .*$`)
