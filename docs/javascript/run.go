package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"

	"example.com/eventloop/bench/cputime"
	"example.com/eventloop/docs/javascript/bridge"
)

// An outcome is how a script ended on a loop, and what it cost.
type outcome struct {
	loop  loop
	err   error // what Run returned
	wall  time.Duration
	cpu   time.Duration // of the whole process
	noCPU error         // why cpu is not known
	turns uint64        // of both loops together
}

// play runs script on a loop.
func play(ctx context.Context, l loop, script *goja.Program, stdout, stderr io.Writer) outcome {
	loop := l.new()
	begin := time.Now()
	before, _ := cputime.Process() // an error comes back at the end
	err := bridge.New(loop, stdout, stderr).Run(ctx, script)
	after, noCPU := cputime.Process()
	return outcome{loop: l, err: err, wall: time.Since(begin), cpu: after - before, noCPU: noCPU, turns: loop.Turns()}
}

// code is the exit code.
func (o outcome) code() int {
	var failed *bridge.Error
	switch {
	case o.err == nil:
		return done
	case errors.As(o.err, &failed):
		return uncaught
	}
	return interrupted
}

// end is what there is to say of how it ended, if there is anything.
func (o outcome) end() string {
	switch o.code() {
	case done:
		return ""
	case interrupted:
		return "interrupted\n"
	}
	return o.err.Error() + "\n"
}

// run runs the script and returns the exit code. ctx is done when the user has
// had enough.
func (r *request) run(ctx context.Context, stdout, stderr io.Writer) int {
	if r.compare {
		return r.compareAll(ctx, stdout, stderr)
	}
	o := play(ctx, r.loops[0], r.script, stdout, stderr)
	fmt.Fprintf(stderr, "%s\n%s", o.end(), costs(o))
	return o.code()
}

// compareAll runs the script on each loop in turn. What they print is shown
// once if it is the same.
func (r *request) compareAll(ctx context.Context, stdout, stderr io.Writer) int {
	var outcomes []outcome
	var outputs []string
	code := done
	for _, l := range r.loops {
		fmt.Fprintf(stderr, "on %s …\n", l.name)
		var out bytes.Buffer
		o := play(ctx, l, r.script, &out, &out)
		out.WriteString(o.end())
		outcomes, outputs = append(outcomes, o), append(outputs, out.String())
		code = max(code, o.code())
		if code == interrupted {
			break
		}
	}
	if same := slices.Compact(slices.Clone(outputs)); len(same) == 1 && code != interrupted {
		fmt.Fprintf(stdout, "On each of the loops the script prints\n\n%s", indented(outputs[0]))
	} else {
		for i, o := range outcomes {
			fmt.Fprintf(stdout, "On %s the script prints\n\n%s\n", o.loop.name, indented(outputs[i]))
		}
	}
	fmt.Fprintf(stdout, "\nand costs\n\n%s", indented(costs(outcomes...)))
	return code
}

// indented moves each line to the right.
func indented(s string) string {
	var out strings.Builder
	for line := range strings.Lines(s) {
		out.WriteString("  " + line)
	}
	return out.String()
}

// costs is a table with a line for each outcome.
func costs(outcomes ...outcome) string {
	var out strings.Builder
	row := func(cells ...any) { fmt.Fprintf(&out, "%-18s%9s%12s%14s%16s\n", cells...) }
	row("", "took", "CPU time", "top shows", "turns")
	for _, o := range outcomes {
		cpu, top := "not known", "not known"
		if o.noCPU == nil {
			cpu = fmt.Sprintf("%.3f s", o.cpu.Seconds())
			top = fmt.Sprintf("%.1f %%CPU", cputime.Percent(o.cpu, o.wall))
		}
		row(o.loop.name, fmt.Sprintf("%.3f s", o.wall.Seconds()), cpu, top, thousands(o.turns))
	}
	return out.String()
}

// thousands writes n with a comma every three digits.
func thousands(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
