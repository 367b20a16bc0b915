// Command table runs the benchmarks of the loops, shows each line as it comes,
// and ends with one table that has a column per loop.
//
//	go run ./bench/table                    the stages
//	go run ./bench/table -bench=Idle        one scenario
//	go run ./bench/table ./path/to/yours    and the loops that package measures
//
// From a module of your own that requires this one, the first and last are
//
//	go run example.com/eventloop/bench/table .
//
// The packages named are ones whose benchmarks call bench.Run, under a name
// with impl=...: see there.
//
// The benchmarks are run in rounds, each scenario of each loop once per round,
// so that a minute in which the machine is busy with something else falls on
// all of them alike. What the table shows are the medians, by benchstat. All
// lines are kept in bench/out/table.txt, for benchstat's other questions:
//
//	go -C bench/report tool benchstat -col /impl ../out/table.txt
//
// The raw lines and the table go to the standard output, progress and errors to
// the standard error. The exit code is 1 if a benchmark fails or something it
// needs is missing, 2 for a bad flag, and 130 after Ctrl-C. (go run says
// “exit status 2” and exits with 1 for all of them.)
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

func main() {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, restore) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], tool{}, os.Stdout, os.Stderr))
}

// config is what the command line says.
type config struct {
	count     int
	bench     string
	benchtime string
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
	flags.IntVar(&c.count, "count", 6, "how many `rounds` to run; below 6 benchstat gives no confidence intervals")
	flags.StringVar(&c.bench, "bench", ".", "run the benchmarks that match this `regexp`, as go test -bench")
	flags.StringVar(&c.benchtime, "benchtime", "200ms", "how long to run each, as go test -benchtime (`1s`, 1x)")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	c.packages = flags.Args()

	var err error
	if _, bad := regexp.Compile(c.bench); bad != nil {
		err = fmt.Errorf("-bench: %w", bad)
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
	root, err := goTool.output("", "go", "list", "-m", "-f", "{{.Dir}}", module)
	if err != nil {
		return fmt.Errorf("finding %s, which must be this module or one it requires: %w", module, err)
	}
	// -n only prints where the tool is, but builds it for that.
	fmt.Fprintln(stderr, "building benchstat and the benchmarks ...")
	benchstat, err := goTool.output(filepath.Join(root, "bench", "report"), "go", "tool", "-n", "benchstat")
	if err != nil {
		return fmt.Errorf("building benchstat, which has to be downloaded the first time: %w", err)
	}

	// Run without benchmarks, the packages are built and nothing else.
	if _, err := goTool.output(root, "go", "test", "-run=^$", "./bench"); err != nil {
		return fmt.Errorf("building the benchmarks: %w", err)
	}
	if len(c.packages) > 0 {
		if _, err := goTool.output("", "go", append([]string{"test", "-run=^$"}, c.packages...)...); err != nil {
			return fmt.Errorf("building %s: %w", strings.Join(c.packages, " "), err)
		}
	}

	raw := filepath.Join(root, "bench", "out", "table.txt")
	if err := measure(ctx, c, goTool, root, raw, stdout, stderr); err != nil {
		return err
	}
	medians, err := goTool.output("", benchstat, "-format=csv", "-table=", "-col=/impl", raw)
	if err != nil {
		return fmt.Errorf("benchstat: %w", err)
	}
	tables, err := readTables(medians)
	if err != nil {
		return fmt.Errorf("reading what benchstat wrote: %w", err)
	}
	if len(tables) == 0 {
		return fmt.Errorf("no benchmark matches -bench=%s", c.bench)
	}
	show(stdout, tables)
	fmt.Fprintf(stderr, "\nMedians of %s, taken in %v. All lines are in %s\n",
		plural(c.count, "round"), time.Since(begin).Round(time.Second), raw)
	return nil
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
