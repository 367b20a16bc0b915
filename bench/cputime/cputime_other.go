//go:build !unix && !windows

package cputime

import (
	"errors"
	"fmt"
	"runtime"
	"time"
)

func process() (time.Duration, error) {
	return 0, fmt.Errorf("CPU time of a process on %s/%s: %w", runtime.GOOS, runtime.GOARCH, errors.ErrUnsupported)
}
