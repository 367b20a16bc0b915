package main

import (
	"flag"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/eventloop"
	"example.com/eventloop/bench/tuned"
	"example.com/eventloop/internal/benchrun"
	"example.com/eventloop/looptest"
)

var tried = flag.Int("tricks", 0, "how many tricks to leave out: each is a program to be built")

// TestContract is for the loops that tricks builds: TestTricks runs it in each.
func TestContract(t *testing.T) {
	looptest.RunVirtual(t, func() eventloop.Loop { return tuned.New() })
}

// The loop keeps the contract without any of its tricks.
func TestTricks(t *testing.T) {
	root, err := benchrun.ModuleRoot(t.Context())
	require.NoError(t, err)
	for _, trick := range tricks[:min(*tried, len(tricks))] {
		t.Run(trick.name, func(t *testing.T) {
			for loop, edits := range trick.loops() {
				if len(edits) == 0 {
					continue // that is the loop itself
				}
				built, err := build(t.Context(), root, t.TempDir(), edits)
				require.NoError(t, err, loop)
				output, err := exec.CommandContext(t.Context(), built[0].File, "-test.short", "-test.run=^TestContract$").CombinedOutput()
				require.NoError(t, err, "%s\n%s", loop, output)
			}
		})
	}
	_, err = build(t.Context(), root, t.TempDir(), []edit{{"loop.go", "no such text", ""}})
	require.ErrorContains(t, err, "0 times, not once")
}
