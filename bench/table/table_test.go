package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop/bench"
)

// The medians are those of benchstat. What it wrote was made by
//
//	go -C bench/report tool benchstat -format=csv -table="" -row=".fullname" ../table/testdata/rounds.txt
func TestMediansAreBenchstats(t *testing.T) {
	read := func(name string) string {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		return strings.ReplaceAll(string(raw), "\r\n", "\n")
	}
	m := newMedians()
	m.cores = 2
	for line := range strings.Lines(read("rounds.txt")) {
		m.add(line)
	}
	figures := 0
	for _, table := range m.tables {
		figures += len(table.cells)
	}

	lines := csv.NewReader(strings.NewReader(read("benchstat.csv")))
	lines.FieldsPerRecord = -1
	records, err := lines.ReadAll()
	require.NoError(t, err)
	var of *table
	scale := 1.0
	for _, record := range records {
		switch name := record[0]; name {
		case "geomean":
		case "": // a header, of the file or of the unit
			unit := strings.Replace(record[1], "sec/op", "ns/op", 1)
			of, scale = m.table(unit), 1
			if unit != record[1] {
				scale = 1e9
			}
		default:
			want, err := strconv.ParseFloat(record[1], 64)
			require.NoError(t, err)
			row, column := m.name("Benchmark" + name)
			median, ok := of.median(row, column)
			assert.True(t, ok, "%s in %s", name, of.unit)
			assert.InEpsilon(t, 1+want*scale, 1+median, 1e-9, "%s in %s", name, of.unit)
			figures--
		}
	}
	assert.Zero(t, figures, "of these there is no median by benchstat")
}

const shown = `
                    none  stage1_polling  yours

%cpu: CPU time in percent of one core, as top shows it
  Idle              0.03             199  1,234
  Waiting/timers=1  0.03             199      ·

wakeups/s: how often a thread goes to sleep and is woken, per second (says nothing where a loop spins)
  Idle                 ·               ·    980

cpu-ns/op: CPU time for each timer or call
  Firing               ·           3,000    250

late-p50-µs: how late callbacks begin: the median
  Lateness             ·            33.2      0
`

func TestShow(t *testing.T) {
	m := newMedians()
	for line := range strings.Lines(strings.ReplaceAll(`pkg: p
BenchmarkIdle/impl=none-N 1 0.02 %cpu
BenchmarkIdle/impl=stage1_polling-N 1 198.52 %cpu
BenchmarkWaiting/impl=none/timers=1-N 1 0.03 %cpu
BenchmarkWaiting/impl=stage1_polling/timers=1-N 1 199 %cpu
BenchmarkLateness/impl=stage1_polling-N 1 33.2 late-p50-µs
BenchmarkFiring/impl=stage1_polling-N 1 3000 cpu-ns/op
BenchmarkIdle/impl=none-N 1 0.04 %cpu
BenchmarkLoop/impl=yours/Idle-N 1 1234.4 %cpu 980 wakeups/s
BenchmarkLoop/impl=yours/Firing-N 1 250 cpu-ns/op
BenchmarkLoop/impl=yours/Lateness-N 1 0 late-p50-µs
BenchmarkOther-N 1 7 %cpu
BenchmarkIdle/impl=none-N --- FAIL:
`, "-N", suffix())) {
		m.add(line)
	}
	var out bytes.Buffer
	show(&out, m.tables)
	assert.Equal(t, shown, out.String())
}

// suffix is what go test writes behind the name of a benchmark here.
func suffix() string {
	if n := runtime.GOMAXPROCS(0); n > 1 {
		return "-" + strconv.Itoa(n)
	}
	return ""
}

// A name may end as the number of cores does.
func TestName(t *testing.T) {
	for _, c := range []struct {
		cores                int
		name, scenario, loop string
	}{
		{2, "BenchmarkIdle/impl=a-2-2", "Idle", "a-2"},
		{1, "BenchmarkIdle/impl=a-1", "Idle", "a-1"},
		{2, "BenchmarkWaiting/impl=a/timers=1-2", "Waiting/timers=1", "a"},
		{2, "BenchmarkIdle-2", "Idle", ""},
		{2, "ok", "", ""},
	} {
		m := newMedians()
		m.cores = c.cores
		scenario, loop := m.name(c.name)
		assert.Equal(t, [2]string{c.scenario, c.loop}, [2]string{scenario, loop}, c.name)
	}
}

// -bench matches the scenario, wherever its name stands.
func TestTheScenarioIsWhatMatches(t *testing.T) {
	for expression, want := range map[string][2]string{
		"Idle": {"^BenchmarkIdle$/^impl=", "^Benchmark/^impl=/^Idle$"},
		"^Waiting/timers=1$|Call": {
			"^BenchmarkWaiting$/^impl=/^timers=1$|^BenchmarkCallSoon$/^impl=",
			"^Benchmark/^impl=/^Waiting$/^timers=1$|^Benchmark/^impl=/^CallSoon$",
		},
	} {
		ours, others := patterns(matching(regexp.MustCompile(expression)))
		assert.Equal(t, want, [2]string{ours, others}, expression)
	}
}

// What is measured of the stages has the names that bench.Run gives, so that
// nothing is left out here.
func TestTheStagesAreMeasuredInTheSameScenarios(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("..", "bench_test.go"))
	require.NoError(t, err)
	for _, match := range regexp.MustCompile(`(?m)^func Benchmark(\w+)\(`).FindAllSubmatch(src, -1) {
		assert.Regexp(t, `(^| )`+string(match[1])+`[/ ]`, strings.Join(bench.Scenarios(), " ")+" ")
	}
}

// A fake go command, whose go test prints lines.
type fake struct {
	prints            []string
	testErr, buildErr error
	ran               []string
	during            func()
}

func (f *fake) output(dir string, args ...string) (string, error) {
	f.ran = append(f.ran, strings.Join(args, " "))
	if args[0] == "list" {
		return "/root", nil
	}
	return "", f.buildErr
}

func (f *fake) lines(dir string, stderr io.Writer, each func(string), args ...string) error {
	f.ran = append(f.ran, strings.Join(args, " "))
	for _, line := range f.prints {
		each(line)
	}
	if f.during != nil {
		f.during()
	}
	return f.testErr
}

const idle = "BenchmarkLoop/impl=yours/Idle \t 1\t 0.1 %cpu"

func TestTheWhole(t *testing.T) {
	t.Chdir(t.TempDir())
	f := &fake{prints: []string{"goos: linux", "pkg: p", idle, "PASS", "ok  \tp\t9.3s", "?   \tq\t[no test files]"}}
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(t.Context(), []string{"-count=2", "-benchtime=1x", "-bench=Idle"}, f, &stdout, &stderr), stderr.String())

	assert.Equal(t, "goos: linux\npkg: p\n"+idle+"\n"+idle+`

        yours

%cpu: CPU time in percent of one core, as top shows it
  Idle   0.10
`, stdout.String())
	files, err := filepath.Glob(filepath.Join(outDir, "table-*.txt"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	kept, err := os.ReadFile(files[0])
	require.NoError(t, err)
	line := "BenchmarkIdle/impl=yours \t 1\t 0.1 %cpu\n"
	assert.Equal(t, "goos: linux\npkg: p\n"+line+line, string(kept), "under the name that our own benchmarks have")

	assert.Contains(t, stderr.String(), "round 1 of 2\nnot measured: q: no benchmark there calls bench.Run")
	assert.Contains(t, stderr.String(), "\nround 2 of 2, about ")
	assert.Contains(t, stderr.String(), files[0])
	test := "test -run=^$ -count=1 -cpu= -json=false -benchtime=1x -bench=^BenchmarkIdle$/^impl= ./bench"
	assert.Equal(t, []string{"list -json=false -m -f {{.Dir}} " + module, "test -run=^$ ./bench", test, test}, f.ran)

	// The next one keeps the last one's lines.
	require.Zero(t, run(t.Context(), []string{"-count=1", "-bench=Idle"}, f, &stdout, &stderr))
	files, err = filepath.Glob(filepath.Join(outDir, "table-*.txt"))
	require.NoError(t, err)
	assert.Len(t, files, 2)
}

func TestOtherPackagesAreMeasuredInEachRound(t *testing.T) {
	t.Chdir(t.TempDir())
	f := &fake{prints: []string{idle}}
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(t.Context(), []string{"-count=2", "-bench=Idle", "./a", "./b"}, f, &stdout, &stderr))
	var tests []string
	for _, command := range f.ran {
		if _, pattern, ok := strings.Cut(command, " -benchtime=200ms -bench="); ok {
			tests = append(tests, pattern)
		}
	}
	ours, others := "^BenchmarkIdle$/^impl= ./bench", "^Benchmark/^impl=/^Idle$ ./a ./b"
	assert.Equal(t, []string{ours, others, ours, others}, tests)
}

func TestAFailedBenchmarkEndsIt(t *testing.T) {
	t.Chdir(t.TempDir())
	f := &fake{prints: []string{"--- FAIL: BenchmarkIdle"}, testErr: errors.New("exit status 1")}
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), nil, f, &stdout, &stderr))
	assert.Equal(t, "--- FAIL: BenchmarkIdle\n", stdout.String(), "what failed is shown, and no table")
	assert.Contains(t, stderr.String(), "table: round 1: go test: exit status 1\n(all lines until then are in "+outDir)
}

func TestWhatDoesNotBuildIsKnownBeforeMeasuring(t *testing.T) {
	t.Chdir(t.TempDir())
	f := &fake{buildErr: errors.New("exit status 1\nundefined: Nww")}
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), []string{"./a"}, f, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "undefined: Nww")
	assert.Empty(t, stdout.String())
	assert.NoDirExists(t, outDir)
}

// What go says is shown, whether it says so on one stream or the other.
func TestWhatGoSaysIsShown(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module p\n\ngo 1.26\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "p_test.go"), []byte("package p\n\nvar x = Nww\n"), 0o644))
	_, err := tool{}.output(dir, "test", "-run=^$", ".")
	assert.ErrorContains(t, err, "undefined: Nww")
}

// A folder that can't be written to is known before measuring.
func TestNowhereToWrite(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile(outDir, nil, 0o644)) // a file where the folder has to be
	f := &fake{prints: []string{idle}}
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), nil, f, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "a file for what is measured")
	assert.Empty(t, stdout.String())
}

func TestCtrlCEndsIt(t *testing.T) {
	for name, testErr := range map[string]error{
		"in the middle of a round": errors.New("signal: interrupt"),
		"at the end of one":        nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			ctx, cancel := context.WithCancel(t.Context())
			f := &fake{prints: []string{idle}, during: cancel, testErr: testErr}
			var stdout, stderr bytes.Buffer
			assert.Equal(t, 130, run(ctx, nil, f, &stdout, &stderr))
			assert.Equal(t, 1, strings.Count(strings.Join(f.ran, "\n"), " -bench="), "no further round")
			assert.Contains(t, stdout.String(), "\n  Idle   0.10\n", "what was measured is shown")
			assert.Contains(t, stderr.String(), "Medians of what was measured until it was stopped")
			assert.Contains(t, stderr.String(), "table: stopped\n")
		})
	}
}

func TestBadUsage(t *testing.T) {
	for arg, want := range map[string]string{
		"-count=0":         "-count is 0",
		"-count=x":         `invalid value "x"`,
		"-bench=(":         "-bench: error parsing regexp",
		"-bench=Idel":      "matches no scenario: there are Idle, Waiting/timers=1, ",
		"-benchtime=0s":    `-benchtime is "0s"`,
		"-benchtime=-1s":   `-benchtime is "-1s"`,
		"-benchtime=0x":    `-benchtime is "0x"`,
		"-benchtime=fast":  `-benchtime is "fast"`,
		"-benchtime=1.5xx": `-benchtime is "1.5xx"`,
		"-fast":            "not defined: -fast",
	} {
		t.Run(arg, func(t *testing.T) {
			f := &fake{}
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
