package main

import (
	"os/exec"
	"strings"
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
	list, err := exec.CommandContext(t.Context(), binary, "-test.list=.").CombinedOutput()
	require.NoError(t, err, "%s", list)
	for _, trick := range tricks {
		require.NotEmpty(t, trick.rows, trick.name)
		for _, row := range trick.rows {
			name, _, _ := strings.Cut(row, "/")
			require.Contains(t, string(list), "Benchmark"+name+"\n", trick.name)
		}
	}
}

func TestEditThatDoesNotFit(t *testing.T) {
	root, err := moduleRoot()
	require.NoError(t, err)
	_, err = lay(root, t.TempDir(), []edit{{"loop.go", "no such text", ""}})
	require.ErrorContains(t, err, "0 times, not once")
}
