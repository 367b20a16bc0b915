package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/tools/txtar"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// copyOf returns the workshop in a temporary folder, as it is in a fresh clone: nothing
// that a learner has changed is tested here, nor in danger.
func copyOf(t *testing.T) (workshop, []exercise) {
	t.Helper()
	docs := t.TempDir()
	w := workshop{dir: filepath.Join(docs, "workshop"), out: t.Output(), progress: t.Output()}
	require.NoError(t, os.CopyFS(w.dir, os.DirFS(".")))
	root, err := filepath.Abs(filepath.FromSlash("../.."))
	require.NoError(t, err)
	module := strings.Replace(read(t, "../go.mod"), "eventloop => ..", "eventloop => "+strconv.Quote(filepath.ToSlash(root)), 1)
	write(t, filepath.Join(docs, "go.mod"), module)
	write(t, filepath.Join(docs, "go.sum"), read(t, "../go.sum"))
	all, err := w.exercises()
	require.NoError(t, err)
	dirs, err := filepath.Glob("exercises/[0-9]*")
	require.NoError(t, err)
	require.Len(t, all, len(dirs)+1, "exercises, and yours")
	for _, e := range all {
		write(t, e.path(e.file), e.starter)
		backups, err := filepath.Glob(e.path("*.bak*"))
		require.NoError(t, err)
		for _, backup := range backups {
			require.NoError(t, os.Remove(backup))
		}
	}
	return w, all
}

func write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(name))
	require.NoError(t, err)
	return unix(text)
}

// A variant is a file that a learner might have written.
type variant struct {
	exercise
	name   string
	source string
}

// check checks variants, each as a package of its own beside the exercise, and returns what
// go test says of each.
func check(t *testing.T, w workshop, variants []variant, flags ...string) []*result {
	t.Helper()
	const workshopPath = "example.com/eventloop/docs/workshop/"
	args := []string{"-short", "-count=1", "-vet=off", "-ldflags=-s -w", "-timeout=90s"}
	results := make(map[string]*result)
	var ordered []*result
	for i, v := range variants {
		sub := fmt.Sprint("variant", i)
		write(t, v.path(sub, v.file), v.source)
		test, imported := read(t, v.path("check_test.go")), `"`+workshopPath+v.dir
		require.Contains(t, test, imported+`"`)
		write(t, v.path(sub, "check_test.go"), strings.Replace(test, imported+`"`, imported+"/"+sub+`"`, 1))
		r := &result{}
		ordered = append(ordered, r)
		results[workshopPath+v.dir+"/"+sub] = r
		args = append(args, "./"+v.dir+"/"+sub)
	}
	require.NoError(t, w.goTest(t.Context(), func(e event) {
		if r := results[e.Package]; r != nil {
			r.add(e)
		} else if e.Action == "build-output" {
			t.Log(e.Output)
		}
	}, append(args, flags...)...))
	return ordered
}

// Each starter breaks exactly the rules that starters.txtar says, and each solution keeps
// all of them. A * says that chance decides which other rules fail: only the learner's own
// loop may say so, which is wrong in many ways at once.
func TestStartersAndSolutions(t *testing.T) {
	w, all := copyOf(t)
	var variants []variant
	for _, e := range all {
		for _, by := range []string{"starter", "solution"} {
			source, err := e.text(by)
			require.NoError(t, err)
			variants = append(variants, variant{e, by, source})
		}
	}
	for i, r := range check(t, w, variants) {
		v := variants[i]
		t.Run(v.exercise.name()+"/"+v.name, func(t *testing.T) {
			starter := v.name == "starter"
			assert.Equal(t, starter, strings.Contains(v.source, "\n// BROKEN: "))
			assert.Equal(t, !starter, r.passed)
			assert.True(t, starter || len(r.ran) >= 3, "rules tried")
			var declared []string
			if starter {
				declared = strings.Fields(v.breaks)
			}
			if others := slices.Index(declared, "*"); others >= 0 {
				require.Equal(t, "yours", v.dir)
				assert.Subset(t, r.failed, slices.Delete(declared, others, others+1), "these fail always")
			} else {
				assert.ElementsMatch(t, declared, r.failed, "what starters.txtar says, and what fails")
			}
			for _, rule := range r.failed {
				said := strings.Join(r.said(rule), "\n")
				assert.Regexp(t, "^seen: (?s:.)+\nrule: .", said, "%s says what is wrong", rule)
			}
			if t.Failed() {
				t.Log(strings.Join(r.rest(), "\n"))
			}
		})
	}
}

// An answer in testdata/answers.txtar is named "exercise: what it does". Its first line
// says what the check finds first, as "Rule: a part of what it says", or "right". Then
// comes a whole file, or changes of the starter: lines with - go, and those with + take
// their place.
var (
	answerName = regexp.MustCompile(`^(\w+): (.+)$`)
	aChange    = regexp.MustCompile(`(?m)((?:^-.*\n)+)((?:^\+.*\n)*)`)
)

// The answers that a Go programmer gives first: the check says at once what is wrong.
func TestAnswers(t *testing.T) {
	w, all := copyOf(t)
	archive := txtar.Parse([]byte(read(t, "testdata/answers.txtar")))
	var variants []variant
	var expected []string
	for _, file := range archive.Files {
		name := answerName.FindStringSubmatch(file.Name)
		require.NotNil(t, name, file.Name)
		chosen, err := find(all, name[1])
		require.NoError(t, err)
		e := chosen[0]
		want, source, _ := strings.Cut(string(file.Data), "\n")
		if !strings.Contains(source, "\npackage ") {
			changes := aChange.FindAllStringSubmatch(source, -1)
			require.NotEmpty(t, changes, file.Name)
			source = e.starter
			for _, change := range changes {
				from, to := "\n"+unmark(change[1]), "\n"+unmark(change[2])
				require.Equal(t, 1, strings.Count(source, from), "%s:%s", file.Name, from)
				source = strings.Replace(source, from, to, 1)
			}
		}
		variants = append(variants, variant{e, file.Name, source})
		expected = append(expected, want)
	}
	for i, r := range check(t, w, variants, "-args", "-test.failfast") {
		t.Run(variants[i].name, func(t *testing.T) {
			switch rule, says, _ := strings.Cut(expected[i], ": "); {
			case rule == "right":
				assert.True(t, r.passed)
			case assert.NotEmpty(t, r.failed):
				assert.Equal(t, rule, r.failed[0], "what is told first")
				assert.Contains(t, strings.Join(r.said(r.failed[0]), "\n"), says)
			}
			if t.Failed() {
				t.Log(strings.Join(slices.Concat(r.rest(), r.failed), "\n"))
			}
		})
	}
}

// unmark takes away the first character of each line.
func unmark(lines string) string {
	return regexp.MustCompile(`(?m)^[-+]`).ReplaceAllString(lines, "")
}
