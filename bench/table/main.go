// Command table runs the benchmarks of the loops, shows each line as it comes,
// and ends with one table that has a column per loop.
//
//	go run ./bench/table                            the stages, and the fast loop
//	go run ./bench/table -bench="Idle|Waiting"      some scenarios
//	go run ./bench/table ./path/to/yours            and the loops that package measures
//
// From a module of your own that requires this one, the first and last are
//
//	go run example.com/eventloop/bench/table .
//
// The packages named are ones whose benchmarks call bench.Run, under a name
// with impl=...: see there. One in which nothing is measured is named. What
// -bench matches is the scenario as the table has it, such as Waiting/timers=100,
// of whatever loop.
//
// The benchmarks are run in rounds, each scenario of each loop once per round,
// so that a minute in which the machine is busy with something else falls on
// all of them alike. The table shows the medians. All lines are kept in a file
// of their own in table-out, below the folder in which this is run, for
// benchstat's other questions. (Here it is benchstat -col /impl; without
// installing it, go -C bench/report tool benchstat.)
//
// The raw lines and the table go to the standard output, progress and errors to
// the standard error. Ctrl-C ends the measuring, and the table is then of what
// was measured until that. The exit code is 1 if a benchmark fails or something
// it needs is missing, 2 for a bad flag, and 130 after Ctrl-C. (go run says
// “exit status 2” and exits with 1 for all of them.)
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
	"regexp"
	"strings"
	"time"

	"example.com/eventloop/bench"
	"example.com/eventloop/internal/keep"
	"example.com/eventloop/internal/text"
)

func main() {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, restore) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], tool{}, os.Stdout, os.Stderr))
}

// config is what the command line says.
type config struct {
	count     int
	benchtime string
	scenarios []string // as package bench names them
	packages  []string // others than our own
}

func run(ctx context.Context, args []string, goTool runner, stdout, stderr io.Writer) int {
	config, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2 // parse has said why
	}
	err = measureAndShow(ctx, config, goTool, stdout, stderr)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "table: stopped")
		return 130
	case err != nil:
		fmt.Fprintln(stderr, "table:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (config, error) {
	var c config
	flags := flag.NewFlagSet("table", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: table [flags] [packages whose benchmarks call bench.Run]")
		flags.PrintDefaults()
	}
	flags.IntVar(&c.count, "count", 6, "how many `rounds` to run; benchstat needs 6 for confidence intervals")
	expression := flags.String("bench", ".", "run the scenarios that match this `regexp`: "+strings.Join(bench.Scenarios(), ", "))
	flags.StringVar(&c.benchtime, "benchtime", "200ms", "how long to run each, as go test -benchtime (`1s`, 1x)")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	c.packages = flags.Args()

	match, err := regexp.Compile(*expression)
	if err != nil {
		err = fmt.Errorf("-bench: %w", err)
	} else if c.scenarios = matching(match); len(c.scenarios) == 0 {
		err = fmt.Errorf("-bench=%s matches no scenario: there are %s", *expression, strings.Join(bench.Scenarios(), ", "))
	} else if c.count < 1 {
		err = fmt.Errorf("-count is %d: there must be at least one round", c.count)
	} else if !validBenchtime(c.benchtime) {
		err = fmt.Errorf("-benchtime is %q: it must be a time such as 1s or a number of iterations such as 1x, above zero", c.benchtime)
	}
	if err != nil {
		fmt.Fprintln(stderr, "table:", err)
	}
	return c, err
}

func validBenchtime(s string) bool {
	if times, ok := strings.CutSuffix(s, "x"); ok {
		return regexp.MustCompile(`^[1-9][0-9]{0,8}$`).MatchString(times)
	}
	d, err := time.ParseDuration(s)
	return err == nil && d > 0
}

// measureAndShow is the whole of it: find what is needed first, then measure,
// then show.
func measureAndShow(ctx context.Context, c config, goTool runner, stdout, stderr io.Writer) error {
	begin := time.Now()
	root, err := goTool.output("", "list", "-json=false", "-m", "-f", "{{.Dir}}", module)
	if err != nil {
		return fmt.Errorf("finding %s, which must be this module or one it requires: %w", module, err)
	}
	if root == "" {
		return fmt.Errorf("the benchmarks of %s are not in the vendor folder, which has no tests: try GOFLAGS=-mod=mod", module)
	}

	// Run without benchmarks, the packages are built and nothing else.
	fmt.Fprintln(stderr, "building the benchmarks ...")
	if _, err := goTool.output(root, "test", "-run=^$", "./bench"); err != nil {
		return fmt.Errorf("building the benchmarks: %w", err)
	}
	if len(c.packages) > 0 {
		if _, err := goTool.output("", append([]string{"test", "-run=^$"}, c.packages...)...); err != nil {
			return fmt.Errorf("building %s: %w", strings.Join(c.packages, " "), err)
		}
	}

	file, err := keep.File(outDir, "table", ".txt", begin) // of its own: no table is lost by the next
	if err != nil {
		return fmt.Errorf("a file for what is measured: %w", err)
	}
	m := newMedians()
	err = errors.Join(measure(ctx, c, goTool, root, m, file, stdout, stderr), file.Close())
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w\n(all lines until then are in %s)", err, file.Name())
	}
	if len(m.tables) == 0 {
		return cmp.Or(err, errors.New("go test has run, and no benchmark of a loop is in what it wrote"))
	}
	show(stdout, m.tables)
	if silent := m.silent(); len(silent) > 0 {
		fmt.Fprintf(stderr, "\n%s", notMeasured(silent))
	}
	of := text.Plural(c.count, "round")
	if ctx.Err() != nil {
		of = "what was measured until it was stopped"
	}
	fmt.Fprintf(stderr, "\nMedians of %s, taken in %v. All lines are in %s\n", of, time.Since(begin).Round(time.Second), file.Name())
	return err
}

// outDir is where the lines are kept, below the folder in which this is run.
const outDir = "table-out"
