package benchtext

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const twice = `date: 2026-01-02
go: go1.99
cores: 2
goos: linux
goarch: amd64
pkg: example.com/a
cpu: A CPU
BenchmarkIdle/impl=x-2         	       1	         0.5 %cpu	         0 turns/s
BenchmarkWaiting/impl=x/timers=1-2	       1	       100 %cpu
PASS
pkg: example.com/a
BenchmarkIdle/impl=x-2         	       1	         0.25 %cpu	         3 turns/s
BenchmarkWaiting/impl=x/timers=1-2	       1	       102 %cpu
PASS
`

func TestParse(t *testing.T) {
	text, err := Parse(strings.NewReader(twice))
	require.NoError(t, err)
	assert.Equal(t, []string{"Idle/impl=x", "Waiting/impl=x/timers=1"}, text.Names())
	assert.Equal(t, []string{"%cpu", "turns/s"}, text.Units("Idle/impl=x"))
	assert.Equal(t, []float64{0.5, 0.25}, text.Values("Idle/impl=x", "%cpu"))
	median, err := text.Median("Waiting/impl=x/timers=1", "%cpu")
	require.NoError(t, err)
	assert.Equal(t, 101.0, median)
	assert.Equal(t, 2, text.Rounds())
	assert.Equal(t, "A CPU, 2 cores · go1.99 linux/amd64 · 2026-01-02 · medians of 2 passes", text.Provenance())

	_, err = text.Median("Idle/impl=x", "ns/op")
	assert.EqualError(t, err, "no figure in ns/op is in BenchmarkIdle/impl=x: there are %cpu, turns/s")
	_, err = text.Median("Idle/impl=y", "ns/op")
	assert.EqualError(t, err, "there is no BenchmarkIdle/impl=y: there are Idle/impl=x, Waiting/impl=x/timers=1")
}

func TestNoResults(t *testing.T) {
	for in, want := range map[string]string{
		"":                                       "no benchmark result",
		"ok  \tp\t1s\n":                          "no benchmark result",
		"BenchmarkX \t1\tmany ns/op\n":           "no benchmark result",
		twice + "--- FAIL: BenchmarkY\n":         "the benchmarks failed: --- FAIL: BenchmarkY",
		twice + "FAIL\tp\t1s\n":                  "the benchmarks failed: FAIL",
		"BenchmarkX \t1\tNaN ns/op\t1 B/op\n":    "NaN ns/op of BenchmarkX is no measurement",
		twice + "BenchmarkX-2 \t1\t+Inf ns/op\n": "+Inf ns/op of BenchmarkX-2 is no measurement",
	} {
		_, err := Parse(strings.NewReader(in))
		assert.ErrorContains(t, err, want, in)
	}
}

// What a loop prints comes between the name of its benchmark and the figures, and a
// line of it may end where those begin.
func TestAmongOtherOutput(t *testing.T) {
	const name, figures = "BenchmarkIdle/impl=x-2         \t", "       1\t         0.5 %cpu\t         0 turns/s\n"
	long := strings.Repeat("all work ", 100_000)
	for about, in := range map[string]string{
		"nothing":               name + figures,
		"a line":                name + "hello\n" + figures,
		"lines":                 name + "hello\nworld\t3 apples\n\n" + figures,
		"no end of line":        name + "hello" + figures,
		"a digit before":        name + "hello 5" + figures,
		"before the name":       "hello" + name + figures,
		"another name":          "BenchmarkOther-2 \t" + name + figures,
		"a long line":           name + long + figures,
		"a long line, then not": name + long + "\n" + figures,
		"before it, a long one": long + name + figures,
		"Windows":               strings.ReplaceAll(name+figures, "\n", "\r\n"),
		"no last end of line":   strings.TrimSpace(name + figures),
	} {
		text, err := Parse(strings.NewReader(in))
		if assert.NoError(t, err, about) {
			assert.Equal(t, []string{"Idle/impl=x"}, text.Names(), about)
			assert.Equal(t, []float64{0.5}, text.Values("Idle/impl=x", "%cpu"), about)
			assert.Equal(t, []float64{0}, text.Values("Idle/impl=x", "turns/s"), about)
		}
	}
}

// A line that looks like figures is none without a benchmark that runs.
func TestReader(t *testing.T) {
	var r Reader
	_, ok := r.Line("       1\t         0.5 %cpu")
	assert.False(t, ok)
	_, ok = r.Line("pkg: p")
	assert.False(t, ok)
	result, ok := r.Line("saidBenchmarkIdle/impl=x-2 \tand said       1\t         0.5 %cpu")
	require.True(t, ok)
	assert.Equal(t, Result{"p", "Idle/impl=x-2", "1", []Figure{{"0.5", "%cpu"}}}, result)
	assert.Equal(t, "BenchmarkIdle/impl=x-2\t1\t0.5 %cpu", result.String())
	_, ok = r.Line("       1\t         0.5 %cpu")
	assert.False(t, ok)
}

// A name may end as the number of processors does, where there is only one of those.
func TestProcs(t *testing.T) {
	for in, want := range map[string][]string{
		"BenchmarkX/impl=a-2-2\t1\t1 s\nBenchmarkX/impl=b-2\t1\t1 s": {"X/impl=a-2", "X/impl=b"},
		"BenchmarkX/impl=a-2\t1\t1 s\nBenchmarkX/impl=b\t1\t1 s":     {"X/impl=a-2", "X/impl=b"},
		"BenchmarkX\t1\t1 s\nBenchmarkX/impl=a-2\t1\t1 s":            {"X", "X/impl=a-2"},
	} {
		text, err := Parse(strings.NewReader(in))
		require.NoError(t, err)
		assert.Equal(t, want, text.Names())
		assert.Equal(t, []float64{1}, text.Values(want[0], "s"))
	}
}

func TestSplit(t *testing.T) {
	for name, want := range map[string][2]string{
		"Idle":                    {"Idle", ""},
		"Waiting/impl=x/timers=1": {"Waiting/timers=1", "x"},
		"Loop/impl=x/Idle/impl=y": {"Loop/Idle/impl=y", "x"},
	} {
		row, impl := Split(name)
		assert.Equal(t, want, [2]string{row, impl})
	}
}

func TestCanonical(t *testing.T) {
	for name, want := range map[string]string{
		"Loop/impl=yours/Idle-2":            "Idle/impl=yours-2",
		"X/impl=yours/Waiting/timers=100-2": "Waiting/impl=yours/timers=100-2",
		"X/impl=a-b/CallSoon":               "CallSoon/impl=a-b",
		"Idle/impl=none-2":                  "Idle/impl=none-2",
		"Waiting/impl=none/timers=1-2":      "Waiting/impl=none/timers=1-2",
	} {
		assert.Equal(t, want, Canonical(name))
	}
}
