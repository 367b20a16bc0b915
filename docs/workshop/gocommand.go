package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// goCommand returns the go command, to be run in the workshop's folder. What it
// complains of is shown as it comes.
//
// The user's GOFLAGS are not for it: -json or -cpu=1,2 among them would change
// what it says. (Empty, the variable would not count, and the one of "go env -w"
// would.) When ctx is done, all that it has started ends with it.
func (w workshop) goCommand(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = w.dir
	cmd.Env = append(cmd.Environ(), "GOFLAGS= ")
	cmd.Stderr = w.progress
	cmd.WaitDelay = 10 * time.Second
	endTogether(cmd)
	return cmd
}

// An event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64 // in seconds
}

// goTest runs go test -json and calls each with what happens, as it happens. The
// error says why there may be less than all of it, and not that a test failed.
func (w workshop) goTest(ctx context.Context, each func(event), args ...string) error {
	cmd := w.goCommand(ctx, append([]string{"test", "-json"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewReader(out)
	complete := false // go test has said how a package ended
	for {
		line, readErr := lines.ReadString('\n')
		var e event
		if json.Unmarshal([]byte(line), &e) == nil {
			complete = complete || e.Test == "" && (e.Action == "pass" || e.Action == "fail")
			each(e)
		} else if strings.TrimSpace(line) != "" {
			fmt.Fprintln(w.progress, strings.TrimRight(line, "\r\n"))
		}
		if readErr != nil {
			break
		}
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
