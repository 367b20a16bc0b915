package looptest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/eventloop"
)

// A Mode is a way of waiting, and with it what the waiting costs.
type Mode int

const (
	// Spins: goes round without pause. It costs all the CPU it can get.
	Spins Mode = iota + 1

	// Naps: sleeps for a while, looks whether there is anything to do, and
	// sleeps again. It costs less the longer it naps, and is the later for it.
	Naps

	// Blocks: sleeps until there is something to do. It costs nothing.
	Blocks
)

func (m Mode) String() string {
	switch m {
	case Spins:
		return "spins"
	case Naps:
		return "naps"
	case Blocks:
		return "blocks"
	}
	return fmt.Sprintf("Mode(%d)", int(m))
}

// Waiting is how a loop waits.
type Waiting struct {
	Idle    Mode // with no timer and no callback
	Pending Mode // with a timer that is not due for an hour
}

// String returns a verdict, as in
//
//	idle: blocks, timer pending: spins (waits like stage 2)
func (w Waiting) String() string {
	verdict := "waits like none of the stages"
	switch w {
	case Waiting{Spins, Spins}:
		verdict = "waits like stage 1"
	case Waiting{Blocks, Spins}:
		verdict = "waits like stage 2"
	case Waiting{Blocks, Blocks}:
		verdict = "waits like stage 3"
	}
	return fmt.Sprintf("idle: %v, timer pending: %v (%s)", w.Idle, w.Pending, verdict)
}

const (
	// How long the pending timer has to go.
	probeDelay = time.Hour

	// A loop that goes round so often in one instant, with nothing to do, is
	// not going to sleep.
	spinning = 10_000

	// A loop that has not gone round for so many ticks of real time seems to
	// sleep, and is put to the proof. To be wrong here is no wrong verdict: it
	// only makes a loop that spins harder to end.
	tick  = 10 * time.Millisecond
	quiet = 5

	// A loop that is not asleep at so many ticks in a row is not going to sleep.
	awakeTicks = 30
)

// Waits tells how the loops of newLoop wait. It needs no meter, and a busy
// machine does not change the answer.
//
// The proof is a clock that stands still. In a [testing/synctest] bubble time
// moves only while every goroutine of the bubble is blocked. So if an hour
// passes there, the loop has slept: it Blocks if it did not go round in the
// last half hour, and Naps if it did. If it goes round ten thousand times in a
// single instant with nothing to do, it Spins.
//
// How often it goes round is taken from Turns and from how often it looks at
// its context, whichever is more. Not proven, therefore, is that a loop Blocks
// which does neither when it looks, or naps for more than half an hour. And a
// goroutine that spins outside the bubble, one started before newLoop was
// called, is not seen at all.
//
// The test fails if neither can be shown: if the clock stands still and
// nothing goes round, as when the loop waits for something outside the bubble
// (a network, a mutex, a channel made before newLoop was called), or if the
// loop does not work, so that Run returns or the timer does not fire.
//
// For moments Waits sets GOMAXPROCS to 1 and then back again. It leaves nothing
// behind, also of a loop that ignores its context: its Run is ended by a callback
// that calls [runtime.Goexit]. What spins on even then nothing can end; after
// that a loop tried next has a core less, and no other verdict.
//
// newLoop is called inside the bubbles; Waits must not be.
func Waits(t *testing.T, newLoop func() eventloop.Loop) Waiting {
	t.Helper()
	needBubbles(t)
	idle, err := probe(t, newLoop, false)
	if err != nil {
		t.Fatalf("cannot tell how the loop waits when idle: %s", describe(idle, err))
	}
	pending, err := probe(t, newLoop, true)
	if err != nil {
		t.Fatalf("cannot tell how the loop waits when a timer is pending: %s", describe(pending, err))
	}
	return Waiting{Idle: idle, Pending: pending}
}

// describe completes a sentence with what probe returned.
func describe(mode Mode, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("the loop %v", mode)
}

// probe returns how a loop waits. With an error the mode is zero if it is not
// known, and set if the loop waits in that way but does not work.
func probe(t *testing.T, newLoop func() eventloop.Loop, pending bool) (Mode, error) {
	t.Helper()
	// Real time comes from out here: inside, the clock is the thing in question.
	ticks := make(chan struct{}) // of capacity 0: what is not taken in time is not saved up
	enough := make(chan struct{})
	defer close(enough)
	go func() {
		for {
			time.Sleep(tick)
			select {
			case ticks <- struct{}{}:
			case <-enough:
				return
			}
		}
	}()

	type result struct {
		mode Mode
		err  error
	}
	results := make(chan result, 2) // of capacity 2: nobody may be left to receive, and only the first counts
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() {
			if r := recover(); r != nil { // if there is a result, the loop has left goroutines behind
				results <- result{0, fmt.Errorf("the loop hangs: %s", strings.TrimPrefix(fmt.Sprint(r), "deadlock: "))}
			}
		}()
		synctest.Test(t, func(*testing.T) {
			defer func() {
				if r := recover(); r != nil {
					results <- result{0, fmt.Errorf("the loop panicked: %v", r)}
				}
			}()
			mode, err := probeInBubble(newLoop, pending, ticks)
			results <- result{mode, err}
		})
	}()
	select {
	case r := <-results:
		select {
		case <-ended:
		case <-time.After(patience / 2): // the loop has left a goroutine behind that spins
		}
		return r.mode, r.err
	case <-time.After(patience):
		return 0, fmt.Errorf("after %v its clock has not moved, and nothing shows that it spins", patience)
	}
}

func probeInBubble(newLoop func() eventloop.Loop, pending bool, ticks <-chan struct{}) (Mode, error) {
	l := newLoop()
	ctx, cancel := watch(context.Background())
	defer cancel()
	fired := newSignal()
	start := time.Now()
	if pending {
		l.SetTimeout(probeDelay, fired.give)
		l.SetTimeout(1000*probeDelay, func() {}) // lest it be idle at the end
	}
	ended := make(chan error, 1)
	go func() {
		err := errors.New("Run ended its goroutine")
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("Run panicked: %v", r)
			}
			ended <- err
		}()
		err = fmt.Errorf("Run returned %v", l.Run(ctx))
	}()
	firstTurn, firstLook := l.Turns(), ctx.looks.Load()
	rounds := func() uint64 { return max(l.Turns()-firstTurn, ctx.looks.Load()-firstLook) }

	// While we wait for something outside the bubble, its clock can't move. On one
	// core, lest the machine starve the loop and not us: then ticks would pass for
	// us in which it could not go round.
	release := onCores(1)
	defer func() { release() }()

	// spinsOn waits until the loop has ended or sleeps, and reports whether it
	// does neither.
	spinsOn := func() bool {
		for range awakeTicks {
			select {
			case err := <-ended:
				ended <- err
				return false
			case <-ticks:
				if is, _ := awake(); !is {
					return false
				}
			}
		}
		return true
	}
	finish := func(mode Mode, err error) (Mode, error) {
		release()
		release = onCores(1)
		cancel()
		if spinsOn() {
			go l.CallSoon(runtime.Goexit)
			spinsOn()
			return mode, errors.Join(err, errors.New("Run does not return, its context being done, but spins"))
		}
		select {
		case <-ended:
		case <-time.After(probeDelay):
			err = errors.Join(err, fmt.Errorf("Run had not returned %v after its context was done", probeDelay))
		}
		return mode, err
	}

	// First keep the clock from moving. If the loop spins it shows now, and can
	// still be ended from here.
	for last, still, busy := uint64(0), 0, 0; still < quiet; {
		<-ticks
		isAwake, err := awake()
		if err != nil {
			return finish(0, err)
		}
		switch n := rounds(); {
		case n > spinning:
			return finish(Spins, nil)
		case n != last:
			last, still, busy = n, 0, 0
		case !isAwake:
			still++
		case busy == awakeTicks:
			return finish(0, errors.New("the loop is never asleep, and yet neither Turns nor its looks at the context show that it goes round"))
		default:
			busy++
		}
		select {
		case err := <-ended:
			return 0, fmt.Errorf("%w before its context was done", err)
		default:
		}
	}
	release()

	// Now the proof: let the clock go. If the loop spins after all, it stands
	// still, and the loop's own looks at ctx will end it.
	mode := Blocks
	for step := time.Millisecond; mode == Blocks && time.Since(start) < probeDelay-1; step *= 2 {
		before := rounds()
		last := step > probeDelay/4
		if last {
			step = probeDelay - 1 - time.Since(start)
		}
		time.Sleep(step)
		switch n := rounds() - before; {
		case ctx.spun.Load():
			return finish(Spins, nil)
		case n > spinning, last && n > 0: // n > spinning: no need to see more of it
			mode = Naps
		}
	}
	if pending && mode == Blocks {
		time.Sleep(1 + probeDelay) // it may be late
		if !fired.given() {
			return finish(mode, fmt.Errorf("the callback of SetTimeout(%v) had not run after %v", probeDelay, time.Since(start)))
		}
	}
	select {
	case err := <-ended:
		return mode, fmt.Errorf("%w before its context was done", err)
	default:
	}
	return finish(mode, nil)
}

// bubble is a goroutine's state and the number of its bubble, in a stack trace. What
// else GOTRACEBACK and GODEBUG may put there, it leaves out.
var bubble = regexp.MustCompile(`(?m)^goroutine \d+ [^\n\[]*\[([^,\n\]]*)[^\n]*, synctest bubble (\d+)\b`)

// awake reports whether another goroutine of this bubble could go on at once.
func awake() (bool, error) {
	trace := make([]byte, 1<<20)
	trace = trace[:runtime.Stack(trace, true)]
	goroutines := bubble.FindAllSubmatch(trace, -1)
	first, _, _ := bytes.Cut(trace, []byte("\n"))
	if !bubble.Match(first) { // ours
		return false, fmt.Errorf("this release of Go writes its goroutine dumps in a form that looptest does not know: %q", first)
	}
	for _, g := range goroutines[1:] {
		if bytes.Equal(g[2], goroutines[0][2]) && bytes.HasPrefix(g[1], []byte("run")) { // running, runnable
			return true, nil
		}
	}
	return false, nil
}

var cores sync.Mutex // held while their number is ours

// onCores has goroutines run on n cores until release is called, once or more
// often.
func onCores(n int) (release func()) {
	cores.Lock()
	before := runtime.GOMAXPROCS(n)
	return sync.OnceFunc(func() {
		runtime.GOMAXPROCS(before)
		cores.Unlock()
	})
}

// A watchedContext counts how often it is looked at. If that is far too often
// in one instant it cancels itself. Nothing else could: in a bubble whose clock
// stands still no timer fires, and no one outside the bubble may cancel a
// context inside.
type watchedContext struct {
	context.Context
	cancel  func()
	looks   atomic.Uint64
	instant atomic.Int64  // of the last look, in Unix nanoseconds
	since   atomic.Uint64 // looks when the first of that instant came
	spun    atomic.Bool   // it has cancelled itself
}

func watch(parent context.Context) (*watchedContext, func()) {
	ctx, cancel := context.WithCancel(parent)
	return &watchedContext{Context: ctx, cancel: cancel}, cancel
}

func (c *watchedContext) look() {
	looks := c.looks.Add(1)
	now := time.Now().UnixNano()
	if c.instant.Swap(now) != now {
		c.since.Store(looks)
	} else if looks-c.since.Load() > 100*spinning && !c.spun.Swap(true) {
		c.cancel()
	}
}

func (c *watchedContext) Err() error {
	c.look()
	return c.Context.Err()
}

func (c *watchedContext) Done() <-chan struct{} {
	c.look()
	return c.Context.Done()
}
