//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Ctrl-C ends the script on each loop, while it waits and while it is busy. The
// program still prints the cost, and the exit code is that of a shell. If there
// were more loops to come, they do not begin.
func TestCtrlC(t *testing.T) {
	const waits, spins = "console.log('begins'); setTimeout(() => {}, 1e9)", "console.log('begins'); for (;;);"
	for _, c := range []struct{ name, stage, source string }{
		{"Waits", "1", waits}, {"Waits", "2", waits}, {"Waits", "3", waits}, {"Spins", "3", spins}, {"Waits", "all", waits},
	} {
		t.Run(c.name+c.stage, func(t *testing.T) {
			cmd, _, _ := program(t, "-stage", c.stage, "-")
			cmd.Stdin = strings.NewReader(c.source)
			output, w, err := os.Pipe()
			require.NoError(t, err)
			defer output.Close()
			cmd.Stdout, cmd.Stderr = w, w
			require.NoError(t, cmd.Start())
			require.NoError(t, w.Close())
			lines := bufio.NewReader(output)
			line, err := lines.ReadString('\n')
			require.NoError(t, err)
			assert.Contains(t, []string{"begins\n", "on stage1_polling …\n"}, line)

			require.NoError(t, cmd.Process.Signal(os.Interrupt))
			rest, err := io.ReadAll(lines)
			require.NoError(t, err)
			_ = cmd.Wait()
			assert.Equal(t, interrupted, cmd.ProcessState.ExitCode())
			assert.Contains(t, string(rest), "interrupted\n")
			assert.Contains(t, string(rest), "top shows")
			assert.Equal(t, 1, strings.Count(string(rest), "CPU  "), "one loop has run: %s", rest)
		})
	}
}

// While the program still reads the script, Ctrl-C ends it like any other.
func TestCtrlCWhileReading(t *testing.T) {
	cmd, _, _ := program(t, "-")
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	assert.Error(t, cmd.Wait())
	assert.False(t, cmd.ProcessState.Exited(), "a signal ended it")
	_ = stdin.Close()
}
