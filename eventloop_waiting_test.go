//go:build !js

package eventloop_test

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

// A program with one loop, by name, and nothing else: not even cgo, with which Go
// does not notice that all goroutines are asleep.
const program = `package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/signal"

	"example.com/eventloop"
	event "example.com/eventloop/stage3_event"
	polling "example.com/eventloop/stage1_polling"
	queue "example.com/eventloop/stage2_queue"
)

func main() {
	loop := map[string]func() eventloop.Loop{
		"polling": func() eventloop.Loop { return polling.New() },
		"queue":   func() eventloop.Loop { return queue.New() },
		"event":   func() eventloop.Loop { return event.New() },
	}[os.Args[1]]()
	ctx := context.Background()
	switch os.Args[2] {
	case "huge":
		loop.SetTimeout(math.MaxInt64, func() {})
	case "signal":
		ctx, _ = signal.NotifyContext(ctx, os.Interrupt)
	}
	loop.CallSoon(func() { fmt.Println("begun") })
	loop.Run(ctx)
}
`

// Go ends a program in which nobody could ever do anything again. A timer with
// the hugest delay keeps it waiting, as any other does; so does a signal that
// may come; a loop that blocks and has nothing pending does not.
func TestWhatKeepsAProgramWaiting(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a program")
	}
	dir := t.TempDir()
	source, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "main.exe")
	require.NoError(t, os.WriteFile(source, []byte(program), 0o600))
	build := exec.Command("go", "build", "-o", binary, source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	for _, test := range []struct {
		loop, pending string
		waits         bool
	}{
		{"polling", "huge", true}, {"polling", "signal", true}, {"polling", "nothing", true},
		{"queue", "huge", true}, {"queue", "signal", true}, {"queue", "nothing", false},
		{"event", "huge", true}, {"event", "signal", true}, {"event", "nothing", false},
	} {
		t.Run(test.loop+", "+test.pending, func(t *testing.T) {
			t.Parallel()
			var complaint strings.Builder
			command := exec.Command(binary, test.loop, test.pending)
			command.Stderr = &complaint
			output, err := command.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, command.Start())
			begun, err := bufio.NewReader(output).ReadString('\n')
			assert.NoError(t, err)
			assert.Equal(t, "begun", strings.TrimSpace(begun))
			if test.waits { // it has time to fall asleep
				time.Sleep(200 * time.Millisecond)
				_ = command.Process.Kill()
			}
			assert.Error(t, command.Wait())
			const asleep = "fatal error: all goroutines are asleep - deadlock!"
			assert.Equal(t, !test.waits, strings.Contains(complaint.String(), asleep), complaint.String())
		})
	}
}
