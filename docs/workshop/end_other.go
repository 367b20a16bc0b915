//go:build !unix

package main

import (
	"os/exec"
	"strconv"
)

// endTogether has cmd end, when its context is done, with all the processes that it has
// started. On Windows Ctrl-C reaches all of them; for every other end of the context,
// taskkill finds which process started which.
func endTogether(cmd *exec.Cmd) {
	cmd.Cancel = func() error {
		_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
		return cmd.Process.Kill()
	}
}
