//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// endTogether has cmd end, when its context is done, with all the processes that it has
// started. go test does not pass on an interrupt to the test that it runs, so all of them
// are one group, and the group is interrupted.
func endTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
}
