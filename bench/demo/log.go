package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"example.com/eventloop"
	"example.com/eventloop/bench/cputime"
	"example.com/eventloop/internal/text"
)

// A log writes down what happens, and when, and what it has cost since the log
// was started.
type log struct {
	out   io.Writer
	loop  eventloop.Loop
	start time.Time
	cpu   time.Duration // of this process, at the start
}

func startLog(out io.Writer, loop eventloop.Loop) *log {
	cpu, _ := cputime.Process() // an error comes back at the end
	return &log{out: out, loop: loop, start: time.Now(), cpu: cpu}
}

// say writes a line: when, what happened, and a remark on it.
func (l *log) say(what, remark string) {
	fmt.Fprintf(l.out, "%7.3f s  %-20s  %s\n", time.Since(l.start).Seconds(), what, remark)
}

// cost writes what everything since the start has cost. left is how many
// callbacks have not run: if there are some, the script was stopped.
func (l *log) cost(stage stage, left int) {
	wall := time.Since(l.start)
	cpu, err := cputime.Process()
	cpu -= l.cpu

	if left > 0 {
		l.say("stopped", text.Plural(left, "callback")+" never ran")
	}
	fmt.Fprintf(l.out, "\nWhat %.1f s on this loop cost:\n\n", wall.Seconds())
	if err != nil {
		fmt.Fprintf(l.out, "  CPU time   not known: %v\n", err)
	} else {
		percent := cputime.Percent(cpu, wall)
		fmt.Fprintf(l.out, "  CPU time   %.3f s\n", cpu.Seconds())
		fmt.Fprintf(l.out, "  top shows  %.1f %%CPU  %s  a full bar is two cores\n", percent, bar(percent))
	}
	fmt.Fprintf(l.out, "  turns      %s, of both loops together\n", text.Thousands(l.loop.Turns()))
	fmt.Fprintf(l.out, "\n%s\n", stage.lesson)
}

// bar draws a percentage of one core: two loops can keep two cores busy.
func bar(percent float64) string {
	const cells, full = 20, 200
	n := int(math.Round(percent / full * cells))
	n = max(0, min(n, cells))
	return strings.Repeat("█", n) + strings.Repeat("░", cells-n)
}
