// Package attack tries to break an event loop, where package looptest asks
// whether it keeps its contract. It has four ways:
//
//   - Random programs (program.go) use a loop in ways that nobody would think of. A
//     reference model (model.go) judges each of their steps. A program that fails is
//     shrunk (shrink.go) and printed as a few lines of Go.
//   - Loads (load.go) set a million timers, or have callbacks that panic, and keep an
//     account of every callback (account.go). A soak (soak.go) does it all at once,
//     for an hour if you like.
//   - Bursts (memory.go) must leave no memory behind.
//   - One core (onecore.go) must be enough for the loop and its callers.
//
// To attack a loop of your own, put this into a _test.go file next to it, and leave
// out ProgramsVirtual unless your loop blocks:
//
//	func newLoop() eventloop.Loop { return New() }
//
//	func TestPrograms(t *testing.T)        { attack.Programs(t, newLoop) }
//	func TestProgramsVirtual(t *testing.T) { attack.ProgramsVirtual(t, newLoop) }
//	func TestLoad(t *testing.T)            { attack.Load(t, newLoop) }
//	func TestSoak(t *testing.T)            { attack.Soak(t, newLoop) }
//	func TestMemory(t *testing.T)          { attack.Memory(t, newLoop) }
//	func TestOneCore(t *testing.T)         { attack.OneCore(t, newLoop) }
//
// A loop whose panics have the texts of the stages also passes Texts.
//
// A test that imports this package has flags for longer attacks. With -v it tells
// every ten seconds how far it is:
//
//	go test -v -timeout=0 -run=Programs -programs=20000 -seed=2
//	go test -v -timeout=0 -run=Load -timers=10000000
//	go test -v -timeout=0 -run=Soak -soak=1h
//
// As in looptest, a failure is always a broken rule, however slow the machine. Only a
// loop that hangs, with nothing happening for five minutes, is given up.
package attack

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"example.com/eventloop"
)

var (
	programsFlag = flag.Int("programs", 0, "how many random programs Programs runs; ProgramsVirtual runs 25 times as many (default 100, with -short 20)")
	seedFlag     = flag.Uint64("seed", 1, "which random programs: the same seed gives the same")
	timersFlag   = flag.Int("timers", 0, "how many timers the largest load sets; the others follow (default 100000, with -short 10000)")
	soakFlag     = flag.Duration("soak", 0, "how long Soak soaks each loop (default 300ms, with -short one round)")
)

// size returns what a flag says. If it says nothing, that is the usual size, or the
// short one with -short.
func size(flag, usual, short int) int {
	switch {
	case flag > 0:
		return flag
	case testing.Short():
		return short
	}
	return usual
}

// telling returns a function that logs as t.Logf does, but once in ten seconds.
func telling(t *testing.T) func(format string, args ...any) {
	last := time.Now()
	return func(format string, args ...any) {
		t.Helper()
		if time.Since(last) > 10*time.Second {
			t.Logf(format, args...)
			last = time.Now()
		}
	}
}

// Programs runs random programs on the loops of newLoop in real time and reports the
// first that breaks a rule. It works for any loop.
//
// In real time a program does not determine what happens. The model accepts every
// order that its instants and the contract leave open.
func Programs(t *testing.T, newLoop func() eventloop.Loop) {
	t.Helper()
	tryPrograms(t, 1, func(p *program) *failure {
		return within(func() *failure { return p.execute(newLoop(), realTime) })
	})
}

// ProgramsVirtual does what Programs does inside [testing/synctest] bubbles, with
// loops that block both when idle and when a timer is pending. Time is exact there:
// a callback begins at the very instant at which it is due or the loop is free. A
// loop that was not woken is late by a nanosecond or more, and that is seen.
//
// newLoop is called inside the bubbles.
func ProgramsVirtual(t *testing.T, newLoop func() eventloop.Loop) {
	t.Helper()
	tryPrograms(t, 25, func(p *program) *failure { return virtually(t, p, newLoop) })
}

func tryPrograms(t *testing.T, times int, try func(*program) *failure) {
	t.Helper()
	begun, tell := time.Now(), telling(t)
	n := times * size(*programsFlag, 100, 20)
	i := 0
	p, f := first(n, *seedFlag, func(p *program) *failure {
		t.Helper()
		tell("%d of %d programs", i, n)
		i++
		return try(p)
	})
	if f != nil {
		t.Fatalf("program %d of seed %d breaks the contract.\n%s", i, *seedFlag, report(p, f, try))
	}
	t.Logf("%d programs, %.0f a second", n, float64(n)/time.Since(begun).Seconds())
}

// Texts sees that a wrong call panics with the text that the stages have. A rule asks
// only that there is a text: a loop of another make may have its own.
func Texts(t *testing.T, newLoop func() eventloop.Loop) {
	l := newLoop()
	panics := func(want string, call func()) {
		defer func() {
			if got := recover(); got != want {
				t.Errorf("it panics with %v, not with %q", got, want)
			}
		}()
		call()
	}
	var none context.Context
	panics("eventloop: nil context", func() { _ = l.Run(none) })
	panics("eventloop: nil callback", func() { l.CallSoon(nil) })
	panics("eventloop: nil callback", func() { l.SetTimeout(0, nil) })
	l.CallSoon(func() { _ = l.Run(t.Context()) })
	panics("eventloop: Run called while the loop is running", func() { _ = l.Run(t.Context()) })
}

// first returns the first of n random programs that fails, and how.
func first(n int, seed uint64, try func(*program) *failure) (*program, *failure) {
	r := rand.New(rand.NewPCG(seed, 0))
	for range n {
		p := random(r)
		if f := try(p); f != nil {
			return p, f
		}
	}
	return nil, nil
}

// report shrinks a program that fails and prints it, with what happened.
func report(p *program, f *failure, try func(*program) *failure) string {
	if !f.hung { // else it takes too long, each time
		p, f = shrink(p, f, try)
	}
	return fmt.Sprintf("%s\n\nThe shortest program found:\n\n%s\nWhat happened:\n\n%s", f.text, p, f.trace)
}

// virtually runs p in a bubble of its own.
func virtually(t *testing.T, p *program, newLoop func() eventloop.Loop) *failure {
	return within(func() (f *failure) {
		// Test panics where goroutines are left in the bubble, as they are if a Run
		// does not end. The model has said so before.
		defer func() {
			if r := recover(); r != nil && f == nil {
				f = &failure{text: fmt.Sprint(r)}
			}
		}()
		synctest.Test(t, func(*testing.T) { f = p.execute(newLoop(), bubble) })
		return f
	})
}

// patience is how long nothing may happen before a loop is given up. A program takes
// milliseconds.
const patience = 5 * time.Minute

// within runs f on a goroutine of its own, to be left behind if it hangs.
func within(f func() *failure) *failure {
	done := make(chan *failure, 1) // of capacity 1: nobody may be left to receive
	go func() {
		var failure *failure
		defer func() { done <- failure }() // also if a race ends the test and f with it
		failure = f()
	}()
	watchdog := time.NewTimer(patience)
	defer watchdog.Stop()
	select {
	case failure := <-done:
		return failure
	case <-watchdog.C:
		stacks := make([]byte, 1<<16)
		stacks = stacks[:runtime.Stack(stacks, true)]
		return &failure{hung: true, text: fmt.Sprintf("it has not ended after %v", patience), trace: string(stacks)}
	}
}

// A world is where a program runs: a bubble or real time.
type world struct {
	exact bool          // a loop that blocks is never late
	tick  time.Duration // the unit of delays
}

var (
	bubble   = world{true, time.Millisecond}
	realTime = world{false, 200 * time.Microsecond}
)

// wait waits until all goroutines are blocked, and reports whether that is certain.
func (w world) wait() bool {
	if w.exact {
		synctest.Wait()
	} else {
		runtime.Gosched()
	}
	return w.exact
}
