package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// runProgram runs a program of testdata, on the loop of a stage.
func runProgram(t *testing.T, program, stage string) (stdout, stderr string, ok bool) {
	t.Helper()
	w, _ := here(t)
	file := filepath.Join(w.dir, "testdata", program, "main.go")
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(source), "stage2_queue")
	changed := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(changed, []byte(strings.Replace(string(source), "stage2_queue", stage, 1)), 0o644))
	var complaints strings.Builder
	w.progress = &complaints
	out, err := w.goCommand(t.Context(), "run", overlayOf(t, map[string]string{file: changed}), "./testdata/"+program).Output()
	return string(out), complaints.String(), err == nil
}

// What chapter 2 says of a first program, which has one timer and then nothing.
func TestFirstProgram(t *testing.T) {
	chapter, err := os.ReadFile(filepath.FromSlash("../2_queue.md"))
	require.NoError(t, err)
	for _, stage := range []string{"stage2_queue", "stage3_event"} {
		stdout, stderr, ok := runProgram(t, "first", stage)
		assert.False(t, ok, stage)
		first, _, _ := strings.Cut(stderr, "\n")
		assert.Contains(t, strings.ReplaceAll(string(chapter), "\r\n", "\n"), "```text\n"+stdout+first+"\n```\n", stage)

		stdout, stderr, ok = runProgram(t, "first_ended", stage)
		assert.True(t, ok, stderr)
		assert.Equal(t, "hello\nRun has returned\n", stdout, stage)
	}
}
