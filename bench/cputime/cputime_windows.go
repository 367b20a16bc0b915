package cputime

import (
	"os"
	"syscall"
	"time"
)

func process() (time.Duration, error) {
	self, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0, os.NewSyscallError("GetCurrentProcess", err)
	}
	var creation, exit, kernel, user syscall.Filetime
	if err := syscall.GetProcessTimes(self, &creation, &exit, &kernel, &user); err != nil {
		return 0, os.NewSyscallError("GetProcessTimes", err)
	}
	return duration(kernel) + duration(user), nil
}

// duration reads t as a span of time, in units of 100 ns. Filetime's own
// Nanoseconds won't do: it takes t for a date and counts from 1970.
func duration(t syscall.Filetime) time.Duration {
	const unit = 100 * time.Nanosecond
	return time.Duration(int64(t.HighDateTime)<<32|int64(t.LowDateTime)) * unit
}
