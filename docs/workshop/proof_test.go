package main

import (
	"fmt"
	"os"
	"os/exec"
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
	}
	backups, err := filepath.Glob(filepath.Join(w.dir, "exercises", "*", "*.bak*"))
	require.NoError(t, err)
	for _, backup := range backups {
		require.NoError(t, os.Remove(backup))
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
	name, source string
	want         string // "right", or what the check finds first
}

// build links all variants into one program, since linking takes longest. To call check is
// to run it for the i-th of them, and to get what the tests say of that one.
func build(t *testing.T, w workshop, variants []variant) (check func(t *testing.T, i int, flag string) *result) {
	t.Helper()
	imports, checks := "", ""
	for i, v := range variants {
		sub := fmt.Sprint("/variant", i)
		write(t, v.path(sub, v.file), v.source)
		test, imported := read(t, v.path("check_test.go")), `"example.com/eventloop/docs/workshop/`+v.dir
		write(t, v.path(sub, "check", "check.go"), strings.Replace(test, imported+`"`, imported+sub+`"`, 1))
		imports += fmt.Sprintf("\tcheck%d %s%s/check\"\n", i, imported, sub)
		checks += fmt.Sprintf("check%d.TestCheck, ", i)
	}
	write(t, filepath.Join(w.dir, "checks", "checks_test.go"), fmt.Sprintf(program, imports, checks))
	file := filepath.Join(w.dir, "checks.exe") // the name that Windows wants
	require.NoError(t, w.goCommand(t.Context(), "test", "-c", "-vet=off", "-ldflags=-s -w", "-o", file, "./checks").Run())
	test2json, err := w.goCommand(t.Context(), "tool", "-n", "test2json").Output()
	require.NoError(t, err)
	return func(t *testing.T, i int, flag string) *result {
		r := &result{}
		cmd := exec.CommandContext(t.Context(), strings.TrimSpace(string(test2json)),
			file, "-test.v=test2json", "-test.short", "-test.timeout=90s", "-variant", strconv.Itoa(i), flag)
		_ = w.events(t.Context(), cmd, func(e event) { r.add(e) }) // what is incomplete has not passed
		return r
	}
}

const program = `package checks

import (
	"flag"
	"testing"

%s)

var variant = flag.Int("variant", 0, "")

func TestMain(m *testing.M) { check0.TestMain(m) } // all have the same

func TestCheck(t *testing.T) { []func(*testing.T){%s}[*variant](t) }
`

// An answer in testdata/answers.txtar is named "exercise: what it does". Its first line
// says what the check finds first, as "Rule: a part of what it says", or "right". Then
// comes a whole file, or changes of the starter: lines with - go, and those with + take
// their place.
var (
	change = regexp.MustCompile(`(?m)((?:^-.*\n)+)((?:^\+.*\n)*)`)
	mark   = regexp.MustCompile(`(?m)^[-+]`)
)

// Each starter breaks exactly the rules that starters.txtar says, and each solution keeps
// all of them. Of the answers that a Go programmer gives first, the check says at once what
// is wrong.
func TestAnswers(t *testing.T) {
	w, all := copyOf(t)
	var variants []variant
	for _, e := range all {
		assert.NotContains(t, e.solution, "// BROKEN: ")
		variants = append(variants, variant{e, "starter", e.starter, e.breaks}, variant{e, "solution", e.solution, "right"})
	}
	archive := txtar.Parse([]byte(read(t, "testdata/answers.txtar")))
	for _, file := range archive.Files {
		name, answer, _ := strings.Cut(file.Name, ": ")
		chosen, err := find(all, name)
		require.NoError(t, err)
		want, source, _ := strings.Cut(string(file.Data), "\n")
		if !strings.Contains(source, "\npackage ") {
			changes := change.FindAllStringSubmatch(source, -1)
			require.NotEmpty(t, changes, file.Name)
			source = chosen[0].starter
			for _, c := range changes {
				from, to := "\n"+mark.ReplaceAllString(c[1], ""), "\n"+mark.ReplaceAllString(c[2], "")
				require.Equal(t, 1, strings.Count(source, from), "%s:%s", file.Name, from)
				source = strings.Replace(source, from, to, 1)
			}
		}
		variants = append(variants, variant{chosen[0], answer, source, want})
	}
	check := build(t, w, variants)
	for i, v := range variants {
		t.Run(v.exercise.name()+"/"+v.name, func(t *testing.T) {
			t.Parallel()
			r := check(t, i, fmt.Sprintf("-test.failfast=%t", v.name != "starter"))
			switch rule, says, _ := strings.Cut(v.want, ": "); {
			case v.name == "starter":
				assert.Contains(t, v.source, "\n// BROKEN: ")
				assertBreaks(t, v, r)
			case rule == "right":
				assert.True(t, r.passed)
				assert.GreaterOrEqual(t, len(r.ran), 3, "rules tried")
			case assert.NotEmpty(t, r.failed):
				assert.Equal(t, rule, r.failed[0], "what is told first")
				assert.Contains(t, strings.Join(r.said(rule), "\n"), says)
			}
			if t.Failed() {
				t.Log(strings.Join(slices.Concat(r.rest(), r.failed), "\n"))
			}
		})
	}
}

// assertBreaks compares the rules that a starter breaks with those in starters.txtar, and
// looks how the failures are put. A *
// says that chance decides which others fail: only the learner's own loop may say so, which
// is wrong in many ways at once.
func assertBreaks(t *testing.T, v variant, r *result) {
	declared, others := strings.CutSuffix(v.breaks, " *")
	if others {
		assert.Equal(t, "yours", v.dir)
		assert.Subset(t, r.failed, strings.Fields(declared), "these fail always")
	} else {
		assert.ElementsMatch(t, strings.Fields(declared), r.failed, "what starters.txtar says, and what fails")
	}
	for _, rule := range r.failed {
		said := strings.Join(r.said(rule), "\n")
		assert.Regexp(t, "^seen: (?s:.)+\nrule: .", said, "%s says what is wrong", rule)
	}
}
