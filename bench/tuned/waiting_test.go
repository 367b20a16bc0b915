//go:build !js

package tuned_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A program with this loop and nothing else: not even cgo, with which Go does not notice
// that all goroutines are asleep.
const program = `package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/signal"

	"example.com/eventloop/bench/tuned"
)

func main() {
	loop := tuned.New()
	ctx := context.Background()
	switch os.Args[1] {
	case "huge":
		loop.SetTimeout(math.MaxInt64, func() {})
	case "signal":
		ctx, _ = signal.NotifyContext(ctx, os.Interrupt)
	}
	loop.CallSoon(func() { fmt.Println("begun") })
	loop.Run(ctx)
}
`

// Go ends a program in which nobody could ever do anything again. A timer with the
// hugest delay keeps it waiting, as any other does. So does a signal that may come.
// With nothing pending it ends.
func TestWhatKeepsAProgramWaiting(t *testing.T) {
	dir := t.TempDir()
	source, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "main.exe")
	require.NoError(t, os.WriteFile(source, []byte(program), 0o600))
	build := exec.Command("go", "build", "-o", binary, source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	for pending, waits := range map[string]bool{"huge": true, "signal": true, "nothing": false} {
		t.Run(pending, func(t *testing.T) {
			var complaint strings.Builder
			command := exec.Command(binary, pending)
			command.Stderr = &complaint
			output, err := command.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, command.Start())
			begun, err := bufio.NewReader(output).ReadString('\n')
			assert.NoError(t, err)
			assert.Equal(t, "begun", strings.TrimSpace(begun))
			if waits { // it has time to fall asleep
				time.Sleep(200 * time.Millisecond)
				_ = command.Process.Kill()
			}
			assert.Error(t, command.Wait())
			const asleep = "fatal error: all goroutines are asleep - deadlock!"
			assert.Equal(t, !waits, strings.Contains(complaint.String(), asleep), complaint.String())
		})
	}
}
