package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// here is the workshop as it is in the repository.
func here(t *testing.T) (workshop, []exercise) {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	w := workshop{dir: dir, out: t.Output(), progress: t.Output()}
	all, err := w.exercises()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(all), 12)
	return w, all
}

// overlay returns a flag by which the go command pretends that the files to
// work on are those of a folder (starter, solution): nothing is written into
// anybody's work.
func overlay(t *testing.T, by string, exercises ...exercise) string {
	t.Helper()
	replace := make(map[string]string)
	for _, e := range exercises {
		replace[e.path(e.file)] = e.path(by, e.file)
	}
	return overlayOf(t, replace)
}

func overlayOf(t *testing.T, replace map[string]string) string {
	t.Helper()
	overlay := struct{ Replace map[string]string }{replace}
	file := filepath.Join(t.TempDir(), "overlay.json")
	text, err := json.Marshal(overlay)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o644))
	return "-overlay=" + file
}

// results tests all exercises with the files of that folder.
func results(t *testing.T, by string) map[string]*result {
	t.Helper()
	w, all := here(t)
	args := []string{overlay(t, by, all...), "-short", "-count=1", "-vet=off", "-timeout=5m"}
	results := make(map[string]*result)
	for _, e := range all {
		args = append(args, "./"+e.dir)
		results[e.dir] = &result{}
	}
	err := w.goTest(t.Context(), func(e event) {
		if r := results[strings.TrimPrefix(e.Package, module()+"/")]; r != nil {
			r.add(e)
		}
	}, args...)
	require.NoError(t, err)
	return results
}

// anything in fails.txt says that which other rules fail is up to chance. Only
// the learner's own loop may say so, which begins as one that is wrong in many
// ways at once.
const anything = "*"

// chance before a rule in fails.txt says that whether it fails is up to chance:
// when the loop happens to fall asleep, for example.
const chance = "?"

// Each starter breaks exactly the rules that are declared beside it.
func TestEveryStarterFails(t *testing.T) {
	_, all := here(t)
	results := results(t, "starter")
	for _, e := range all {
		t.Run(e.name(), func(t *testing.T) {
			r := results[e.dir]
			text, err := os.ReadFile(e.path("starter", "fails.txt"))
			require.NoError(t, err)
			declared := strings.Fields(string(text))
			declared = slices.DeleteFunc(declared, func(rule string) bool {
				byChance, ok := strings.CutPrefix(rule, chance)
				return ok && !slices.Contains(r.failed, byChance)
			})
			for i := range declared {
				declared[i] = strings.TrimPrefix(declared[i], chance)
			}
			if i := slices.Index(declared, anything); i >= 0 {
				require.Equal(t, "yours", e.dir)
				assert.Subset(t, r.failed, slices.Delete(declared, i, i+1), "these fail always")
			} else {
				assert.ElementsMatch(t, declared, r.failed, "what starter/fails.txt declares, and what fails")
			}
			for _, rule := range r.failed {
				assert.NotEmpty(t, r.said(rule), "%s says what is wrong", rule)
			}
			if len(r.failed) == 0 {
				t.Log(strings.Join(r.rest, "\n"))
			}
			assert.False(t, r.passed)
		})
	}
}

// Each solution keeps all of them.
func TestEverySolutionPasses(t *testing.T) {
	_, all := here(t)
	results := results(t, "solution")
	for _, e := range all {
		t.Run(e.name(), func(t *testing.T) {
			r := results[e.dir]
			assert.Empty(t, r.failed)
			assert.True(t, r.passed)
			assert.GreaterOrEqual(t, len(r.ran), 3, "rules tried")
			if !r.passed {
				for _, test := range slices.Sorted(maps.Keys(r.output)) {
					t.Log(strings.Join(r.output[test], "\n"))
				}
				t.Log(strings.Join(r.rest, "\n"))
			}
		})
	}
}

// The learner's own loop is measured under a name that gives it a column in
// the table, and nothing of the table is taken for a line of the benchmarks.
func TestYoursIsMeasured(t *testing.T) {
	w, _ := here(t)
	e, err := w.find("yours")
	require.NoError(t, err)
	var said strings.Builder
	passed := false
	err = w.goTest(t.Context(), func(ev event) {
		said.WriteString(ev.Output)
		passed = passed || ev.Action == "pass" && ev.Test == ""
	}, overlay(t, "solution", e), "-run=^$", "-bench=/./Idle", "-benchtime=1x", "./"+e.dir)
	require.NoError(t, err)
	assert.True(t, passed, said.String())
	assert.Regexp(t, `(?m)^BenchmarkLoop/impl=yours/Idle\S*\s.* %cpu`, said.String())

	for line, want := range map[string]bool{
		"goos: linux": true, "cpu: any": true, "BenchmarkIdle/impl=none-2  1  0.1 %cpu": true,
		"": false, "%cpu: CPU time": false, "  Idle   0.1": false, "cpu-ns/op: CPU time": false, "      none  yours": false,
	} {
		assert.Equal(t, want, notTable.MatchString(line), line)
	}
}

// A clone begins with the starters, which show where they are broken.
func TestFiles(t *testing.T) {
	_, all := here(t)
	for _, e := range all {
		t.Run(e.name(), func(t *testing.T) {
			read := func(elements ...string) string {
				text, err := os.ReadFile(e.path(elements...))
				require.NoError(t, err)
				return strings.ReplaceAll(string(text), "\r\n", "\n")
			}
			starter := read("starter", e.file)
			assert.Equal(t, starter, read(e.file), "the file to work on is the starter (go run . reset %s)", e.name())
			assert.Contains(t, starter, "// BROKEN:")
			assert.NotContains(t, read("solution", e.file), "BROKEN")

			hints, err := e.hints()
			require.NoError(t, err)
			assert.GreaterOrEqual(t, len(hints), 2, "hints, in steps")
			others, err := e.others()
			require.NoError(t, err)
			assert.Equal(t, e.dir == "yours", others == "", "what others did")
		})
	}
}
