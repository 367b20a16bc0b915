package cputime

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reportEnv makes the test binary burn CPU, or nap, and print its own reading
// instead of running tests, so that its parent can compare.
const reportEnv = "CPUTIME_TEST_REPORT"

func TestMain(m *testing.M) {
	switch os.Getenv(reportEnv) {
	case "cpu":
		cpu, err := burn(100 * time.Millisecond)
		if err != nil {
			cpu = 0
		}
		fmt.Print(cpu)
		os.Exit(0)
	case "wakeups":
		nap()
		n, _ := WakeUps()
		fmt.Print(n)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// report returns what a child process reads of itself, and what is known of it
// when it is gone.
func report(t *testing.T, of string) (string, *os.ProcessState) {
	self, err := os.Executable()
	require.NoError(t, err)
	child := exec.Command(self)
	child.Env = append(os.Environ(), reportEnv+"="+of)
	out, err := child.Output()
	require.NoError(t, err)
	return string(out), child.ProcessState
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

// The operating system gives a parent its child's times when the child is
// gone: what the child read of itself last must be nearly all of that.
func TestProcessAgreesWithTheParentsView(t *testing.T) {
	out, child := report(t, "cpu")
	got, err := time.ParseDuration(out)
	require.NoError(t, err)
	want := child.UserTime() + child.SystemTime()
	assert.LessOrEqual(t, got, want, "a process can't have used more than its parent is told")
	assert.Greater(t, got, want*3/4, "user and system time both count")
}

const naps = 100

// nap has a thread sleep so many times: one that waits for the goroutine it is
// locked to sleeps as often as that does.
func nap() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for range naps {
		time.Sleep(100 * time.Microsecond)
	}
}

// A nap can only escape the count if it is over before the thread is off its
// core.
func TestWakeUpsCountsNaps(t *testing.T) {
	before, err := WakeUps()
	if errors.Is(err, errors.ErrUnsupported) {
		assert.NotContains(t, []string{"linux", "freebsd", "openbsd", "netbsd", "dragonfly"}, runtime.GOOS)
		assert.Zero(t, before)
		return
	}
	require.NoError(t, err)
	nap()
	after, err := WakeUps()
	require.NoError(t, err)
	assert.GreaterOrEqual(t, after-before, uint64(naps/2), "%d naps", naps)
}

func TestPercent(t *testing.T) {
	assert.Equal(t, 200.0, Percent(2*time.Second, time.Second))
	assert.Equal(t, 0.05, Percent(time.Millisecond, 2*time.Second))
	assert.Zero(t, Percent(time.Second, 0))
	assert.Zero(t, Percent(time.Second, -time.Second))
}

func TestMeter(t *testing.T) {
	m := Start()
	_, err := burn(50 * time.Millisecond)
	require.NoError(t, err)
	wall, cpu, err := m.Read()
	require.NoError(t, err)
	all, err := Process()
	require.NoError(t, err)
	assert.Positive(t, wall)
	assert.LessOrEqual(t, 50*time.Millisecond, cpu)
	assert.LessOrEqual(t, cpu, all)
}

// What a quiet machine shows is never called busy, though it may be a little less than
// all there is.
func TestBusy(t *testing.T) {
	assert.Empty(t, busy(199.6, 200))
	assert.Empty(t, busy(85, 100))
	assert.Contains(t, busy(133, 200), "what could use\n200 % of a core got 133. So")
	if warning := Busy(); warning != "" { // here, now
		assert.Contains(t, warning, "Something else is busy")
	}
}
