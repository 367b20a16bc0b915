package main

import (
	"syscall"
	"testing"
)

// processIsThere reports whether a process is running.
func processIsThere(t *testing.T, pid int) bool {
	t.Helper()
	const synchronize = 0x100000
	process, err := syscall.OpenProcess(synchronize, false, uint32(pid))
	if err != nil {
		return false
	}
	defer syscall.CloseHandle(process)
	event, err := syscall.WaitForSingleObject(process, 0)
	return err != nil || event == syscall.WAIT_TIMEOUT
}
