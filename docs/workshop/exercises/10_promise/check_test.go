package promise_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	promise "example.com/eventloop/docs/workshop/exercises/10_promise"
	"example.com/eventloop/docs/workshop/exercises/internal/checks"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rules are what a promise promises.
var rules = []struct {
	name, text string
	test       func(*trial)
}{
	{"ThenBefore", "Then's function is called with the value when there is one", thenBefore},
	{"ThenAfter", "Then's function is called even if the value has come before", thenAfter},
	{"NeverInThen", "a function is never called before Then returns", neverInThen},
	{"NeverInResolve", "a function is called by the loop, and by no other goroutine", neverInResolve},
	{"OnlyOnce", "only the first value counts", onlyOnce},
	{"InOrder", "functions are called in the order in which they were added", inOrder},
	{"Map", "Map's promise has what its function makes of the value", mapped},
	{"Await", "Await returns the value, on a goroutine that is not the loop's", await},
}

func TestCheck(t *testing.T) {
	for _, rule := range rules {
		checks.Try(t, rule.name, rule.text, func(c *checks.Trial) { rule.test(&trial{c}) })
	}
	t.Run("InOrderAtOnce", inOrderAtOnce) // in real time
}

// A trial is one rule being tried. Its notes are the values with which functions were called.
type trial struct{ *checks.Trial }

func (c *trial) note(value int) { c.Note(value) }

// run runs the loop until it has nothing more to do.
func (c *trial) run() { checks.RunFor(c.Loop, time.Hour) }

func (c *trial) want(what, values string) { c.Want(what+": functions were called with", values) }

func thenBefore(c *trial) {
	p, resolve := promise.New[int](c.Loop)
	p.Then(c.note)
	c.run()
	c.want("before resolve", "")
	resolve(7)
	c.run()
	c.want("after resolve(7)", "7")
}

func thenAfter(c *trial) {
	p, resolve := promise.New[int](c.Loop)
	resolve(7)
	p.Then(c.note)
	c.run()
	c.want("resolve(7), Then", "7")
}

func neverInThen(c *trial) {
	p, resolve := promise.New[int](c.Loop)
	resolve(7)
	p.Then(c.note)
	synctest.Wait()
	c.want("Then has returned, and the loop does not run", "")
	c.Loop.CallSoon(func() {
		p.Then(c.note)
		c.note(-1)
	})
	c.run()
	c.want("-1 marks where a second Then returned", "7, -1, 7")
}

func neverInResolve(c *trial) {
	p, resolve := promise.New[int](c.Loop)
	p.Then(c.note)
	resolve(7)
	synctest.Wait()
	c.want("resolve has returned, and the loop does not run", "")
	c.run()
	c.want("when the loop has run", "7")
}

func onlyOnce(c *trial) {
	p, resolve := promise.New[int](c.Loop)
	p.Then(c.note)
	resolve(7)
	resolve(8)
	p.Then(c.note)
	c.run()
	c.want("Then, resolve(7), resolve(8), Then", "7, 7")
}

func inOrder(c *trial) {
	p, resolve := promise.New[int](c.Loop)
	for i := range 3 {
		p.Then(func(int) { c.note(i) })
	}
	c.Loop.CallSoon(func() { resolve(7) })
	c.Loop.CallSoon(func() { p.Then(func(int) { c.note(3) }) })
	c.run()
	c.want("Then for 0, 1, 2, resolve, Then for 3", "0, 1, 2, 3")
}

// A slow loop lets another goroutine go on while CallSoon is called.
type slow struct {
	eventloop.Loop
	during func()
}

func (l *slow) CallSoon(callback func()) {
	if l.during != nil {
		go l.during()
		l.during = nil
		time.Sleep(20 * time.Millisecond) // no limit: if the other is slower, nothing is seen
	}
	l.Loop.CallSoon(callback)
}

// While resolve hands over the functions that wait, another goroutine calls Then.
func inOrderAtOnce(t *testing.T) {
	loop := &slow{Loop: event.New()}
	p, resolve := promise.New[int](loop)
	order := make(chan int, 2)
	added := make(chan struct{})
	p.Then(func(int) { order <- 1 })
	loop.during = func() {
		p.Then(func(int) { order <- 2 })
		close(added)
	}
	resolve(7)
	if loop.during != nil {
		return // CallSoon was not called, which another rule says
	}
	<-added
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	loop.CallSoon(cancel)
	_ = loop.Run(ctx)
	if first := <-order; first != 1 {
		t.Error("\nseen: Then was called on another goroutine while resolve was handing over what waits, and its function was called first\nrule: functions are called in the order in which they were added, also by several goroutines at once")
	}
}

func mapped(c *trial) {
	p, resolve := promise.New[string](c.Loop)
	promise.Map(promise.Map(p, func(s string) int { return len(s) }), func(n int) int { return 10 * n }).Then(c.note)
	resolve("abc")
	c.run()
	c.want(`Map to its length, Map to ten times that, resolve("abc")`, "30")
}

func await(c *trial) {
	p, resolve := promise.New[int](c.Loop)
	awaited := make(chan int, 1)
	go func() { awaited <- p.Await() }()
	c.Loop.SetTimeout(time.Minute, func() { resolve(7) })
	c.run()
	select {
	case value := <-awaited:
		c.note(value)
	default:
		resolve(7)
		c.run()
	}
	c.want("Await, resolve(7) a minute later", "7")
}
