package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// yours says of the learner's own loop whether it keeps the contract, how it waits and, if
// rounds is above zero, how its costs compare with those of the stages.
func (w workshop) yours(ctx context.Context, e exercise, rounds int) error {
	r, err := w.try(ctx, e)
	if err != nil {
		return err
	}
	switch {
	case r.passed:
		fmt.Fprintf(w.out, "contract: all %d rules asked are kept\n", len(r.ran))
		fmt.Fprintf(w.out, "          (what only the race detector sees: go test -race ./%s)\n", e.dir)
	case len(r.failed) > 0:
		fmt.Fprintf(w.out, "contract: %d of %d rules asked not kept\n", len(r.failed), len(r.ran))
	default:
		fmt.Fprintln(w.out, "contract: not tried to its end: see above")
	}
	verdict := ""
	for _, line := range r.logged {
		if said, ok := strings.CutPrefix(line, "verdict: "); ok {
			verdict = said
		}
	}
	if verdict == "" {
		return errBroken // the reason has been shown
	}
	fmt.Fprintf(w.out, "verdict:  %s\n", verdict)
	if rounds > 0 {
		if !r.passed {
			fmt.Fprintln(w.out, "It is measured all the same. The cost of a loop that breaks a rule says little, though.")
		}
		if err := w.table(ctx, e, rounds); err != nil {
			return err
		}
	}
	if !r.passed {
		return errBroken
	}
	return nil
}

// table measures the loop beside the stages. What the table keeps is removed again.
func (w workshop) table(ctx context.Context, e exercise, rounds int) error {
	kept := filepath.Join(w.dir, "table-out")
	if _, err := os.Stat(kept); errors.Is(err, fs.ErrNotExist) {
		defer fmt.Fprintln(w.out, "(That folder has been removed again.)")
		defer os.RemoveAll(kept)
	}
	table := w.goCommand(ctx, "run", "example.com/eventloop/bench/table", "-count="+strconv.Itoa(rounds), "./"+e.dir)
	table.Stdout = w.out
	if err := table.Run(); err != nil {
		return cmp.Or(ctx.Err(), fmt.Errorf("the benchmark: %w", err))
	}
	return nil
}
