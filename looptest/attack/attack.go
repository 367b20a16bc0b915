// Package attack tries to break an event loop, where package looptest asks
// whether it keeps its word. It has three ways:
//
//   - Random programs (program.go) that use a loop in ways nobody would think
//     of, each step of which is held against a reference model (model.go). One
//     that fails is shrunk (shrink.go) and printed as a few lines of Go.
//   - Sweeps (sweep.go), which add something at about every nanosecond of the
//     moment in which a loop falls asleep: there the wake-ups get lost that are the
//     hardest to find.
//   - Load and faults (load.go, faults.go, soak.go): a million timers, callbacks
//     that panic, an hour of all at once, with an account of every callback.
//
// To attack a loop of your own, put this into a _test.go file next to it:
//
//	func TestAttack(t *testing.T) {
//		attack.Run(t, func() eventloop.Loop { return New() }, attack.Budget{Programs: 1000, Seed: 1})
//	}
//
// As in looptest, a failure is always a broken rule, however slow the machine: only
// what hangs, with nothing happening for five minutes, is given up. (In a bubble of
// testing/synctest, where time stands still while anybody works, “late” is no
// matter of speed.)
package attack

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"example.com/eventloop"
)

// A Budget is how many random programs to run, and which.
type Budget struct {
	Programs int
	Seed     uint64 // the same seed gives the same programs
}

// Run runs random programs on the loops of newLoop in real time and reports the
// first that breaks a rule. It works for any loop.
//
// In real time a program does not determine what happens. The model accepts
// every order that its instants and the contract leave open.
func Run(t *testing.T, newLoop func() eventloop.Loop, b Budget) {
	t.Helper()
	if failure := b.spend(func(p *program) *failure {
		return within(func() *failure { return p.execute(newLoop(), realTime{}) })
	}); failure != "" {
		t.Fatal(failure)
	}
}

// RunVirtual does what Run does inside [testing/synctest] bubbles, with loops
// that block both when idle and when a timer is pending. Time is exact there: a
// callback begins at the very instant it is due or the loop is free, and nothing
// that is due can be seen not to have run.
//
// newLoop is called inside the bubbles.
func RunVirtual(t *testing.T, newLoop func() eventloop.Loop, b Budget) {
	t.Helper()
	if failure := b.spend(func(p *program) *failure { return virtually(t, p, newLoop) }); failure != "" {
		t.Fatal(failure)
	}
}

// spend tries one program after the other, and returns a report of the first
// that fails.
func (b Budget) spend(try func(*program) *failure) string {
	p, f, i := b.first(try)
	if f == nil {
		return ""
	}
	return fmt.Sprintf("program %d of seed %d breaks the contract.\n%s", i, b.Seed, report(p, f, try))
}

// first returns the first program that fails, how, and which it is.
func (b Budget) first(try func(*program) *failure) (*program, *failure, int) {
	random := rand.New(rand.NewPCG(b.Seed, 0))
	bytes := make([]byte, maxBytes)
	for i := range b.Programs {
		for j := range bytes {
			bytes[j] = byte(random.Uint32())
		}
		p := decode(bytes[:8+random.IntN(maxBytes-8)])
		if f := try(p); f != nil {
			return p, f, i
		}
	}
	return nil, nil, 0
}

// report shrinks a program that fails and prints it, with what happened.
func report(p *program, f *failure, try func(*program) *failure) string {
	if !f.hung { // else it takes too long, each time
		p, f = shrink(p, f, try)
		// With its steps numbered anew; and the story told with these numbers.
		for range shrinkTries {
			if g := try(renumber(p)); g != nil {
				p, f = renumber(p), g
				break
			}
		}
	}
	return fmt.Sprintf("%s\n\nThe shortest program found:\n\n%s\nWhat happened:\n\n%s", f.text, p, f.trace)
}

// virtually runs p in a bubble of its own.
func virtually(t *testing.T, p *program, newLoop func() eventloop.Loop) *failure {
	return within(func() (f *failure) {
		// Test panics where goroutines are left in the bubble, as they are if
		// a Run does not end. The model has said so before.
		defer func() {
			if r := recover(); r != nil && f == nil {
				f = &failure{text: fmt.Sprint(r)}
			}
		}()
		synctest.Test(t, func(*testing.T) { f = p.execute(newLoop(), bubble{}) })
		return f
	})
}

// patience is when to give up on what hangs. A program takes milliseconds.
const patience = 5 * time.Minute

// within runs f on a goroutine of its own, to be left behind if it hangs.
func within(f func() *failure) *failure {
	done := make(chan *failure, 1) // of capacity 1: nobody may be left to receive
	go func() { done <- f() }()
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

// A world is where a program runs.
type world interface {
	// wait waits until nobody has anything to do, and reports whether that is
	// certain.
	wait() bool

	// exact reports whether a loop that blocks is never late.
	exact() bool

	// tick is the unit of delays.
	tick() time.Duration
}

type bubble struct{}

func (bubble) wait() bool          { synctest.Wait(); return true }
func (bubble) exact() bool         { return true }
func (bubble) tick() time.Duration { return time.Millisecond }

type realTime struct{}

func (realTime) wait() bool          { runtime.Gosched(); return false }
func (realTime) exact() bool         { return false }
func (realTime) tick() time.Duration { return 200 * time.Microsecond }
