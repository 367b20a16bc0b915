package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// stages is how many there are; their numbers are 1 to stages.
const stages = 3

// A status is what a lane's process is at.
type status string

const (
	off      status = "off"      // switched off, or not yet on
	starting status = "starting" // begun, has not reported yet
	on       status = "on"       // reports
	ended    status = "ended"    // ended without being told to
)

// patience is how long a stage's process has to end once its input is closed,
// before it is killed. (One that is stopped, as by SIGSTOP, never does.)
const patience = 2 * time.Second

// lanes starts and ends the stages' processes, gives them their orders and
// passes their reports on. Its methods are safe for concurrent use.
type lanes struct {
	command func(ctx context.Context, n int) *exec.Cmd
	feed    *feed

	mu      sync.Mutex // guards all below
	closed  bool
	nextID  uint64
	running [stages + 1]*process // by number; nil where none runs
}

// A process is one run of a stage's process.
type process struct {
	orders chan order // 64: a page's clicks while the process is busy; never blocks the sender
	stop   context.CancelFunc
	done   chan struct{} // closed when the process is gone
}

// newLanes returns lanes whose processes are all off. command makes the
// command that runs stage n, to be killed if ctx is done and it does not end.
func newLanes(command func(ctx context.Context, n int) *exec.Cmd) *lanes {
	return &lanes{command: command, feed: newFeed(), nextID: 1}
}

// errClosed is the answer to whoever comes while the server is ending.
var errClosed = errors.New("the server is ending")

// start switches stage n on. If it is on already nothing happens.
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
	p := &process{orders: make(chan order, 64), stop: cancel, done: make(chan struct{})}
	l.running[n] = p
	l.feed.setStatus(n, starting, 0, "")
	go func() {
		defer close(p.done)
		defer cancel()
		err := l.run(ctx, n, p)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.running[n] = nil
		if ctx.Err() != nil {
			l.feed.setStatus(n, off, 0, "")
		} else {
			l.feed.setStatus(n, ended, 0, err.Error())
		}
	}()
	return nil
}

// stop switches stage n off and returns when its process is gone. If it is
// off already nothing happens.
func (l *lanes) stop(n int) {
	l.mu.Lock()
	p := l.running[n]
	l.mu.Unlock()
	if p != nil {
		p.stop()
		<-p.done
	}
}

// close switches all stages off, for good.
func (l *lanes) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	var stopped sync.WaitGroup
	for n := 1; n <= stages; n++ {
		stopped.Go(func() { l.stop(n) })
	}
	stopped.Wait()
}

// send gives the order to every stage that is on. It does not wait for it to
// be carried out.
func (l *lanes) send(o order) error {
	if err := o.check(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.Do != doStop {
		o.ID = l.nextID
	}
	anyOn := false
	for n, p := range l.running {
		if p == nil {
			continue
		}
		if len(p.orders) == cap(p.orders) {
			return fmt.Errorf("stage %d has not got round to the last %d orders yet: wait a moment", n, cap(p.orders))
		}
		anyOn = true
	}
	if !anyOn {
		return errors.New("every stage is switched off: switch one on first")
	}
	l.nextID += uint64(o.callbacks())
	for _, p := range l.running {
		if p != nil {
			p.orders <- o // there is room: only send fills it, and it holds l.mu
		}
	}
	return nil
}

// run runs the process of stage n until ctx is done or it ends by itself, and
// returns why it ended. No process and no goroutine is left then.
func (l *lanes) run(ctx context.Context, n int, p *process) error {
	cmd := l.command(ctx, n)
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
	cmd.Cancel = stdin.Close // this is how a stage is told to end
	cmd.WaitDelay = patience // and then it is killed
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("can't be started: %w", err)
	}
	l.feed.setStatus(n, starting, cmd.Process.Pid, "")

	reading, stopWriting := context.WithCancel(ctx)
	var writer sync.WaitGroup
	writer.Go(func() {
		lines := json.NewEncoder(stdin)
		for {
			select {
			case o := <-p.orders:
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
		var r report
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
	case malformed != nil:
		return malformed
	case said.String() != "":
		return fmt.Errorf("%s", said.String())
	case err == nil:
		return errors.New("it ended by itself")
	default:
		return err
	}
}

// tail is a writer that keeps the first line written to it, which is where a
// Go program that crashes says why, up to a length that a page can show.
type tail struct{ bytes.Buffer }

const maxTail = 300

func (t *tail) Write(b []byte) (int, error) {
	if room := maxTail - t.Len(); room > 0 {
		t.Buffer.Write(b[:min(len(b), room)])
	}
	return len(b), nil
}

func (t *tail) String() string {
	line, _, _ := strings.Cut(t.Buffer.String(), "\n")
	return strings.TrimSpace(line)
}
