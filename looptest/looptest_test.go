package looptest_test

import (
	"cmp"
	"flag"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/looptest"
)

// The suite is proven by loops with a fault. Each is tried in a process of its
// own, where it may hang, race or leak as it likes, and in the way in which a
// reader would try it: the test binary calls itself with the loop's name in the first
// of these variables, and TestRun or TestRunVirtual fails.
const (
	nameVariable = "LOOPTEST_LOOP"
	hogVariable  = "LOOPTEST_HOG" // such a process wants all cores until its input ends
)

// unreadable names a loop like any other, tried by a suite that does not understand
// goroutine profiles.
const unreadable = "any loop, its profile being unreadable"

var patience = flag.Duration("patience", 0, "the watchdog's, if it is not the usual one")

func TestMain(m *testing.M) {
	if os.Getenv(hogVariable) != "" {
		for range 2 * runtime.NumCPU() {
			go func() {
				for {
					runtime.Gosched()
				}
			}()
		}
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	if flag.Parse(); testing.Short() {
		looptest.SetHaste()
	}
	name := os.Getenv(nameVariable)
	if name == "" {
		_ = flag.Set("test.parallel", "8") // most of them wait for processes that wait
		goleak.VerifyTestMain(m)
		return
	}
	if *patience > 0 {
		looptest.SetPatience(*patience)
	}
	if name == unreadable {
		looptest.ForgetProfiles()
	}
	os.Exit(m.Run())
}

func newTestLoop() eventloop.Loop { return newLoop(cmp.Or(os.Getenv(nameVariable), oneLoop)) }

func TestRun(t *testing.T) {
	t.Parallel()
	looptest.Run(t, newTestLoop)
}

func TestRunVirtual(t *testing.T) { looptest.RunVirtual(t, newTestLoop) }

func TestWaitsOnce(t *testing.T) { assert.Equal(t, blocks, looptest.Waits(t, newTestLoop)) }

var blocks = looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Blocks}

func with(name string) func() eventloop.Loop {
	return func() eventloop.Loop { return newLoop(name) }
}

var failedRule = regexp.MustCompile(`--- FAIL: \w+/(\w+)`)

// try runs one test of this file in another process, on loops of that name, and
// returns which of its rules failed.
func try(t *testing.T, test, name string, flags ...string) (failed []string, output string) {
	t.Helper()
	flags = append([]string{"-test.run=^" + test + "$", "-test.v", "-test.count=1", "-test.short"}, flags...)
	command := exec.Command(os.Args[0], flags...)
	command.Env = append(os.Environ(), nameVariable+"="+name)
	out, err := command.CombinedOutput()
	require.Error(t, err, "%s passes the suite", name)
	for _, match := range failedRule.FindAllStringSubmatch(string(out), -1) {
		failed = append(failed, match[1])
	}
	return failed, string(out)
}
