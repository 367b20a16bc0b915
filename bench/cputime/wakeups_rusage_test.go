//go:build linux || dragonfly || freebsd || netbsd || openbsd

package cputime

import (
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// As with CPU time, the parent is told by the operating system. Interruptions
// are not among the wake-ups.
func TestWakeUpsAgreesWithTheParentsView(t *testing.T) {
	out, child := report(t, "wakeups")
	got, err := strconv.ParseUint(out, 10, 64)
	require.NoError(t, err)
	require.IsType(t, &syscall.Rusage{}, child.SysUsage())
	want := uint64(child.SysUsage().(*syscall.Rusage).Nvcsw)
	assert.LessOrEqual(t, got, want, "a process can't have slept more often than its parent is told")
	assert.Greater(t, got, want*3/4, "all but its end")
}
