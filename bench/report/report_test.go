package main

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"image/color"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write testdata/golden anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sample returns a small but whole output of both suites: every row that a
// goal or a picture asks for, two passes, with figures made up.
func sample() map[string][]byte {
	head := "date: 2026-01-02\ngo: go1.26\ncores: 2\ngoos: linux\ngoarch: amd64\ncpu: Sample CPU\n"
	var stages, peers strings.Builder
	stages.WriteString(head)
	peers.WriteString(head)
	for pass := range 2 {
		line := func(to *strings.Builder, name string, metrics ...any) {
			fmt.Fprintf(to, "Benchmark%s-2 \t 1", name)
			for i := 0; i < len(metrics); i += 2 {
				fmt.Fprintf(to, "\t%v %s", metrics[i], metrics[i+1])
			}
			to.WriteString("\n")
		}
		for i, impl := range allLoops {
			line(&stages, "Idle/impl="+impl, max(0, 200-100*i), "%cpu", max(0, 1000*(2-i)), "turns/s", 30+i, "wakeups/s")
			line(&stages, "Waiting/impl="+impl+"/timers=100", max(0, 200-90*i), "%cpu", max(0, 2000*(2-i)), "turns/s", 40+i, "wakeups/s")
			line(&stages, "Lateness/impl="+impl, 2*(i+1), "late-p50-µs")
			line(&stages, "Firing/impl="+impl, 3000-900*i+pass, "cpu-ns/op")
			for _, n := range []int{1, 1000} {
				line(&peers, fmt.Sprintf("Wait/impl=%s/pending=%d", impl, n), max(0, 200-100*i), "%cpu", (4-i)*n, "late-p50-µs")
			}
		}
		lateness := func(impl string, times float64) {
			for _, flow := range []string{"quiet", "10000"} {
				var metrics []any
				for _, p := range percentiles {
					metrics = append(metrics, times*float64(p), fmt.Sprintf("late-p%02d-µs", p))
				}
				line(&peers, "Lateness/impl="+impl+"/flow="+flow, metrics...)
			}
		}
		for _, impl := range append([]string{"AfterFunc"}, allLoops...) {
			lateness(impl, 1.5)
		}
		for i, impl := range []string{ours, fast, "floor", "heap", "AfterFunc", "AfterFunc_serial", "goja_nodejs", "channel"} {
			for n := 1000; n <= 10_000_000; n *= 10 {
				for _, work := range []string{"setstop/goroutines=1", "setstop/goroutines=4", "replace", "setfire"} {
					line(&peers, fmt.Sprintf("Pending/impl=%s/pending=%d/work=%s", impl, n, work), 100*(i+1)+pass, "ns/op")
				}
			}
			for _, g := range []int{1, 4} {
				line(&peers, fmt.Sprintf("Pending/impl=%s/pending=0/work=setstop/goroutines=%d", impl, g),
					100*(i+1), "ns/op", 48, "heap-B/op", 1, "heap-allocs/op")
				line(&peers, fmt.Sprintf("CallSoon/impl=%s/goroutines=%d", impl, g), 20*(i+1), "ns/op")
			}
			line(&peers, "Pending/impl="+impl+"/pending=1000000/work=keep", 70, "live-B/timer")
			line(&peers, "Pending/impl="+impl+"/pending=1000000/work=keephalf", 90, "live-B/timer")
			for _, n := range []int{100_000, 1_000_000} {
				line(&peers, fmt.Sprintf("Fire/impl=%s/timers=%d", impl, n), 200*(i+1), "ns/op", 300*(i+1), "cpu-ns/op")
			}
		}
		for _, impl := range []string{ours, fast} {
			line(&peers, "Turns/impl="+impl+"/state=idle", 0, "turns/s")
			line(&peers, "Turns/impl="+impl+"/state=waiting", 0, "turns/s")
			line(&peers, "Turns/impl="+impl+"/state=firing", 2, "turns/deadline")
		}
	}
	return map[string][]byte{"stages": []byte(stages.String()), "peers": []byte(peers.String())}
}

// put writes raw output into a new folder, as an earlier report would have.
func put(t *testing.T, raw map[string][]byte) string {
	dir := t.TempDir()
	for name, text := range raw {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".txt"), text, 0o644))
	}
	return dir
}

// files returns what is in a folder, hidden files too.
func files(t *testing.T, dir string) map[string]string {
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		all[e.Name()] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
	return all
}

func redraw(t *testing.T, dir string) (code int, stdout, stderr string) {
	var out, complaint bytes.Buffer
	code = run(t.Context(), []string{"-redraw", "-dir", dir}, &out, &complaint)
	return code, out.String(), complaint.String()
}

func TestRedrawMatchesGolden(t *testing.T) {
	dir := put(t, sample())
	code, stdout, stderr := redraw(t, dir)
	require.Zero(t, code, stderr)
	got := files(t, dir)
	require.Equal(t, got["goals.md"], stdout, "the table of goals is printed too")

	golden := filepath.Join("testdata", "golden")
	if *update {
		require.NoError(t, os.MkdirAll(golden, 0o755))
		for name, text := range got {
			require.NoError(t, os.WriteFile(filepath.Join(golden, name), []byte(text), 0o644))
		}
	}
	want := files(t, golden)
	require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
	for name := range want {
		require.Equal(t, want[name], got[name], "%s; if that is meant, run go test -update and look at it", name)
	}
}

// Output from a system that does not tell wake-ups is drawn without them.
func TestRedrawWithoutWakeUps(t *testing.T) {
	raw := sample()
	for name, text := range raw {
		var kept strings.Builder
		for line := range strings.Lines(string(text)) {
			kept.WriteString(regexp.MustCompile(`\t\d+ wakeups/s`).ReplaceAllString(line, ""))
		}
		raw[name] = []byte(kept.String())
	}
	dir := put(t, raw)
	code, _, stderr := redraw(t, dir)
	require.Zero(t, code, stderr)
	for name, text := range files(t, dir) {
		require.NotContains(t, text, "wakeups/s", name)
	}
}

// The fast loop has a column and is drawn, and what a unit means or leaves out
// stands above its table.
func TestTheFastLoopAndTheNotesAreThere(t *testing.T) {
	dir := put(t, sample())
	code, _, stderr := redraw(t, dir)
	require.Zero(t, code, stderr)
	made := files(t, dir)
	_, table, _ := strings.Cut(made["stages.md"], "\n## wakeups/s\n\n"+stageNotes["wakeups/s"]+"\n\n")
	require.True(t, strings.HasPrefix(table, "| | stage 1, polling | stage 2, queue | stage 3, event | tuned |\n"), table)
	require.Contains(t, table, "| Idle | 30.0 | 31.0 | 32.0 | 33.0 |\n")
	for _, name := range []string{"cpu.svg", "turns.svg", "pending.svg", "lateness.svg", "peers.svg", "growth.svg"} {
		require.Contains(t, made[name], ">tuned</text>", name)
	}
	require.Contains(t, made["stages.md"], "\n## late-p50-µs\n\n"+stageNotes["late-p50-µs"]+"\n\n|")
	require.Contains(t, made["peers.md"], "\n## late-p50-µs\n\n"+peerNotes["late-p50-µs"]+"\n\n|")
	require.Contains(t, made["lateness.svg"], "see Lateness in stages.md")
}

// Whoever can't see a picture is told its title, and whoever reads on a phone
// can read its text: the picture is then as wide as the screen, less a margin.
func TestPicturesCanBeRead(t *testing.T) {
	const phone, smallest = 390 - 2*16, 10 // pixels
	dir := put(t, sample())
	code, _, stderr := redraw(t, dir)
	require.Zero(t, code, stderr)
	sizes := regexp.MustCompile(`font-size:([\d.]+)px`)
	colors := regexp.MustCompile(`style="[^"]*(?:fill|stroke):(#[^;"]*)`)
	for name, text := range files(t, dir) {
		if !strings.HasSuffix(name, ".svg") {
			continue
		}
		require.Regexp(t, `<svg role="img" aria-labelledby="title" [^>]*>\n<title id="title">[A-Z][^<]+</title>`, text, name)
		require.NoError(t, xml.Unmarshal([]byte(text), new(any)), name)
		for _, size := range sizes.FindAllStringSubmatch(text, -1) {
			points, err := strconv.ParseFloat(size[1], 64)
			require.NoError(t, err)
			require.GreaterOrEqual(t, points*phone/width, float64(smallest), name)
		}
		require.Equal(t, strings.Count(text, "<text "), strings.Count(text, "<text textLength="), name)
		_, card, _ := strings.Cut(text, "</style>")
		used := colors.FindAllStringSubmatch(card, -1)
		require.NotEmpty(t, used)
		for _, c := range used {
			for _, what := range []string{"fill", "stroke"} {
				require.Contains(t, text, "[style*=\""+what+":"+c[1]+"\"] { "+what+": #", "%s: on a dark page too", name)
			}
		}
	}
}

// What is written can be read on its paper, be the page light or dark: WCAG's
// least contrast for text is 4.5 to 1.
func TestContrast(t *testing.T) {
	luminance := func(c color.RGBA) float64 {
		linear := func(v uint8) float64 {
			s := float64(v) / 255
			if s <= 0.04045 {
				return s / 12.92
			}
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	}
	contrast := func(a, b color.RGBA) float64 {
		x, y := luminance(a)+0.05, luminance(b)+0.05
		return max(x/y, y/x)
	}
	written := []color.RGBA{ink, pencil}
	for _, l := range legend {
		written = append(written, l.color)
	}
	for _, c := range written {
		require.GreaterOrEqual(t, contrast(c, paper), 4.5, hex(c))
		require.Contains(t, dark, c)
		require.GreaterOrEqual(t, contrast(dark[c], dark[paper]), 4.5, "%s in the dark", hex(c))
	}
}

func TestRedrawTwiceGivesTheSameBytes(t *testing.T) {
	dir := put(t, sample())
	code, _, stderr := redraw(t, dir)
	require.Zero(t, code, stderr)
	first := files(t, dir)
	code, _, stderr = redraw(t, dir)
	require.Zero(t, code, stderr)
	require.Equal(t, first, files(t, dir))
}

func TestBadInputLeavesOldFilesAlone(t *testing.T) {
	good := sample()
	for name, c := range map[string]struct {
		peers, complaint string
	}{
		"empty":           {"", "no benchmark result"},
		"no results":      {"goos: linux\nPASS\n", "no benchmark result"},
		"no value":        {string(good["peers"]) + "BenchmarkFire/impl=heap-2\t1\tfast ns/op\n", "peers.txt:"},
		"not a number":    {string(good["peers"]) + "BenchmarkFire/impl=heap-2\t1\tNaN ns/op\n", "is no measurement"},
		"infinite":        {string(good["peers"]) + "BenchmarkFire/impl=heap-2\t1\t+Inf ns/op\n", "is no measurement"},
		"failed":          {string(good["peers"]) + "--- FAIL: BenchmarkFire\n", "the benchmarks failed"},
		"a row missing":   {strings.ReplaceAll(string(good["peers"]), "state=idle", "state=other"), "Turns/state=idle"},
		"a peer missing":  {strings.ReplaceAll(string(good["peers"]), "impl=goja_nodejs", "impl=other"), "impl=goja_nodejs"},
		"a pass cut off":  {strings.Replace(string(good["peers"]), "BenchmarkFire/impl=AfterFunc/timers=1000000", "BenchmarkCut", 1), "2 times"},
		"a unit missing":  {strings.ReplaceAll(string(good["peers"]), "live-B/timer", "B/timer"), "live-B/timer"},
		"ratio with zero": {strings.ReplaceAll(string(good["peers"]), "BenchmarkFire/impl=stage3_event/timers=100000-2 \t 1\t200", "BenchmarkFire/impl=stage3_event/timers=100000-2 \t 1\t0"), "no ratio"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := put(t, map[string][]byte{"stages": good["stages"], "peers": []byte(c.peers)})
			require.NoError(t, os.WriteFile(filepath.Join(dir, "cpu.svg"), []byte("an old picture"), 0o644))
			before := files(t, dir)
			code, stdout, stderr := redraw(t, dir)
			require.Equal(t, 1, code)
			require.Contains(t, stderr, c.complaint)
			require.Empty(t, stdout)
			require.Equal(t, before, files(t, dir))
		})
	}
}

func TestNothingMeasuredYet(t *testing.T) {
	dir := t.TempDir()
	code, _, stderr := redraw(t, dir)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "stages.txt")
	require.Empty(t, files(t, dir))
}

func TestBadCommandLine(t *testing.T) {
	for _, args := range [][]string{{"-passes", "0"}, {"-passes", "many"}, {"-nonsense"}, {"stage"}} {
		var out, complaint bytes.Buffer
		require.Equal(t, 2, run(t.Context(), args, &out, &complaint), "%q", args)
		require.NotEmpty(t, complaint.String())
	}
}

func TestMeasureFailureIsReported(t *testing.T) {
	nowhere := []suite{{name: "peers", dir: t.TempDir()}}
	var progress bytes.Buffer
	_, err := measure(t.Context(), nowhere, 1, &progress)
	require.ErrorContains(t, err, "building peers")
}

func TestJudge(t *testing.T) {
	text := func(ours, theirs string) *results {
		var b strings.Builder
		for _, v := range strings.Fields(ours) {
			fmt.Fprintf(&b, "BenchmarkX/impl=stage3_event/n=1-2 1 %s ns/op\n", v)
		}
		for _, v := range strings.Fields(theirs) {
			fmt.Fprintf(&b, "BenchmarkX/impl=other/n=1-2 1 %s ns/op\n", v)
		}
		r, err := parse("x.txt", []byte(b.String()))
		require.NoError(t, err)
		return r
	}
	faster := goal{impl: ours, row: "X/n=1", unit: "ns/op", than: "other", atLeast: 2}
	atMost := goal{impl: ours, row: "X/n=1", unit: "ns/op", than: "other", atMost: 1.15}
	alone := goal{impl: ours, row: "X/n=1", unit: "ns/op", atMost: 3}
	for _, c := range []struct {
		goal
		ours, theirs              string
		measured, lowest, highest float64
		met                       bool
	}{
		{faster, "10 11 90", "22 22 45", 2, 0.5, 2.2, true}, // 22/11: of medians, not the median ratio
		{faster, "100", "199", 1.99, 1.99, 1.99, false},
		{faster, "100", "199.6", 2, 2, 2, true}, // as it is printed
		{atMost, "115", "100", 1.15, 1.15, 1.15, true},
		{atMost, "116", "100", 1.16, 1.16, 1.16, false},
		{alone, "3 2 4", "", 3, 2, 4, true},
		{alone, "3.01", "", 3.01, 3.01, 3.01, false},
	} {
		o, err := c.goal.judge(text(c.ours, c.theirs))
		require.NoError(t, err)
		require.Equal(t, []any{c.measured, c.lowest, c.highest, c.met}, []any{o.measured, o.lowest, o.highest, o.met}, "%+v", c)
	}
}

// Growth is compared with growth, pass by pass.
func TestJudgeGrowth(t *testing.T) {
	r, err := parse("x.txt", []byte(`
BenchmarkX/impl=stage3_event/n=1-2 1 100 ns/op
BenchmarkX/impl=stage3_event/n=10-2 1 150 ns/op
BenchmarkX/impl=other/n=1-2 1 1000 ns/op
BenchmarkX/impl=other/n=10-2 1 2000 ns/op
BenchmarkX/impl=stage3_event/n=1-2 1 100 ns/op
BenchmarkX/impl=stage3_event/n=10-2 1 250 ns/op
BenchmarkX/impl=other/n=1-2 1 1000 ns/op
BenchmarkX/impl=other/n=10-2 1 2000 ns/op
`))
	require.NoError(t, err)
	o, err := goal{impl: ours, row: "X/n=10", from: "X/n=1", unit: "ns/op", than: "other", atMost: 1}.judge(r)
	require.NoError(t, err)
	require.Equal(t, []any{1.0, 0.75, 1.25, true}, []any{o.measured, o.lowest, o.highest, o.met})
	require.Equal(t, "× 2.00", o.shown(o.ours))
	require.Equal(t, "no more than it grows for other", o.aim())
}

func TestNumbers(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.0123: "0.0123", 1: "1.00", 12.34: "12.3", 999.4: "999", 999.7: "1,000",
		4_391_234: "4,390,000", -1583.1: "-1,580",
	} {
		require.Equal(t, want, number(x))
	}
	require.Equal(t, "Waiting, timers 10,000", rowTitle("Waiting/timers=10000"))
}
