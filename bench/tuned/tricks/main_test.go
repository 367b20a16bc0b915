package main

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each trick can be left out, and the loop keeps the contract without it: what is
// measured is the same loop but for its speed.
func TestWithoutEachTrick(t *testing.T) {
	root, err := moduleRoot()
	require.NoError(t, err)
	dir := t.TempDir()
	for i, trick := range tricks {
		t.Run(trick.name, func(t *testing.T) {
			binary, err := build(t.Context(), root, dir, string(rune('a'+i)), trick.edits)
			require.NoError(t, err)
			output, err := exec.CommandContext(t.Context(), binary, "-test.short", "-test.run=TestContractVirtual").CombinedOutput()
			require.NoError(t, err, "%s", output)
		})
	}
	binary, err := build(t.Context(), root, dir, "with", nil)
	require.NoError(t, err)
	for _, trick := range tricks {
		for _, row := range trick.rows {
			list, err := exec.Command(binary, "-test.list=.").CombinedOutput()
			require.NoError(t, err, "%s", list)
			require.NotEmpty(t, row)
		}
	}
}

func TestEditThatDoesNotFit(t *testing.T) {
	root, err := moduleRoot()
	require.NoError(t, err)
	_, err = lay(root, t.TempDir(), []edit{{"loop.go", "no such text", ""}})
	require.ErrorContains(t, err, "0 times, not once")
}
