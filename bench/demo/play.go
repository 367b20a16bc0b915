package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"example.com/eventloop"
	"example.com/eventloop/bench/cputime"
	"example.com/eventloop/internal/loops"
	"example.com/eventloop/internal/text"
)

// add is the article's function with arguments. The loop's callbacks have
// none: a closure binds them.
func add(a, b int) int { return a + b }

// A player plays the script on a loop and tells what happens, and when.
type player struct {
	loop  eventloop.Loop
	out   io.Writer
	start time.Time
	left  int                // callbacks that have not run yet
	ended context.CancelFunc // to be called when none is left
}

// play runs the script on a loop of that stage until its last callback has run
// or ctx is done, and returns how many have not run. It warns of a busy machine.
func play(ctx context.Context, out, warn io.Writer, stage int, delays []time.Duration, busy func() string) (left int) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	loop := loops.Stages[stage]
	fmt.Fprintf(out, "Stage %d, %s: %s.\n\n", stage+1, loop.Name, texts[stage].waits)

	meter := cputime.Start()
	p := player{loop: loop.New(), out: out, start: time.Now(), ended: cancel}
	for i, delay := range delays {
		p.setTimeout(delay, string(rune('a'+i)))
	}
	p.callSoon("add(3, 4)", func() int { return add(3, 4) })

	p.say("Run", "from here on the loops go round and callbacks can run")
	p.loop.Run(ctx) // its error is that ctx is done, which is known

	wall, cpu, err := meter.Read()
	if p.left > 0 {
		p.say("stopped", text.Plural(p.left, "callback")+" never ran")
	}
	fmt.Fprintf(out, "\nWhat %.1f s on this loop cost:\n\n", wall.Seconds())
	if err != nil {
		fmt.Fprintf(out, "  CPU time   not known: %v\n", err)
	} else {
		percent := cputime.Percent(cpu, wall)
		fmt.Fprintf(out, "  CPU time   %.3f s\n", cpu.Seconds())
		fmt.Fprintf(out, "  top shows  %.1f %%CPU  %s  a full bar is two cores\n", percent, bar(percent))
	}
	fmt.Fprintf(out, "  turns      %s, of both loops together\n", text.Thousands(p.loop.Turns()))
	fmt.Fprintf(out, "\n%s\n", texts[stage].lesson)
	if loop.SpinsPending {
		if warning := busy(); warning != "" {
			fmt.Fprintf(warn, "\n%s\n", warning)
		}
	}
	return p.left
}

// say writes a line: when, what happened, and a remark on it.
func (p *player) say(what, remark string) {
	fmt.Fprintf(p.out, "%7.3f s  %-20s  %s\n", time.Since(p.start).Seconds(), what, remark)
}

// setTimeout is the article's set_timeout(callback, ms).
func (p *player) setTimeout(delay time.Duration, name string) {
	p.left++
	set := time.Now()
	p.loop.SetTimeout(delay, func() {
		late := time.Since(set) - delay
		p.ran(name, fmt.Sprintf("due after %v, late by %v", delay, late.Round(time.Microsecond)))
	})
	p.say(fmt.Sprintf("SetTimeout(%v, %s)", delay, name), returned(set))
}

// callSoon is the article's sync_call(callback).
func (p *player) callSoon(name string, call func() int) {
	p.left++
	set := time.Now()
	p.loop.CallSoon(func() {
		late := time.Since(set)
		p.ran(fmt.Sprintf("%s = %d", name, call()), fmt.Sprintf("due at once, late by %v", late.Round(time.Microsecond)))
	})
	p.say("CallSoon("+name+")", returned(set))
}

func returned(called time.Time) string {
	return fmt.Sprintf("returned after %v", time.Since(called).Round(100*time.Nanosecond))
}

// ran tells of a callback that has run, and counts it. Callbacks run one at a time,
// and none before Run: left needs no lock.
func (p *player) ran(what, remark string) {
	p.say("→ "+what, remark)
	if p.left--; p.left == 0 {
		p.ended()
	}
}

// bar draws a percentage of one core: two loops can keep two cores busy.
func bar(percent float64) string {
	const cells, full = 20, 200
	n := max(0, min(int(math.Round(percent/full*cells)), cells))
	return strings.Repeat("█", n) + strings.Repeat("░", cells-n)
}
