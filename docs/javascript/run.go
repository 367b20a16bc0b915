package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/dop251/goja"

	"example.com/eventloop/bench/cputime"
	"example.com/eventloop/docs/javascript/bridge"
	"example.com/eventloop/internal/loops"
	"example.com/eventloop/internal/text"
)

// An outcome is how a script ended on a loop, and what it cost.
type outcome struct {
	stage loops.Stage
	err   error // what Run returned
	wall  time.Duration
	cpu   time.Duration // of the whole process
	noCPU error         // why cpu is not known
	turns uint64        // of both loops together
}

// play runs script on the loop of a stage.
func play(ctx context.Context, stage loops.Stage, script *goja.Program, stdout, stderr io.Writer) outcome {
	loop := stage.New()
	begin := time.Now()
	before, _ := cputime.Process() // an error comes back at the end
	err := bridge.New(loop, stdout, stderr).Run(ctx, script)
	after, noCPU := cputime.Process()
	return outcome{stage: stage, err: err, wall: time.Since(begin), cpu: after - before, noCPU: noCPU, turns: loop.Turns()}
}

// ending returns the exit code, and what there is to say of how the script ended.
func (o outcome) ending() (code int, text string) {
	var failed *bridge.Error
	switch {
	case o.err == nil:
		return done, ""
	case errors.As(o.err, &failed):
		return uncaught, failed.Error() + "\n"
	}
	return interrupted, "interrupted\n"
}

// run runs the script and returns the exit code. Ctrl-C ends ctx.
func (r *request) run(ctx context.Context, stdout, stderr io.Writer) int {
	if r.compare {
		return r.compareAll(ctx, stdout, stderr)
	}
	o := play(ctx, r.stages[0], r.script, stdout, stderr)
	code, end := o.ending()
	fmt.Fprintf(stderr, "%s\n%s", end, costs(o))
	return code
}

// compareAll runs the script on each loop in turn. It shows the outputs once if
// they are the same.
func (r *request) compareAll(ctx context.Context, stdout, stderr io.Writer) int {
	var outcomes []outcome
	var outputs []string
	worst := done
	for _, stage := range r.stages {
		fmt.Fprintf(stderr, "on %s …\n", stage.Dir)
		var out bytes.Buffer
		o := play(ctx, stage, r.script, &out, &out)
		code, end := o.ending()
		outcomes, outputs = append(outcomes, o), append(outputs, out.String()+end)
		worst = max(worst, code)
		if worst == interrupted {
			break
		}
	}
	if len(slices.Compact(slices.Clone(outputs))) == 1 && worst != interrupted {
		fmt.Fprintf(stdout, "On each of the loops the script prints\n\n%s", indented(outputs[0]))
	} else {
		for i, o := range outcomes {
			fmt.Fprintf(stdout, "On %s the script prints\n\n%s\n", o.stage.Dir, indented(outputs[i]))
		}
	}
	fmt.Fprintf(stdout, "\nand costs\n\n%s", indented(costs(outcomes...)))
	return worst
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
	row := func(cells ...any) { fmt.Fprintf(&out, "%-16s%9s%12s%14s%14s\n", cells...) }
	row("", "took", "CPU time", "top shows", "turns")
	for _, o := range outcomes {
		cpu, top := "not known", "not known"
		if o.noCPU == nil {
			cpu = fmt.Sprintf("%.3f s", o.cpu.Seconds())
			top = fmt.Sprintf("%.1f %%CPU", cputime.Percent(o.cpu, o.wall))
		}
		row(o.stage.Dir, fmt.Sprintf("%.3f s", o.wall.Seconds()), cpu, top, text.Thousands(o.turns))
	}
	return out.String()
}
