package attack

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// A machine executes a program and tells the model what happens.
type machine struct {
	world world
	loop  eventloop.Loop
	model *model
	names map[int]string // of the callbacks

	others sync.WaitGroup // goroutines of the program
	count  atomic.Int64   // how many of them there are

	mu     sync.Mutex // guards the rest
	timers map[int]*call
	run    *run
	cancel context.CancelCauseFunc
	ended  chan struct{} // closed when that Run has ended; nil before the first
}

// execute runs the program, and then all that is still pending. It returns the first
// broken rule, or nil.
func (p *program) execute(loop eventloop.Loop, w world) *failure {
	m := &machine{
		world:  w,
		loop:   loop,
		model:  &model{start: time.Now(), exact: w.exact},
		names:  p.names(),
		timers: make(map[int]*call),
	}
	m.do(p.body, nil)
	if m.drain(); m.model.result() != nil {
		return m.model.result() // a broken loop may go on, and add goroutines while others are waited for
	}
	m.others.Wait()
	// The loop is at rest, so each answer of Stop is known: true if the callback has not
	// begun and was not stopped before.
	for _, c := range m.timers {
		m.stop(c, false)
	}
	return m.model.result()
}

// do executes steps, in the callback of self, or elsewhere if self is nil.
func (m *machine) do(body []*step, self *call) {
	for _, s := range body {
		switch s.kind {
		case setTimeout:
			m.setTimeout(s)
		case callSoon:
			c := &call{name: m.names[s.id]}
			m.model.adds(c)
			m.loop.CallSoon(m.callback(c, s.body))
			m.model.added(c)
		case stop:
			m.mu.Lock()
			c := m.timers[s.id]
			m.mu.Unlock()
			if c != nil {
				m.stop(c, self == nil)
			}
		case sleep:
			time.Sleep(s.delay.in(m.world))
		case cancel:
			m.cancelRun()
		case spawn:
			m.spawn(s.body)
		case start:
			m.start()
		case wait:
			if m.world.wait() {
				m.model.idle()
			}
		case panics:
			panic(self.name)
		case goexit:
			runtime.Goexit()
		}
	}
}

func (m *machine) setTimeout(s *step) {
	delay := s.delay.in(m.world)
	c := &call{name: m.names[s.id], timer: true, delay: delay}
	m.model.adds(c)
	c.stop = m.loop.SetTimeout(delay, m.callback(c, s.body)).Stop
	m.model.added(c)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.timers[s.id] = c
}

// callback returns the callback of c, which does what body says.
func (m *machine) callback(c *call, body []*step) func() {
	return func() {
		m.model.begins(c)
		exited := true
		defer func() {
			panicked := recover()
			m.model.ends(c, panicked, exited && panicked == nil)
			if panicked != nil {
				panic(panicked)
			}
		}()
		m.do(body, c)
		exited = false
	}
}

func (m *machine) stop(c *call, between bool) {
	before := m.model.stops(c)
	m.model.stopped(c, c.stop(), before, between)
}

func (m *machine) spawn(body []*step) {
	m.count.Add(1)
	m.others.Go(func() {
		defer m.count.Add(-1)
		m.do(body, nil)
	})
}

// start calls Run on a goroutine of its own, unless a Run goes on. Only the
// goroutine that made the loop calls it.
func (m *machine) start() {
	if m.running() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	ctx, cancel := context.WithCancelCause(context.Background())
	r := &run{cause: errors.New("cancelled on purpose"), allowed: -1}
	ended := make(chan struct{})
	m.run, m.cancel, m.ended = r, cancel, ended
	go func() {
		defer close(ended)
		var err error
		exited := true
		defer func() {
			panicked := recover()
			m.model.ran(r, err, panicked, exited && panicked == nil)
		}()
		m.model.runs(r)
		err = m.loop.Run(ctx)
		exited = false
	}()
}

func (m *machine) running() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended == nil {
		return false
	}
	select {
	case <-m.ended:
		return false
	default:
		return true
	}
}

// cancelRun cancels the context of the last Run.
func (m *machine) cancelRun() {
	m.mu.Lock()
	r, cancel := m.run, m.cancel
	m.mu.Unlock()
	if r != nil {
		m.model.cancels(r)
		cancel(r.cause)
		m.model.cancelled(r)
	}
}

// drain runs the loop until all that is due within an hour has run. Each callback can end
// a Run once.
func (m *machine) drain() {
	for m.model.result() == nil {
		busy := m.count.Load() > 0
		last, pending := m.model.next()
		if !busy && !pending {
			break
		}
		m.start()
		pause := 50 * time.Microsecond
		if m.world.exact {
			pause = max(last-time.Since(m.model.start), time.Millisecond)
		}
		time.Sleep(pause)
		if m.world.wait() {
			m.model.idle()
		}
	}
	if m.running() {
		m.cancelRun()
		if m.world.wait() {
			m.model.idle()
		}
		if m.model.result() == nil {
			<-m.ended
		}
	}
}
