package main

import (
	"context"
	"fmt"
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
		fmt.Fprintf(w.out, "contract: %d of the %d rules asked are not kept\n", len(r.failed), len(r.ran))
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
		table := w.goCommand(ctx, "run", "example.com/eventloop/bench/table", "-count="+strconv.Itoa(rounds), "./"+e.dir)
		table.Stdout = w.out
		if err := table.Run(); ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil {
			return fmt.Errorf("the benchmark: %w", err)
		}
	}
	if !r.passed {
		return errBroken
	}
	return nil
}
