//go:build linux || dragonfly || freebsd || netbsd || openbsd

package cputime

import (
	"os"
	"syscall"
)

func wakeUps() (uint64, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, os.NewSyscallError("getrusage", err)
	}
	return uint64(usage.Nvcsw), nil
}
