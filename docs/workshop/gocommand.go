package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// goCommand returns the go command, to be run in the workshop's folder. Its complaints are
// shown as they come.
//
// The user's GOFLAGS are not for it: -json or -cpu=1,2 among them would change its output.
// (Empty, the variable would not count, and the one of "go env -w" would.)
//
// Ctrl-C reaches the test as well: the terminal sends it to all processes of a command. So
// the go command has time to end in order.
func (w workshop) goCommand(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = w.dir
	cmd.Env = append(cmd.Environ(), "GOFLAGS= ")
	cmd.Stderr = w.progress
	cmd.WaitDelay = 10 * time.Second
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd
}

// An event is a line of go test -json, or of go tool test2json.
type event struct {
	Action, Package, Test, Output string
}

// events runs a command that writes events, and calls each with every one as it comes. An
// error means that the events are not complete; a test that fails is none.
func (w workshop) events(ctx context.Context, cmd *exec.Cmd, each func(event)) error {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	complete := false // go test has said how a package ended
	for events := json.NewDecoder(out); ; {
		var e event
		if err := events.Decode(&e); err == io.EOF {
			break
		} else if err != nil { // show what is no JSON
			_, _ = io.Copy(w.progress, io.MultiReader(events.Buffered(), out))
			break
		}
		complete = complete || e.Test == "" && (e.Action == "pass" || e.Action == "fail")
		each(e)
	}
	err = cmd.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && !complete {
		return fmt.Errorf("go test: %w", err)
	}
	return nil
}
