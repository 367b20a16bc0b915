package attack

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"example.com/eventloop"
)

// A machine executes a program and tells the model what happens.
type machine struct {
	world world
	loop  eventloop.Loop
	model *model
	names map[int]string // of the callbacks

	mu     sync.Mutex // guards what follows
	timers map[int]*timer
	run    *run
	cancel context.CancelCauseFunc
	ended  chan struct{} // closed when that Run has ended; nil before the first

	others sync.WaitGroup // goroutines of the program
	count  int            // how many of them there are
	runs   int            // how many Runs there were
}

// A timer is one that SetTimeout has returned.
type timer struct {
	eventloop.Timer
	call *call
}

// execute runs the program, and then whatever is still pending, and returns
// the first broken rule, or nil.
func (p *program) execute(loop eventloop.Loop, w world) *failure {
	m := &machine{
		world:  w,
		loop:   loop,
		model:  &model{start: time.Now(), exact: w.exact()},
		names:  p.names(),
		timers: make(map[int]*timer),
	}
	m.do(p.body, nil)
	m.drain()
	m.stopRest()
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
			t := m.timers[s.id]
			m.mu.Unlock()
			if t != nil {
				m.stop(t, self == nil)
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
		case runAgain:
			m.runAgain()
		case panics:
			panic(self)
		case goexit:
			runtime.Goexit()
		}
	}
}

func (m *machine) setTimeout(s *step) {
	delay := s.delay.in(m.world)
	c := &call{name: m.names[s.id], timer: true, delay: delay}
	m.model.adds(c)
	t := &timer{m.loop.SetTimeout(delay, m.callback(c, s.body)), c}
	m.model.added(c)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.timers[s.id] = t
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

func (m *machine) stop(t *timer, between bool) {
	before := m.model.stops(t.call)
	m.model.stopped(t.call, t.Stop(), before, between)
}

func (m *machine) spawn(body []*step) {
	m.mu.Lock()
	m.count++
	m.mu.Unlock()
	m.others.Go(func() {
		m.do(body, nil)
		m.mu.Lock()
		m.count--
		m.mu.Unlock()
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
	m.runs++
	ctx, cancel := context.WithCancelCause(context.Background())
	r := &run{cause: fmt.Errorf("cancelled: Run %d", m.runs), allowed: -1}
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

// runAgain calls Run in a callback.
func (m *machine) runAgain() {
	defer func() {
		if recover() == nil {
			m.model.mu.Lock()
			defer m.model.mu.Unlock()
			m.model.breaks("Run panics if the loop is running", "a second Run returned")
		}
	}()
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // lest a loop that does not panic keep us here
	_ = m.loop.Run(ctx)
}

// drain runs the loop until nothing is pending but what is not due for an
// hour. Each callback can end a Run once.
func (m *machine) drain() {
	for m.model.result() == nil {
		m.mu.Lock()
		busy := m.count > 0
		m.mu.Unlock()
		last, pending := m.model.next()
		if !busy && !pending {
			break
		}
		m.start()
		pause := 50 * time.Microsecond
		if m.world.exact() {
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
	m.others.Wait()
}

// stopRest stops every timer there was, when the loop is at rest. So each answer
// is known: true if it has not begun and was not stopped before.
func (m *machine) stopRest() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.timers {
		m.stop(t, false)
	}
}
