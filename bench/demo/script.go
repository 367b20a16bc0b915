package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"example.com/eventloop"
)

// add is the article's function with arguments. The loop's callbacks have
// none: a closure binds them.
func add(a, b int) int { return a + b }

// A player plays the script on a loop and tells what happens.
type player struct {
	loop  eventloop.Loop
	log   *log
	left  int                // callbacks that have not run yet
	ended context.CancelFunc // to be called when none is left
}

// play runs the script on a loop of that stage until its last callback has run
// or ctx is done, and returns how many callbacks have not run.
func play(ctx context.Context, out io.Writer, stage stage, delays []time.Duration) (left int) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	loop := stage.newLoop()
	p := player{loop: loop, log: startLog(out, loop), ended: cancel}
	fmt.Fprintf(out, "%s: %s.\n\n", stage.name, stage.waits)

	for i, delay := range delays {
		p.setTimeout(delay, string(rune('a'+i)))
	}
	p.callSoon("add(3, 4)", func() int { return add(3, 4) })

	p.log.say("Run", "from here on the loops go round and callbacks can run")
	loop.Run(ctx) // its error is that ctx is done, which is known
	p.log.cost(stage, p.left)
	return p.left
}

// setTimeout is the article's set_timeout(callback, ms).
func (p *player) setTimeout(delay time.Duration, name string) {
	p.left++
	set := time.Now()
	p.loop.SetTimeout(delay, func() {
		late := time.Since(set) - delay
		p.log.say("→ "+name, fmt.Sprintf("due after %v, late by %v", delay, late.Round(time.Microsecond)))
		p.ran()
	})
	p.log.say(fmt.Sprintf("SetTimeout(%v, %s)", delay, name), returned(set))
}

// callSoon is the article's sync_call(callback).
func (p *player) callSoon(name string, call func() int) {
	p.left++
	set := time.Now()
	p.loop.CallSoon(func() {
		late := time.Since(set)
		p.log.say(fmt.Sprintf("→ %s = %d", name, call()), fmt.Sprintf("due at once, late by %v", late.Round(time.Microsecond)))
		p.ran()
	})
	p.log.say("CallSoon("+name+")", returned(set))
}

func returned(called time.Time) string {
	return fmt.Sprintf("returned after %v", time.Since(called).Round(100*time.Nanosecond))
}

// ran counts a callback that has run. Callbacks run one at a time, and none
// before Run: left needs no lock.
func (p *player) ran() {
	p.left--
	if p.left == 0 {
		p.ended()
	}
}
