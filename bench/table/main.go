// Command table runs the benchmarks of the loops, shows each line as it comes,
// and ends with one table that has a column per loop.
//
//	go run ./bench/table                            the stages
//	go run ./bench/table -bench="Idle|Waiting"      some scenarios
//	go run ./bench/table -bench=.                   every scenario, Waiting/timers=100 too
//	go run ./bench/table ./path/to/yours            and the loops that package measures
//
// From a module of your own that requires this one, the first and last are
//
//	go run example.com/eventloop/bench/table .
//
// A package named here has a benchmark that calls bench.Run, under a name with
// impl=...: see there. That name heads its column; where two loops have the same
// name, the second one's package stands behind it. -bench matches the scenario as
// the table has it, such as Waiting/timers=100.
//
// The benchmarks are run in rounds, each scenario of each loop once per round,
// so that a minute in which the machine is busy with something else falls on
// all of them alike. The table shows the medians. All lines are kept in a file
// in table-out, below the folder in which this is run, for the other questions of
// golang.org/x/perf/cmd/benchstat: benchstat -col /impl FILE.
//
// Ctrl-C ends the measuring, and the table is of what was measured until then. The
// exit code is 1 if something fails, 2 for a bad flag, and 130 after Ctrl-C.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.com/eventloop/bench"
	"example.com/eventloop/internal/benchrun"
	"example.com/eventloop/internal/keep"
)

func main() {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, restore) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], build, os.Stdout, os.Stderr))
}

// The scenarios that are run where -bench does not say which.
const usual = `^(Idle|Waiting/timers=1|Waiting/timers=10000|Firing|SetStop|CallSoon|Lateness)$`

// run is the command, with args as its command line. It returns the exit code.
func run(ctx context.Context, args []string, build builder, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("table", flag.ContinueOnError)
	flags.SetOutput(stderr)
	all := strings.Join(bench.Scenarios(), ", ")
	count := flags.Int("count", 6, "how many `rounds` to run; benchstat needs 6 for confidence intervals")
	expression := flags.String("bench", "", "run the scenarios that match this `regexp`, not the usual ones: "+all)
	benchtime := flags.String("benchtime", "200ms", "how long to run each, as go test -benchtime (`1s`, 1x)")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2 // Parse has said why
	}
	match, err := regexp.Compile(cmp.Or(*expression, usual))
	if err != nil {
		fmt.Fprintln(stderr, "table: -bench:", err)
		return 2
	}
	scenarios := slices.DeleteFunc(bench.Scenarios(), func(s string) bool { return !match.MatchString(s) })
	if len(scenarios) == 0 || *count < 1 {
		fmt.Fprintf(stderr, "table: -bench=%s -count=%d: there must be a round at least, and a scenario: %s\n", *expression, *count, all)
		return 2
	}

	m := measurement{count: *count, benchtime: *benchtime, scenarios: scenarios, stdout: stdout, stderr: stderr}
	if err = m.run(ctx, build, flags.Args()); ctx.Err() != nil {
		fmt.Fprintln(stderr, "table: stopped")
		return 130
	} else if err != nil {
		fmt.Fprintln(stderr, "table:", err)
		return 1
	}
	return 0
}

// outDir is where the lines are kept, below the folder in which this is run.
const outDir = "table-out"

// run is the whole of it: build what is needed first, then measure, then show.
func (m *measurement) run(ctx context.Context, build builder, packages []string) error {
	begin := time.Now()
	fmt.Fprintln(m.stderr, "building the benchmarks ...")
	bin, err := os.MkdirTemp("", "eventloop-table-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(bin)
	stages, others, err := build(ctx, bin, packages)
	if err != nil {
		return err
	}
	file, err := keep.File(outDir, "table", ".txt", begin) // of its own: no table is lost by the next
	if err != nil {
		return fmt.Errorf("a file for what is measured: %w", err)
	}
	err = errors.Join(m.measure(ctx, stages, others, file), file.Close())
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w\n(all lines until then are in %s)", err, file.Name())
	}
	if len(m.text.Names()) == 0 {
		return cmp.Or(err, errors.New("the benchmarks have run, and none of a loop is in what they wrote"))
	}
	show(m.stdout, &m.text)
	fmt.Fprintf(m.stderr, "\n%sMedians of what was measured in %v. All lines are in %s\n", m.remarks, time.Since(begin).Round(time.Second), file.Name())
	return err
}

// A builder builds the benchmarks of the stages and those of other packages. The
// tests have one that only pretends.
type builder func(ctx context.Context, into string, packages []string) (stages, others []benchrun.Binary, err error)

func build(ctx context.Context, into string, packages []string) (stages, others []benchrun.Binary, err error) {
	root, err := benchrun.ModuleRoot(ctx)
	if err != nil {
		return nil, nil, err
	}
	stages, err = benchrun.Build(ctx, root, filepath.Join(into, "stages"), nil, "./bench")
	if err == nil && len(packages) > 0 {
		others, err = benchrun.Build(ctx, "", filepath.Join(into, "others"), nil, packages...)
		others = slices.DeleteFunc(others, func(b benchrun.Binary) bool { return b.Pkg == stages[0].Pkg }) // ./bench, once more
	}
	return stages, others, err
}
