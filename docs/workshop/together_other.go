//go:build !unix

package main

import (
	"os/exec"
	"strconv"
)

// endTogether has cmd end, when its context is done, with all the processes that
// it has started. On Windows Ctrl-C reaches them all by itself; whatever else ends
// the context does not, and taskkill finds who was started by whom.
func endTogether(cmd *exec.Cmd) {
	cmd.Cancel = func() error {
		_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
		return cmd.Process.Kill()
	}
}
