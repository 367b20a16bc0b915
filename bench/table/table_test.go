package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What benchstat writes for two loops of ours and one measured by bench.Run.
const medians = `goos: linux
goarch: amd64
,none,,stage1_polling,,,,yours,,,
,%cpu,CI,%cpu,CI,vs base,P,%cpu,CI,vs base,P
Idle-2,0.025,∞,198.52,∞,~,p=0.333 n=2,1234.5,∞,~,p=0.333 n=2
Waiting/timers=1-2,0.03,∞,199,∞,~,p=0.333 n=2,,,,
geomean,0.027,,198.7,,+1%,,1234.5,,+1%,

,stage1_polling,,yours,,,
,late-p50-µs,CI,late-p50-µs,CI,vs base,P
Lateness-2,33.2,∞,0,∞,~,p=1.000 n=2
geomean,33.2,,,,?,

,stage1_polling,,yours,,,
,cpu-sec/op,CI,cpu-sec/op,CI,vs base,P
Firing-2,3e-06,∞,2.5e-07,∞,~,p=1.000 n=2
geomean,3e-06,,2.5e-07,,?,
`

const shown = `
                    none  stage1_polling  yours

%cpu: CPU time in percent of one core, as top shows it
  Idle              0.03             199  1,234
  Waiting/timers=1  0.03             199      ·

cpu-ns/op: CPU time for each timer or call
  Firing               ·           3,000    250

late-p50-µs: how late callbacks begin: the median
  Lateness             ·            33.2      0
`

// A fake go command, whose go test prints lines.
type fake struct {
	root              string
	prints            []string
	testErr, buildErr error
	ran               []string
	during            func()
}

func (f *fake) output(dir, name string, args ...string) (string, error) {
	f.ran = append(f.ran, strings.Join(append([]string{name}, args...), " "))
	switch {
	case name == "go" && args[0] == "list":
		return f.root, nil
	case name == "go" && args[0] == "tool":
		return "the-benchstat", nil
	case name == "the-benchstat":
		return medians, nil
	case name == "go" && args[0] == "test":
		return "", f.buildErr
	}
	return "", errors.New("unexpected command: " + name)
}

func (f *fake) lines(dir string, stderr io.Writer, each func(string), name string, args ...string) error {
	f.ran = append(f.ran, strings.Join(append([]string{name}, args...), " "))
	for _, line := range f.prints {
		each(line)
	}
	if f.during != nil {
		f.during()
	}
	return f.testErr
}

func TestTheWhole(t *testing.T) {
	f := &fake{root: t.TempDir(), prints: []string{
		"goos: linux",
		"BenchmarkLoop/impl=yours/Waiting/timers=1-2 \t 1\t 0.1 %cpu",
		"PASS",
		"ok  \texample.com/eventloop/bench\t9.3s",
	}}
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"-count=2", "-benchtime=1x", "-bench=Waiting"}, f, &stdout, &stderr)
	require.Zero(t, code, stderr.String())

	line := "BenchmarkLoop/impl=yours/Waiting/timers=1-2 \t 1\t 0.1 %cpu\n"
	assert.Equal(t, "goos: linux\n"+line+line+shown, stdout.String())

	raw := filepath.Join(f.root, "bench", "out", "table.txt")
	kept, err := os.ReadFile(raw)
	require.NoError(t, err)
	line = "BenchmarkWaiting/impl=yours/timers=1-2 \t 1\t 0.1 %cpu\n"
	assert.Equal(t, "goos: linux\n"+line+line, string(kept), "under the name that our own benchmarks have")

	assert.Contains(t, stderr.String(), "round 1 of 2\nround 2 of 2, about ")
	assert.Contains(t, stderr.String(), raw)
	test := "go test -run=^$ -count=1 -bench=Waiting -benchtime=1x ./bench"
	assert.Equal(t, []string{
		"go list -m -f {{.Dir}} example.com/eventloop",
		"go tool -n benchstat",
		"go test -run=^$ ./bench",
		test, test,
		"the-benchstat -format=csv -table= -col=/impl " + raw,
	}, f.ran)
}

func TestOtherPackagesAreMeasuredInEachRound(t *testing.T) {
	f := &fake{root: t.TempDir()}
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(t.Context(), []string{"-count=2", "./a", "./b"}, f, &stdout, &stderr))
	var tests []string
	for _, command := range f.ran {
		if flags, packages, ok := strings.Cut(command, " -benchtime=200ms "); ok {
			tests = append(tests, packages)
			assert.Equal(t, "go test -run=^$ -count=1 -bench=.", flags)
		}
	}
	assert.Equal(t, []string{"./bench", "./a ./b", "./bench", "./a ./b"}, tests)
}

func TestAFailedBenchmarkEndsIt(t *testing.T) {
	f := &fake{root: t.TempDir(), prints: []string{"--- FAIL: BenchmarkIdle"}, testErr: errors.New("exit status 1")}
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), nil, f, &stdout, &stderr))
	assert.Equal(t, "--- FAIL: BenchmarkIdle\n", stdout.String(), "what failed is shown, and no table")
	assert.Contains(t, stderr.String(), "table: round 1: go test: exit status 1\n")
}

func TestWhatDoesNotBuildIsKnownBeforeMeasuring(t *testing.T) {
	f := &fake{root: t.TempDir(), buildErr: errors.New("exit status 1\nundefined: Nww")}
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), []string{"./a"}, f, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "undefined: Nww")
	assert.Empty(t, stdout.String())
	assert.NoDirExists(t, filepath.Join(f.root, "bench", "out"))
}

func TestCtrlCEndsIt(t *testing.T) {
	for name, testErr := range map[string]error{
		"in the middle of a round": errors.New("signal: interrupt"),
		"at the end of one":        nil,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			f := &fake{root: t.TempDir(), during: cancel, testErr: testErr}
			var stdout, stderr bytes.Buffer
			assert.Equal(t, 130, run(ctx, nil, f, &stdout, &stderr))
			assert.Equal(t, 1, strings.Count(strings.Join(f.ran, "\n"), " -bench="), "no further round")
			assert.Contains(t, stderr.String(), "table: stopped\n")
			assert.Empty(t, stdout.String())
		})
	}
}

func TestBadUsage(t *testing.T) {
	for arg, want := range map[string]string{
		"-count=0":         "-count is 0",
		"-count=x":         `invalid value "x"`,
		"-bench=(":         "-bench: error parsing regexp",
		"-benchtime=0s":    `-benchtime is "0s"`,
		"-benchtime=-1s":   `-benchtime is "-1s"`,
		"-benchtime=0x":    `-benchtime is "0x"`,
		"-benchtime=fast":  `-benchtime is "fast"`,
		"-benchtime=1.5xx": `-benchtime is "1.5xx"`,
		"-fast":            "not defined: -fast",
	} {
		t.Run(arg, func(t *testing.T) {
			f := &fake{root: t.TempDir()}
			var stdout, stderr bytes.Buffer
			assert.Equal(t, 2, run(t.Context(), []string{arg}, f, &stdout, &stderr))
			assert.Contains(t, stderr.String(), want)
			assert.Empty(t, f.ran, "nothing is run")
		})
	}
	var stdout, stderr bytes.Buffer
	assert.Zero(t, run(t.Context(), []string{"-h"}, &fake{}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "usage: table")
}

func TestWhatBenchstatDoesNotWrite(t *testing.T) {
	for name, text := range map[string]string{
		"a line before any header": "Idle-2,0.025,∞\n",
		"no number":                ",a,\n,%cpu,CI\nIdle-2,fast,∞\n",
		"no CSV":                   "a,\"b\n",
	} {
		_, err := readTables(text)
		assert.Error(t, err, name)
	}
	tables, err := readTables("")
	assert.NoError(t, err)
	assert.Empty(t, tables)
}

func TestCanonical(t *testing.T) {
	for line, want := range map[string]string{
		"BenchmarkLoop/impl=yours/Idle-2 \t1":              "BenchmarkIdle/impl=yours-2 \t1",
		"BenchmarkX/impl=yours/Waiting/timers=100-2 \t1":   "BenchmarkWaiting/impl=yours/timers=100-2 \t1",
		"BenchmarkX/impl=a-b/CallSoon \t1":                 "BenchmarkCallSoon/impl=a-b \t1",
		"BenchmarkIdle/impl=none-2 \t1":                    "BenchmarkIdle/impl=none-2 \t1",
		"BenchmarkWaiting/impl=none/timers=1-2 \t1":        "BenchmarkWaiting/impl=none/timers=1-2 \t1",
		"pkg: example.com/eventloop/bench/impl=x/Anything": "pkg: example.com/eventloop/bench/impl=x/Anything",
	} {
		assert.Equal(t, want, canonical(line))
	}
}

func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.004: "0.00", 0.096: "0.10", 9.5: "9.50", 99.42: "99.4", 100: "100",
		999.6: "1,000", 7335204: "7,335,204", 123456: "123,456",
	} {
		assert.Equal(t, want, number(x))
	}
}

func TestRemaining(t *testing.T) {
	assert.Equal(t, "", remaining(0, 6, 0))
	assert.Equal(t, ", about 40s to go", remaining(2, 6, 20*time.Second))
}
