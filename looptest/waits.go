package looptest

import (
	"bytes"
	"cmp"
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
	if name, is := map[Mode]string{Spins: "spins", Naps: "naps", Blocks: "blocks"}[m]; is {
		return name
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
	verdict := cmp.Or(map[Waiting]string{
		{Spins, Spins}:   "waits like stage 1",
		{Blocks, Spins}:  "waits like stage 2",
		{Blocks, Blocks}: "waits like stage 3",
	}[w], "waits like none of the stages")
	return fmt.Sprintf("idle: %v, timer pending: %v (%s)", w.Idle, w.Pending, verdict)
}

const (
	// How long the pending timer has to go.
	probeDelay = time.Hour

	// A loop that is awake at so many ticks of real time in a row, with nothing to
	// do, is not going to sleep.
	tick       = 5 * time.Millisecond
	awakeTicks = 15

	// A loop that goes round so often while the clock moves naps. No need to see more
	// of it. One that looks at its context so often spins, and the clock stands still.
	napping  = 10_000
	spinning = 1_000_000
)

// Waits tells how the loops of newLoop wait. It needs no meter, and a busy
// machine does not change the answer.
//
// The proof is a clock that stands still. In a [testing/synctest] bubble time
// moves only while every goroutine of the bubble is blocked. So if an hour
// passes there, the loop has slept: it Blocks if it did not go round in the
// last half hour, and Naps if it did. If it is never asleep while the clock stands
// still and there is nothing to do, it Spins.
//
// How often it goes round is taken from Turns and from how often it looks at
// its context, whichever is more. Not proven, therefore, is that a loop Blocks
// which does neither when it looks, or naps for more than half an hour. And a
// goroutine that spins outside the bubble, one started before newLoop was
// called, is not seen at all.
//
// The test fails if neither can be shown: if the loop waits for something outside
// the bubble (a network, a mutex, a channel made before newLoop was called), or if
// it does not work, so that Run returns or the timer does not fire.
//
// For moments Waits sets GOMAXPROCS to 1 and then back again. It leaves nothing
// behind, also of a loop that ignores its context: its Run is ended by a callback
// that calls [runtime.Goexit]. What spins on even then nothing can end; after
// that a loop tried next has a core less, and no other verdict.
//
// newLoop is called inside the bubbles; Waits must not be.
func Waits(t *testing.T, newLoop func() eventloop.Loop) Waiting {
	t.Helper()
	var modes [2]Mode
	for i, when := range []string{"idle", "a timer is pending"} {
		mode, err := probe(t, newLoop, i == 1)
		if err != nil {
			t.Fatalf("cannot tell how the loop waits when %s: %s", when, describe(mode, err))
		}
		modes[i] = mode
	}
	return Waiting{Idle: modes[0], Pending: modes[1]}
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
	ticks := time.NewTicker(tick)
	defer ticks.Stop()

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
			mode, err := probeInBubble(newLoop, pending, ticks.C)
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

func probeInBubble(newLoop func() eventloop.Loop, pending bool, ticks <-chan time.Time) (Mode, error) {
	l := newLoop()
	parent, cancel := context.WithCancel(context.Background())
	defer cancel()
	ctx := &watchedContext{Context: parent, cancel: cancel}
	fired := newSignal()
	start := time.Now()
	if pending {
		l.SetTimeout(probeDelay, fired.give)
		l.SetTimeout(1000*probeDelay, func() {}) // so that it is not idle at the end
	}
	ended := make(chan struct{})
	how := "Run ended its goroutine" // valid when ended is closed
	go func() {
		defer close(ended)
		defer func() {
			if r := recover(); r != nil {
				how = fmt.Sprintf("Run panicked: %v", r)
			}
		}()
		how = fmt.Sprintf("Run returned %v", l.Run(ctx))
	}()

	// While we wait for something outside the bubble, its clock can't move. On one
	// core the loop is running or runnable if it is awake.
	staysAwake := func() (bool, error) {
		release := onCores(1)
		defer release()
		for range awakeTicks {
			runtime.Gosched() // to look may take longer than a tick, and the loop must get on
			select {
			case <-ended:
				return false, nil
			case <-ticks:
				if is, err := awake(); !is || err != nil {
					return false, err
				}
			}
		}
		return true, nil
	}
	finish := func(mode Mode, err error) (Mode, error) {
		cancel()
		if on, _ := staysAwake(); on {
			go l.CallSoon(runtime.Goexit)
			_, _ = staysAwake()
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
	if on, err := staysAwake(); err != nil {
		return finish(0, err)
	} else if on {
		return finish(Spins, nil)
	}

	// Now the proof: let the clock go. If the loop spins after all, it stands
	// still, and the loop's own looks at ctx will end it.
	mode := Blocks
	for step := time.Millisecond; mode == Blocks && time.Since(start) < probeDelay-1; step *= 2 {
		turns, looks := l.Turns(), ctx.looks.Load()
		ctx.most.Store(looks + spinning)
		last := step > probeDelay/4
		if last {
			step = probeDelay - 1 - time.Since(start)
		}
		time.Sleep(step)
		if parent.Err() != nil {
			return finish(Spins, nil)
		}
		// By its own count or by its looks, whichever is more.
		if n := max(l.Turns()-turns, ctx.looks.Load()-looks); n > napping || last && n > 0 {
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
	case <-ended:
		return mode, errors.New(how + " before its context was done")
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

// onCores has goroutines run on n cores until release is called.
func onCores(n int) (release func()) {
	cores.Lock()
	before := runtime.GOMAXPROCS(n)
	return func() {
		runtime.GOMAXPROCS(before)
		cores.Unlock()
	}
}

// A watchedContext counts how often it is looked at, and cancels itself if that is too
// often. Nothing else could: in a bubble whose clock stands still no timer fires, and
// nothing outside the bubble may cancel a context inside.
type watchedContext struct {
	context.Context
	cancel func()
	looks  atomic.Uint64
	most   atomic.Uint64 // looks that a loop may make that does not spin
}

func (c *watchedContext) look() {
	if c.looks.Add(1) == c.most.Load() {
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
