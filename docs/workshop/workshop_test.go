package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// do runs a command and returns what it wrote.
func do(t *testing.T, w workshop, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	w.out = &out
	err := run(t.Context(), w, args)
	return out.String(), err
}

// one returns an exercise by its name.
func one(t *testing.T, all []exercise, name string) exercise {
	t.Helper()
	found, err := find(all, name)
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

// From the starter to the solution, and back without a loss.
func TestALearnersWay(t *testing.T) {
	w, all := copyOf(t)
	e := one(t, all, "countdown")
	said, err := do(t, w, "check", "0") // both warm-ups, the first of which is broken
	assert.ErrorIs(t, err, errBroken)
	assert.Contains(t, said, "exercises/00a_countdown/countdown.go\n  broken: OthersRunMeanwhile\n          seen: Countdown(3) gave\n")
	assert.Contains(t, said, "\n          rule: meanwhile other callbacks run\n")
	assert.Regexp(t, `\nNot kept: \d of \d rules asked. A hint: go run . hint countdown\n$`, said)

	said, err = do(t, w, "hint", "countdown")
	require.NoError(t, err)
	assert.Contains(t, said, "Hint 1 of 3:")
	assert.Contains(t, said, "go run . hint countdown 2")

	// A file that does not compile is kept as well as one that does.
	const mine = "package countdown\n\nfunc Countdown() Nonsense\n"
	write(t, e.path(e.file), mine)
	said, err = do(t, w, "check", "0a")
	assert.ErrorIs(t, err, errBroken)
	assert.Contains(t, said, "undefined: Nonsense")
	said, err = do(t, w, "list")
	require.NoError(t, err)
	assert.Regexp(t, `^\* 00a_countdown +Warm-up: .+\n  00b_limit +Warm-up: `, said)
	said, err = do(t, w, "reset", "countdown")
	require.NoError(t, err)
	assert.Contains(t, said, "Your file is kept as exercises/00a_countdown/countdown.go.bak1.\n")
	assert.Equal(t, mine, read(t, e.path("countdown.go.bak1")))
	assert.Equal(t, e.starter, read(t, e.path(e.file)))

	// The starter needs no backup, nor does the solution, whatever git does to line endings.
	write(t, e.path(e.file), strings.ReplaceAll(read(t, e.path(e.file)), "\n", "\r\n"))
	said, err = do(t, w, "solve", "0")
	require.NoError(t, err)
	assert.Equal(t, "exercises/00a_countdown/countdown.go is the solution now.\nexercises/00b_limit/limit.go is the solution now.\n", said)
	said, err = do(t, w, "check", "0")
	require.NoError(t, err)
	assert.Contains(t, said, "\nNext: exercises/00b_limit/README.md\nexercises/00b_limit/limit.go\nAll ")
	assert.True(t, strings.HasSuffix(said, "\nNext: exercises/01_sleep/README.md\n"), said)
	said, err = do(t, w, "solve", "countdown")
	require.NoError(t, err)
	assert.Contains(t, said, "is the solution already")

	// A second backup does not overwrite the first, and a file that is gone is put back.
	write(t, e.path(e.file), "package countdown // again\n")
	_, err = do(t, w, "reset", "countdown")
	require.NoError(t, err)
	assert.Equal(t, mine, read(t, e.path("countdown.go.bak1")))
	assert.Equal(t, "package countdown // again\n", read(t, e.path("countdown.go.bak2")))
	require.NoError(t, os.Remove(e.path(e.file)))
	_, err = do(t, w, "reset", "countdown")
	require.NoError(t, err)
	assert.Equal(t, e.starter, read(t, e.path(e.file)))
}

// A panic on a goroutine of the loop's own ends the whole test, in the middle. The user's
// flags for go are not for the go that the workshop runs.
func TestWhatATestDiedOfIsSaid(t *testing.T) {
	t.Setenv("GOFLAGS", "-json -cpu=1,2")
	w, all := copyOf(t)
	e := one(t, all, "bounded")
	write(t, e.path(e.file), strings.Replace(e.solution, "t.Call()", `_ = t; go func() { panic("out of place") }()`, 1))
	said, err := do(t, w, "check", "bounded")
	assert.ErrorIs(t, err, errBroken)
	assert.Contains(t, said, "panic: out of place\n")
	assert.Contains(t, said, "callbacks.go:")
}

func TestYours(t *testing.T) {
	w, all := copyOf(t)
	before := files(t, w.dir)
	said, err := do(t, w, "yours", "-count", "0")
	assert.ErrorIs(t, err, errBroken)
	assert.Contains(t, said, "  broken: NilCallback\n")
	assert.Regexp(t, `contract: \d+ of \d+ rules asked not kept\nverdict:  idle: blocks, timer pending: blocks \(waits like stage 3\)\n$`, said)
	assert.Equal(t, before, files(t, w.dir), "it leaves nothing behind")

	_, err = do(t, w, "solve", "yours")
	require.NoError(t, err)
	said, err = do(t, w, "yours", "-count=0")
	require.NoError(t, err)
	assert.Regexp(t, `^yours/loop.go\ncontract: all \d+ rules asked are kept\n          \(what only the race detector sees: go test -race ./yours\)\nverdict:  idle: blocks, timer pending: blocks \(waits like stage 3\)\n$`, said)

	// A loop that returns at once has no verdict.
	e := one(t, all, "yours")
	write(t, e.path(e.file), strings.Replace(e.starter, "\tfor {\n", "\tif true {\n\t\treturn nil\n\t}\n\tfor {\n", 1))
	said, err = do(t, w, "yours")
	assert.ErrorIs(t, err, errBroken)
	assert.Contains(t, said, "Run returned <nil>")
	assert.NotContains(t, said, "verdict")
}

// files lists all files in a folder.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(name string, _ os.DirEntry, err error) error {
		names = append(names, name)
		return err
	}))
	return names
}

func TestBadUsage(t *testing.T) {
	w, all := copyOf(t)
	for _, c := range []struct{ args, want string }{
		{"", "which command?"},
		{"dance", `no command "dance"`},
		{"check", "check which exercise?"},
		{"check nope", "there are countdown, limit, sleep, queue, bounded"},
		{"check lost ties", "check takes one exercise"},
		{"hint lost x", `"x" is not the number of a hint`},
		{"hint lost 99", "lost has 3 hints"},
		{"yours -count=-1", "not below zero"},
	} {
		_, err := do(t, w, strings.Fields(c.args)...)
		assert.ErrorIs(t, err, errUsage, c.args)
		assert.ErrorContains(t, err, c.want)
	}
	w.dir = t.TempDir()
	_, err := do(t, w, "list")
	assert.ErrorContains(t, err, "go run -C docs/workshop . list")

	for name, want := range map[string]string{
		"ties": "exercises/06_ties", "6": "exercises/06_ties", "06": "exercises/06_ties", "06_ties": "exercises/06_ties",
		"exercises/06_ties": "exercises/06_ties", "10": "exercises/10_promise", "yours": "yours",
		"limit": "exercises/00b_limit", "0b": "exercises/00b_limit", "00b": "exercises/00b_limit",
	} {
		assert.Equal(t, want, one(t, all, name).dir)
	}
	for _, name := range []string{"11", "00", "", "tie", "_"} {
		_, err := find(all, name)
		assert.ErrorIs(t, err, errUsage, name)
	}
}

var (
	shBlock = regexp.MustCompile("(?s)\n```sh\n(.*?)```")
	span    = regexp.MustCompile("`[^`\n]+`")
	name    = regexp.MustCompile(`\b(?:[a-z]|base)\.\w+(?:\.\w+)*`)

	// Commands that are not the workshop's, tried by hand.
	otherCommand = regexp.MustCompile(`^(cd |make |git (clone|diff --no-index) |go (mod download|list|vet|test|build|version|env) ?|go (run )?-C \S+ )`)
)

// Every command on the pages makes sense, and what they quote of the code is there.
func TestPages(t *testing.T) {
	w, all := copyOf(t)
	pages := []string{"README.md", "GUIDE.md"}
	for _, e := range all {
		pages = append(pages, filepath.Join(filepath.FromSlash(e.dir), "README.md"))
		text, err := e.readme()
		require.NoError(t, err)
		for _, quote := range span.FindAllString(text, -1) {
			for _, n := range name.FindAllString(quote, -1) {
				assert.True(t, strings.HasPrefix(n, "t.FailNow") || strings.Contains(e.starter+e.solution, n), "%s quotes %s", e.dir, quote)
			}
		}
		hints, err := e.hints()
		require.NoError(t, err)
		assert.GreaterOrEqual(t, len(hints), 2, "%s: hints, in steps", e.dir)
		assert.Equal(t, e.dir != "yours", strings.Contains(text, "<summary>What others did</summary>"), e.dir)
	}
	for _, page := range pages {
		blocks := shBlock.FindAllStringSubmatch(read(t, filepath.Join(w.dir, page)), -1)
		assert.NotEmpty(t, blocks, "%s shows commands", page)
		for _, block := range blocks {
			for line := range strings.Lines(block[1]) {
				command, _, _ := strings.Cut(strings.TrimSpace(line), " #")
				if args, ok := strings.CutPrefix(command, "go run . "); ok {
					words := strings.Fields(args)
					assert.Contains(t, usage, "\n  "+words[0]+" ", "%s: %s", page, command)
					if len(words) > 1 && words[0] != "yours" {
						_, err := find(all, words[1])
						assert.NoError(t, err, "%s: %s", page, command)
					}
				} else if args, ok := strings.CutPrefix(command, "go run ./"); ok {
					dir, _, _ := strings.Cut(args, " ")
					assert.DirExists(t, filepath.Join("..", "..", filepath.FromSlash(dir)), "%s: %s", page, command)
				} else {
					assert.Regexp(t, otherCommand, command, "%s: nobody has tried this", page)
				}
			}
		}
	}
}

// What chapter 2 says of a first program, which has one timer and then nothing.
func TestFirstProgram(t *testing.T) {
	w, _ := copyOf(t)
	out, err := w.goCommand(t.Context(), "run", "./testdata/first").Output()
	require.NoError(t, err)
	assert.Equal(t, "hello\nRun has returned\n", string(out))
	file := filepath.Join(w.dir, "testdata", "first", "main.go")
	for _, stage := range []string{"stage2_queue", "stage3_event"} {
		write(t, file, strings.NewReplacer("stage2_queue", stage, "\tcancel()", "\t_ = cancel").Replace(read(t, "testdata/first/main.go")))
		var complaints strings.Builder
		w.progress = &complaints
		out, err := w.goCommand(t.Context(), "run", "./testdata/first").Output()
		assert.Error(t, err, stage)
		first, _, _ := strings.Cut(complaints.String(), "\n")
		assert.Contains(t, read(t, "../2_queue.md"), "```text\n"+string(out)+first+"\n```\n", stage)
	}
}
