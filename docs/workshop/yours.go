package main

import (
	"bufio"
	"context"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// yours says of the learner's own loop whether it keeps the contract, how it
// waits and, if rounds is above zero, what it costs beside the stages.
func (w workshop) yours(ctx context.Context, rounds int) error {
	e, err := w.find("yours")
	if err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%s/%s\n", e.dir, e.file)
	r, err := w.try(ctx, e)
	if err != nil {
		return err
	}
	switch {
	case r.passed:
		fmt.Fprintf(w.out, "contract: all %d rules asked are kept\n", len(r.ran))
		fmt.Fprintf(w.out, "          (what only the race detector sees: go test -race ./%s)\n", e.dir)
	case len(r.failed) > 0:
		fmt.Fprintf(w.out, "contract: %d of the %d rules asked are not kept\n", len(r.failed), len(r.ran))
	default:
		fmt.Fprintln(w.out, "contract: not tried to its end: see above")
	}
	verdict := verdict(r)
	if verdict == "" {
		return errBroken // what hinders has been shown
	}
	fmt.Fprintf(w.out, "verdict:  %s\n", verdict)
	if rounds > 0 {
		if !r.passed {
			fmt.Fprintln(w.out, "It is measured all the same. What it costs to break a rule says little, though.")
		}
		if err := w.table(ctx, rounds, "./"+e.dir); err != nil {
			return err
		}
	}
	if !r.passed {
		return errBroken
	}
	return nil
}

// verdict returns what the check logged of how the loop waits.
func verdict(r *result) string {
	for _, line := range r.logged {
		if verdict, found := strings.CutPrefix(line, "verdict: "); found {
			return verdict
		}
	}
	return ""
}

// notTable is what bench/table writes before its table: each line of each
// benchmark.
var notTable = regexp.MustCompile(`^(Benchmark|goos:|goarch:|pkg:|cpu:)`)

// table measures the loop beside the stages.
func (w workshop) table(ctx context.Context, rounds int, pkg string) error {
	cmd := w.goCommand(ctx, "run", path.Join(module(), "../../bench/table"), "-count="+strconv.Itoa(rounds), pkg)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if !notTable.MatchString(lines.Text()) {
			fmt.Fprintln(w.out, lines.Text())
		}
	}
	if err := cmd.Wait(); ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		return fmt.Errorf("the benchmark: %w", err)
	}
	return lines.Err()
}
