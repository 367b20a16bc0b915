package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"example.com/eventloop/bench"
	"example.com/eventloop/internal/benchrun"
)

// playEnv has this binary say what the benchmarks of a package say.
const playEnv = "TABLE_TEST_PLAY"

func TestMain(m *testing.M) {
	said, play := os.LookupEnv(playEnv)
	if !play {
		goleak.VerifyTestMain(m)
		return
	}
	fmt.Print(said)
	if strings.Contains(said, "--- FAIL") {
		os.Exit(1)
	}
	if strings.HasSuffix(said, "...") {
		time.Sleep(time.Minute) // its test ends it, or else has failed
	}
}

// table runs the command in an empty folder, where the benchmarks of each package say
// that. Those of the package none are not there.
func table(t *testing.T, said string, args ...string) (code int, stdout, stderr string) {
	t.Chdir(t.TempDir())
	t.Setenv(playEnv, said)
	self, err := os.Executable()
	require.NoError(t, err)
	pretend := func(_ context.Context, _ string, packages []string) (stages, others []benchrun.Binary, err error) {
		for _, p := range packages {
			b := benchrun.Binary{Pkg: "example.org/" + p, File: self}
			switch p {
			case "none":
				b.File = ""
			case "broken":
				err = errors.New("undefined: Nww")
			case "nowhere":
				err = os.WriteFile(outDir, nil, 0o644) // a file where the folder has to be
			}
			others = append(others, b)
		}
		return []benchrun.Binary{{Pkg: "bench", File: self}}, others, err
	}
	ctx, cancel := context.WithCancel(t.Context())
	out, errs := seer{cancel: cancel}, seer{cancel: cancel}
	return run(ctx, args, pretend, &out, &errs), out.text.String(), errs.text.String()
}

// A seer keeps what goroutines write to it, and cancels when it is told to.
type seer struct {
	cancel context.CancelFunc
	mu     sync.Mutex // guards text
	text   strings.Builder
}

func (s *seer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bytes.Contains(p, []byte("cancel now")) {
		s.cancel()
	}
	return s.text.Write(p)
}

// kept returns what the last command has kept.
func kept(t *testing.T) string {
	files, _ := filepath.Glob(filepath.Join(outDir, "table-*.txt")) // the pattern is right
	require.Len(t, files, 1)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	return string(text)
}

const said = `goos: linux
pkg: p
BenchmarkIdle/impl=none-2 	1	0.02 %cpu
BenchmarkIdle/impl=stage1_polling-2 	1	199.52 %cpu
BenchmarkWaiting/impl=stage1_polling/timers=1-2 	1	199 %cpu
BenchmarkLoop/impl=yours/Idle-2 	1	1234.4 %cpu	980 wakeups/s
BenchmarkLoop/impl=yours/Firing-2 	a line of the loop's own
	1	250 cpu-ns/op
BenchmarkOther-2 	1	7 %cpu
PASS
`

const shown = `
Idle                  the loop has nothing to do
Waiting/timers=1      one timer is pending, due in an hour
Firing                1,000 timers fall due within 10 ms

                             none  stage1_polling      yours

%cpu: CPU time in percent of one core, as top shows it
  Idle                     0.0200             200      1,230
  Waiting/timers=1              ·             199          ·

wakeups/s: how often a thread goes to sleep and is woken, per second (says nothing where a loop spins)
  Idle                          ·               ·        980

cpu-ns/op: CPU time for each timer or call
  Firing                        ·               ·        250
`

func TestTheWhole(t *testing.T) {
	code, stdout, stderr := table(t, said, "-count=2", "-benchtime=1x", "none")
	require.Zero(t, code, stderr)
	lines, shows, _ := strings.Cut(stdout, "\nIdle  ")
	assert.Equal(t, shown, "\nIdle  "+shows)
	assert.Equal(t, [2]int{1, 2}, [2]int{strings.Count(lines, "goos: linux"), strings.Count(lines, "a line of the loop's own")})
	assert.Contains(t, kept(t), "\nBenchmarkFiring/impl=yours-2\t1\t250 cpu-ns/op\n", "under the name that our own benchmarks have")
	assert.NotContains(t, kept(t), "own", "for benchstat")
	assert.Regexp(t, `round 1 of 2\n(.*\n)*not measured: example.org/none: no benchmark .*\nround 2 of 2, about `, stderr)
}

// The figures of two loops are never in one column, whatever they are called.
func TestTwoOfOneName(t *testing.T) {
	said := "BenchmarkA/impl=yours/Idle-2 \t1\t1 %cpu\nBenchmarkB/impl=yours/Idle-2 \t1\t2 %cpu\n"
	code, stdout, stderr := table(t, "pkg: p/anna\n"+said+"pkg: p/ben\n"+said, "-count=2")
	require.Zero(t, code, stderr)
	assert.Regexp(t, ` yours +yours@anna +yours@ben +yours@ben.BenchmarkB\n`, stdout)
	assert.Regexp(t, `  Idle +1.00 +2.00 +1.00 +2.00\n`, stdout)
	assert.Contains(t, stderr, "two loops have the name impl=yours: that of p/ben is in the column yours@ben\n")
	assert.Equal(t, 2, strings.Count(kept(t), "impl=yours@ben-2\t"), "in the file too")
}

// Each scenario is explained, and measured of the stages under the name that
// bench.Run gives it, so that nothing is left out here. -bench matches the scenario.
func TestEveryScenario(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("..", "bench_test.go"))
	require.NoError(t, err)
	require.Len(t, rows, len(bench.Scenarios()))
	for i, scenario := range bench.Scenarios() {
		assert.Equal(t, scenario, rows[i].name)
		assert.Equal(t, scenario != "Waiting/timers=100", regexp.MustCompile(usual).MatchString(scenario), scenario)
		name, _, _ := strings.Cut(scenario, "/")
		assert.Contains(t, string(src), "func Benchmark"+name+"(")
	}
	ours, others := patterns([]string{"Waiting/timers=1", "CallSoon"})
	assert.Equal(t, "^BenchmarkWaiting$/^impl=/^timers=1$|^BenchmarkCallSoon$/^impl=", ours)
	assert.Equal(t, "^Benchmark/^impl=/^Waiting$/^timers=1$|^Benchmark/^impl=/^CallSoon$", others)
}

func TestFailures(t *testing.T) {
	code, stdout, stderr := table(t, "--- FAIL: BenchmarkIdle\n")
	assert.Equal(t, 1, code)
	assert.Equal(t, "--- FAIL: BenchmarkIdle\n", stdout, "what failed is shown, and no table")
	assert.Contains(t, stderr, "table: round 1: the benchmarks of bench: exit status 1\n(all lines until then are in "+outDir)

	for args, want := range map[string]string{
		"":            "none of a loop is in what they wrote",
		"broken":      "undefined: Nww",
		"nowhere":     "a file for what is measured",
		"-count=0":    "-count=0: there must be a round",
		"-bench=(":    "-bench: error parsing regexp",
		"-bench=Idel": "and a scenario: Idle, Waiting/timers=1, ",
	} {
		code, stdout, stderr := table(t, "PASS\n", strings.Fields(args)...)
		assert.Equal(t, map[bool]int{true: 2, false: 1}[strings.HasPrefix(args, "-")], code, args)
		assert.Contains(t, stderr, want)
		assert.Empty(t, stdout)
	}
}

func TestCtrlCEndsWhatHangs(t *testing.T) {
	code, stdout, stderr := table(t, said+"cancel now\nno end ...")
	assert.Equal(t, 130, code)
	assert.Contains(t, stdout, shown, "what was measured is shown")
	assert.Contains(t, stderr, "table: stopped\n")
	assert.NotContains(t, stderr, "round 2")
}
