//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Ctrl-C ends the script wherever it is: it waits, it is busy, it is one of
// several loops. What it cost so far is told, and the exit code is a shell's.
func TestCtrlC(t *testing.T) {
	const waits, spins = "console.log('begins'); setTimeout(() => {}, 1e9)", "console.log('begins'); for (;;);"
	for _, c := range []struct{ name, stage, source string }{
		{"Waits", "1", waits}, {"Waits", "2", waits}, {"Waits", "3", waits},
		{"Spins", "3", spins},
	} {
		t.Run(c.name+c.stage, func(t *testing.T) {
			cmd, _, stderr := program(t, "-stage", c.stage, file(t, c.source))
			cmd.Stdout = nil
			stdout, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			line, err := bufio.NewReader(stdout).ReadString('\n')
			require.NoError(t, err)
			assert.Equal(t, "begins\n", line)

			require.NoError(t, cmd.Process.Signal(os.Interrupt))
			rest, err := io.ReadAll(stdout)
			require.NoError(t, err)
			assert.Empty(t, rest)
			_ = cmd.Wait()
			assert.Equal(t, interrupted, cmd.ProcessState.ExitCode(), stderr.String())
			assert.Contains(t, stderr.String(), "interrupted\n")
			assert.Contains(t, stderr.String(), "top shows")
		})
	}
}

// With -stage all it ends the loop that runs, and those after it do not begin.
func TestCtrlCEndsAll(t *testing.T) {
	cmd, stdout, _ := program(t, "-stage=all", file(t, "console.log('begins'); setTimeout(() => {}, 1e9)"))
	cmd.Stderr = nil
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(stderr).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "on "+loops[0].name+" …\n", line)

	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	rest, err := io.ReadAll(stderr)
	require.NoError(t, err)
	assert.Empty(t, rest)
	_ = cmd.Wait()
	assert.Equal(t, interrupted, cmd.ProcessState.ExitCode())
	assert.Contains(t, stdout.String(), "On "+loops[0].name+" the script prints\n\n")
	assert.Contains(t, stdout.String(), "interrupted\n")
	assert.NotContains(t, stdout.String(), loops[1].name)
}

// While the script is still being read, Ctrl-C is what it is everywhere.
func TestCtrlCWhileReading(t *testing.T) {
	cmd, _, _ := program(t, "-stage=3", "-")
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	assert.Error(t, cmd.Wait())
	assert.False(t, cmd.ProcessState.Exited(), "a signal ended it")
	_ = stdin.Close()
}
