//go:build unix && !linux

package main

import (
	"syscall"
	"testing"
)

// processIsThere reports whether a process is running.
func processIsThere(t *testing.T, pid int) bool {
	t.Helper()
	return syscall.Kill(pid, 0) == nil
}
