//go:build !(linux || dragonfly || freebsd || netbsd || openbsd)

package cputime

import (
	"errors"
	"fmt"
	"runtime"
)

func wakeUps() (uint64, error) {
	return 0, fmt.Errorf("wake-ups of a process on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
