package cputime

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reportEnv makes the test binary burn CPU and print its own reading instead
// of running tests, so that its parent can compare.
const reportEnv = "CPUTIME_TEST_BURN_AND_REPORT"

func TestMain(m *testing.M) {
	if os.Getenv(reportEnv) != "" {
		cpu, err := burn(200 * time.Millisecond)
		if err != nil {
			cpu = 0
		}
		os.Stdout.WriteString(cpu.String())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// burn keeps a core busy until the meter has gone on by at least cpu: in kernel
// code for a while, then in user code for as long, and so on, so that a meter
// that leaves out either is far off. It gives up after a minute.
func burn(cpu time.Duration) (time.Duration, error) {
	begin, err := Process()
	if err != nil {
		return 0, err
	}
	for start := time.Now(); time.Since(start) < time.Minute; {
		kernel := time.Now()
		for range 100 {
			_, _ = os.Stat(".")
		}
		for user, d := time.Now(), time.Since(kernel); time.Since(user) < d; {
		}
		now, err := Process()
		if err != nil || now-begin >= cpu {
			return now, err
		}
	}
	return 0, errors.New("busy for a minute, and the meter has not moved far enough")
}

func TestProcessAdvancesWhileBusy(t *testing.T) {
	_, err := burn(100 * time.Millisecond)
	require.NoError(t, err)
}

// The operating system gives a parent its child's times when the child is
// gone: what the child read of itself last must be nearly all of that.
func TestProcessAgreesWithTheParentsView(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	child := exec.Command(self)
	child.Env = append(os.Environ(), reportEnv+"=1")
	out, err := child.Output()
	require.NoError(t, err)

	got, err := time.ParseDuration(strings.TrimSpace(string(out)))
	require.NoError(t, err)
	want := child.ProcessState.UserTime() + child.ProcessState.SystemTime()
	assert.LessOrEqual(t, got, want, "a process can't have used more than its parent is told")
	assert.Greater(t, got, want*3/4, "user and system time both count")
}

func TestPercent(t *testing.T) {
	for _, c := range []struct {
		cpu, wall time.Duration
		want      float64
	}{
		{0, time.Second, 0},
		{time.Second, time.Second, 100},
		{2 * time.Second, time.Second, 200},
		{time.Millisecond, 2 * time.Second, 0.05},
		{time.Second, 0, 0},
		{time.Second, -time.Second, 0},
	} {
		assert.InDelta(t, c.want, Percent(c.cpu, c.wall), 1e-9, "Percent(%v, %v)", c.cpu, c.wall)
	}
}
