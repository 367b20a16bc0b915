// Command report measures the stages and their peers, and writes what was
// measured into docs/results: raw output, tables, pictures, and the table of
// goals, which it also prints.
//
//	go run -C bench/report .               measure everything, three passes
//	go run -C bench/report . stages        only the stages (package bench)
//	go run -C bench/report . peers         only stage 3 and its peers, and the goals
//	go run -C bench/report . -redraw       measure nothing, draw the raw output again
//
// For each of the two it keeps the raw output of go test -bench (stages.txt,
// peers.txt), and makes from that
//
//	stages.md, cpu.svg, turns.svg
//	peers.md, goals.md, pending.svg, lateness.svg, peers.svg, growth.svg
//
// The same raw output gives the same bytes. If anything is wrong, in measuring
// or in the raw output, it says what, and docs/results stays as it was: files
// are put in place only when all of them are made.
//
// Exit codes are 0, 1 if something failed, and 2 for a bad command line.
package main

import (
	"bytes"
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
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: report [flags] [stages] [peers]")
		flags.PrintDefaults()
	}
	redraw := flags.Bool("redraw", false, "measure nothing, draw what was measured before")
	passes := flags.Int("passes", 3, "how `often` to run all benchmarks")
	dir := flags.String("dir", filepath.Join("..", "..", "docs", "results"), "the `folder` to write to")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2 // flags has said why
	case *passes < 1:
		fmt.Fprintf(stderr, "report: -passes is %d: there must be at least one\n", *passes)
		return 2
	}
	chosen, err := choose(flags.Args())
	if err != nil {
		fmt.Fprintln(stderr, "report:", err)
		return 2
	}
	if err := report(ctx, chosen, *redraw, *passes, *dir, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "report:", err)
		return 1
	}
	return 0
}

// choose returns the suites of these names, or all if there are no names.
func choose(names []string) ([]suite, error) {
	if len(names) == 0 {
		return suites, nil
	}
	var chosen []suite
	for _, s := range suites {
		if slices.Contains(names, s.name) {
			chosen = append(chosen, s)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(suites, func(s suite) bool { return s.name == name }) {
			return nil, fmt.Errorf("%q is nothing to report on: there are stages and peers", name)
		}
	}
	return chosen, nil
}

// report measures, or reads what was measured, and writes all that is made of
// it into dir.
func report(ctx context.Context, suites []suite, redraw bool, passes int, dir string, stdout, progress io.Writer) error {
	var raw map[string][]byte
	var err error
	if redraw {
		raw, err = kept(suites, dir)
	} else {
		raw, err = measure(ctx, suites, passes, progress)
	}
	if err != nil {
		return err
	}
	files, err := render(suites, raw)
	if err == nil {
		err = publish(dir, files)
	}
	if err != nil {
		if !redraw {
			err = salvage(raw, err)
		}
		return err
	}
	stdout.Write(files["goals.md"])
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintln(progress, filepath.Join(dir, name))
	}
	return nil
}

// render makes all files of the raw output, itself among them.
func render(suites []suite, raw map[string][]byte) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, s := range suites {
		name := s.name + ".txt"
		r, err := parse(name, raw[s.name])
		if err != nil {
			return nil, err
		}
		made, err := s.draw(r)
		if err != nil {
			return nil, err
		}
		maps.Copy(files, made)
		files[name] = raw[s.name]
	}
	return files, nil
}

// salvage keeps what took minutes to measure where it can be looked at, and
// says so in the error.
func salvage(raw map[string][]byte, because error) error {
	dir, err := os.MkdirTemp("", "eventloop-results-")
	if err != nil {
		return errors.Join(because, err)
	}
	for name, text := range raw {
		if err := os.WriteFile(filepath.Join(dir, name+".txt"), text, 0o644); err != nil {
			return errors.Join(because, err)
		}
	}
	return fmt.Errorf("%w\n(the raw output is in %s)", because, dir)
}

// kept reads the raw output that was kept.
func kept(suites []suite, dir string) (map[string][]byte, error) {
	raw := map[string][]byte{}
	for _, s := range suites {
		text, err := os.ReadFile(filepath.Join(dir, s.name+".txt"))
		if err != nil {
			return nil, err
		}
		// A checkout may have made CRLF of it.
		raw[s.name] = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	}
	return raw, nil
}
