// Package checks is what the checks of several exercises share.
package checks

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/eventloop"
	event "example.com/eventloop/stage3_event"
)

// Start runs a loop on a goroutine of its own. To call end is to end the loop, and to wait
// until Run has returned.
func Start(l eventloop.Loop) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = l.Run(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}

// RunFor runs a loop for d.
func RunFor(l eventloop.Loop, d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	_ = l.Run(ctx)
}

// Goroutines returns how many goroutines there are. To read the statistics of the memory
// stops all of them. Without that, one that has just ended might be counted.
func Goroutines() int {
	runtime.ReadMemStats(new(runtime.MemStats))
	return runtime.NumGoroutine()
}

// A Trial is one rule being tried on what is built on a loop.
type Trial struct {
	*testing.T
	Stage3 *event.Loop
	Loop   *Watched // the same loop, for the learner's code

	rule  string
	begin time.Time
	mu    sync.Mutex // guards notes
	notes []string
}

// Try tries a rule in a bubble: time moves only while all goroutines sleep, so nothing is
// late there, and every instant is exact.
func Try(t *testing.T, name, rule string, try func(*Trial)) (kept bool) {
	return t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			stage3 := event.New()
			try(&Trial{T: t, Stage3: stage3, Loop: &Watched{Loop: stage3}, rule: rule, begin: time.Now()})
		})
	})
}

// Since is the time since the trial began.
func (c *Trial) Since() time.Duration { return time.Since(c.begin) }

// Broken says that the rule is broken, and what was seen.
func (c *Trial) Broken(seen string, args ...any) {
	c.Errorf("\nseen: "+seen+"\nrule: %s", append(args, c.rule)...)
}

// Note notes what happens, on any goroutine.
func (c *Trial) Note(what ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notes = append(c.notes, fmt.Sprint(what...))
}

// Noted returns how many notes there are.
func (c *Trial) Noted() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.notes)
}

// Want compares all notes, with commas between them, and says what led to them.
func (c *Trial) Want(seen, want string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if got := strings.Join(c.notes, ", "); got != want {
		c.Broken("%s\n  %s\ninstead of\n  %s", seen, cmp.Or(got, "nothing"), cmp.Or(want, "nothing"))
	}
}

// A Watched loop keeps the timers that are set.
type Watched struct {
	eventloop.Loop
	Timers []eventloop.Timer
}

func (l *Watched) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	timer := l.Loop.SetTimeout(delay, callback)
	l.Timers = append(l.Timers, timer)
	return timer
}
