package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// redraw runs the command in a new folder with the raw output of the last real
// measurement, as it was changed.
func redraw(t *testing.T, change func(name, text string) string) (code int, stderr string, made map[string]string) {
	dir := t.TempDir()
	for _, s := range suites {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "results", s.name+".txt"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, s.name+".txt"), []byte(change(s.name, string(text))), 0o644))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cpu.svg"), []byte("an old picture"), 0o644))
	var complaint bytes.Buffer
	code = run(t.Context(), []string{"-redraw", "-dir", dir}, &complaint)
	made = map[string]string{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		made[e.Name()] = string(text)
	}
	return code, complaint.String(), made
}

// A picture has a title to be read out, and says where it comes from. The same figures
// give the same bytes.
func TestRedraw(t *testing.T) {
	asItIs := func(_, text string) string { return text }
	code, stderr, made := redraw(t, asItIs)
	require.Zero(t, code, stderr)
	_, _, again := redraw(t, asItIs)
	require.Equal(t, made, again)
	require.Len(t, made, 10)
	for name, text := range made {
		if !strings.HasSuffix(name, ".svg") {
			continue
		}
		require.NoError(t, xml.Unmarshal([]byte(text), new(any)), name)
		require.Regexp(t, `^<svg role="img" aria-labelledby="title" [^>]*>\n<title id="title">[A-Z][^<]+</title>`, text, name)
		require.Contains(t, text, ">tuned</text>", name)
		require.Contains(t, text, "passes</text>", "where it comes from")
		for _, class := range regexp.MustCompile(`class="(\w+)`).FindAllStringSubmatch(text, -1) {
			require.Contains(t, colors, class[1], name)
		}
	}
	for unit, note := range stageNotes {
		require.Contains(t, made["stages.md"], "\n## "+unit+"\n\n"+note+"\n\n| |")
	}
	require.Contains(t, made["stages.md"], "| Waiting, timers 10,000 | ")
}

func TestBadInputLeavesOldFilesAlone(t *testing.T) {
	replace := func(old, new string) func(string) string {
		return func(text string) string { return strings.ReplaceAll(text, old, new) }
	}
	for want, change := range map[string]func(string) string{
		"no benchmark result":      func(string) string { return "goos: linux\nPASS\n" },
		"is no measurement":        func(text string) string { return text + "BenchmarkFire/impl=floor/timers=1-2\t1\tNaN ns/op\n" },
		"the benchmarks failed":    func(text string) string { return text + "--- FAIL: BenchmarkFire\n" },
		"and others have 1":        func(text string) string { return text + "BenchmarkCut-2\t1\t1 ns/op\n" },
		"Fire/timers=100000 with":  replace("timers=100000-2", "timers=100001-2"),
		"with impl=stage1_polling": replace("impl=stage1_polling", "impl=other"),
		"no figure in late-p50":    replace("late-p50-µs", "late-µs"),
	} {
		code, stderr, made := redraw(t, func(name, text string) string {
			if name == "peers" {
				return change(text)
			}
			return text
		})
		require.Equal(t, 1, code, want)
		require.Contains(t, stderr, want)
		require.Equal(t, "an old picture", made["cpu.svg"])
		require.Len(t, made, 3)
	}
}

// What is written can be read on its paper, be the page light or dark: WCAG's
// least contrast for text is 4.5 to 1.
func TestContrast(t *testing.T) {
	luminance := func(hex string) (l float64) {
		var rgb [3]uint8
		_, err := fmt.Sscanf(hex, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2])
		require.NoError(t, err)
		for i, part := range []float64{0.2126, 0.7152, 0.0722} {
			s := float64(rgb[i]) / 255
			if s <= 0.04045 {
				l += part * s / 12.92
			} else {
				l += part * math.Pow((s+0.055)/1.055, 2.4)
			}
		}
		return l
	}
	for name, c := range colors {
		for i := range c {
			x, y := luminance(c[i])+0.05, luminance(colors["paper"][i])+0.05
			if name != "paper" && name != "hairline" {
				require.GreaterOrEqual(t, max(x/y, y/x), 4.5, name)
			}
		}
	}
}

func TestBadCommandLine(t *testing.T) {
	for _, args := range [][]string{{"-passes", "0"}, {"-passes", "many"}, {"-nonsense"}, {"stage"}} {
		require.Equal(t, 2, run(t.Context(), args, t.Output()), "%q", args)
	}
}
