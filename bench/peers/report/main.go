// Command report measures the stages and their peers, and writes what was
// measured into docs/results: raw output, tables and pictures.
//
//	go run -C bench/peers/report .             measure everything, three passes
//	go run -C bench/peers/report . stages      only the stages and the fast loop
//	go run -C bench/peers/report . peers       only stage 3 and its peers
//	go run -C bench/peers/report . -redraw     measure nothing, draw the raw output again
//
// For each of the two it keeps the raw output (stages.txt, peers.txt), and makes
// from that
//
//	stages.md, cpu.svg, turns.svg
//	peers.md, pending.svg, lateness.svg, peers.svg, growth.svg
//
// If anything is wrong, in measuring or in the raw output, it says what, and
// docs/results stays as it was: files are written when all of them are made.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
)

func main() {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, restore) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

func run(ctx context.Context, args []string, stderr io.Writer) int {
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: report [flags] [stages] [peers]")
		flags.PrintDefaults()
	}
	redraw := flags.Bool("redraw", false, "measure nothing, draw what was measured before")
	passes := flags.Int("passes", 3, "how `often` to run all benchmarks")
	dir := flags.String("dir", filepath.Join("..", "..", "..", "docs", "results"), "the `folder` to write to")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2 // Parse has said why
	}
	chosen := slices.DeleteFunc(slices.Clone(suites), func(s suite) bool {
		return flags.NArg() > 0 && !slices.Contains(flags.Args(), s.name)
	})
	if *passes < 1 || len(chosen) < flags.NArg() {
		fmt.Fprintf(stderr, "report: -passes=%d of %q: there must be at least one, of stages or peers\n", *passes, flags.Args())
		return 2
	}
	if err := report(ctx, chosen, *redraw, *passes, *dir, stderr); err != nil {
		fmt.Fprintln(stderr, "report:", err)
		return 1
	}
	return 0
}

// report measures, or reads what was measured, and writes all that is made of
// it into dir.
func report(ctx context.Context, suites []suite, redraw bool, passes int, dir string, progress io.Writer) (err error) {
	files := map[string][]byte{}
	for _, s := range suites {
		raw := s.name + ".txt"
		if redraw {
			files[raw], err = os.ReadFile(filepath.Join(dir, raw))
		} else {
			files[raw], err = s.measure(ctx, passes, progress)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		r, err := parse(raw, files[raw])
		if err == nil {
			s.draw(r, files)
			err = r.missing
		}
		if err != nil && !redraw { // it took minutes
			lost := filepath.Join(os.TempDir(), raw)
			err = errors.Join(err, os.WriteFile(lost, files[raw], 0o644), fmt.Errorf("the raw output is in %s", lost))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", raw, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) { // all of them are made
		if err := os.WriteFile(filepath.Join(dir, name), files[name], 0o644); err != nil {
			return err
		}
		fmt.Fprintln(progress, filepath.Join(dir, name))
	}
	return nil
}
