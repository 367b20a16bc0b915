package main

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// copyOf returns a workshop of its own in a temporary folder, with all that is
// in this one, to do with it what a learner might.
func copyOf(t *testing.T) (workshop, *bytes.Buffer) {
	t.Helper()
	from, _ := here(t)
	to := t.TempDir()
	err := filepath.WalkDir(from.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from.dir, name)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if rel == "go.mod" {
			root, err := filepath.Abs(filepath.Join(from.dir, "..", ".."))
			if err != nil {
				return err
			}
			text = bytes.Replace(text, []byte("=> ../.."), []byte("=> "+strconv.Quote(filepath.ToSlash(root))), 1)
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o644)
	})
	require.NoError(t, err)
	var out bytes.Buffer
	return workshop{dir: to, out: &out, progress: t.Output()}, &out
}

// do runs a command and returns what it wrote.
func do(t *testing.T, w workshop, out *bytes.Buffer, args ...string) (string, error) {
	t.Helper()
	out.Reset()
	err := run(t.Context(), w, args)
	return out.String(), err
}

// From the starter to the solution, and back without a loss.
func TestALearnersWay(t *testing.T) {
	w, out := copyOf(t)
	e, err := w.find("lost")
	require.NoError(t, err)
	write := func(text string) { require.NoError(t, os.WriteFile(e.path(e.file), []byte(text), 0o644)) }
	read := func(elements ...string) string {
		text, err := os.ReadFile(e.path(elements...))
		require.NoError(t, err)
		return string(text)
	}

	said, err := do(t, w, out, "check", "lost")
	assert.ErrorIs(t, err, errBroken)
	assert.Contains(t, said, "exercises/05_lost/timers.go\n  broken: NoWakeUpLostWhileFallingAsleep\n          SetTimeout(10m0s), called while")
	assert.Contains(t, said, "1 of the 1 rules asked are not kept. A hint: go run . hint lost\n")

	said, err = do(t, w, out, "hint", "lost")
	require.NoError(t, err)
	assert.Contains(t, said, "Hint 1 of 3:")
	assert.Contains(t, said, "go run . hint lost 2")

	// What does not compile is kept as well as what does.
	const mine = "package lost\n\nfunc New(pause func()) *Nonsense\n"
	write(mine)
	said, err = do(t, w, out, "check", "5")
	assert.ErrorIs(t, err, errBroken)
	assert.Contains(t, said, "undefined: Nonsense")
	said, err = do(t, w, out, "reset", "lost")
	require.NoError(t, err)
	assert.Contains(t, said, "What you wrote is kept in exercises/05_lost/timers.go.bak1.\n")
	assert.Equal(t, mine, read("timers.go.bak1"))
	assert.Equal(t, read("starter", e.file), read(e.file))

	// The starter itself needs no backup, nor does the solution.
	said, err = do(t, w, out, "solve", "05_lost")
	require.NoError(t, err)
	assert.Equal(t, "exercises/05_lost/timers.go is the solution now.\n", said)
	said, err = do(t, w, out, "check", "exercises/05_lost")
	require.NoError(t, err)
	assert.Regexp(t, `All \d\d rules asked are kept, the largest at a tenth of their size.\nIn full: go test ./exercises/05_lost .*-race.*\nAnother way.*solution/timers.go\n\nHint 1 of 3 was:\n\n(?s:.*)\n\nHint 3 of 3 was:\n\n(?s:.*)\n\nWhat others did:\n\nMany loops keep (?s:.*)\n\nNext: exercises/06_ties/README.md`, said)
	said, err = do(t, w, out, "solve", "lost")
	require.NoError(t, err)
	assert.Contains(t, said, "is the solution already")
	said, err = do(t, w, out, "reset", "lost")
	require.NoError(t, err)
	assert.Equal(t, "exercises/05_lost/timers.go is the starter now.\n", said)

	// A second backup does not overwrite the first, and a file that is gone is
	// put back.
	write("package lost // again\n")
	_, err = do(t, w, out, "reset", "lost")
	require.NoError(t, err)
	assert.Equal(t, mine, read("timers.go.bak1"))
	assert.Equal(t, "package lost // again\n", read("timers.go.bak2"))
	require.NoError(t, os.Remove(e.path(e.file)))
	_, err = do(t, w, out, "reset", "lost")
	require.NoError(t, err)
	assert.Equal(t, read("starter", e.file), read(e.file))
	assert.NoFileExists(t, e.path(e.file+".new"))
}

// A warm-up is no loop, and has a few rules of its own.
func TestAWarmUp(t *testing.T) {
	w, out := copyOf(t)
	said, err := do(t, w, out, "check", "countdown")
	assert.ErrorIs(t, err, errBroken)
	assert.Contains(t, said, "  broken: OthersRunMeanwhile\n          Countdown(3) gave [")
	assert.Contains(t, said, "1 of the 3 rules asked are not kept.")
	_, err = do(t, w, out, "solve", "0a")
	require.NoError(t, err)
	said, err = do(t, w, out, "check", "0a")
	require.NoError(t, err)
	assert.Contains(t, said, "All 3 rules asked are kept. (What only the race detector sees: go test -race ./exercises/00a_countdown)\n")
	assert.Contains(t, said, "\nWhat others did:\n")
	assert.True(t, strings.HasSuffix(said, "\nNext: exercises/00b_limit/README.md\n"), said)
}

// Line endings are no work of anybody's.
func TestGitsLineEndingsAreTheStarter(t *testing.T) {
	w, out := copyOf(t)
	e, err := w.find("ties")
	require.NoError(t, err)
	text, err := os.ReadFile(e.path(e.file))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(e.path(e.file), bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")), 0o644))
	said, err := do(t, w, out, "reset", "ties")
	require.NoError(t, err)
	assert.Contains(t, said, "is the starter already")
}

// If the backup can't be written, nothing is changed.
func TestNoBackupNoReset(t *testing.T) {
	w, out := copyOf(t)
	e, err := w.find("ties")
	require.NoError(t, err)
	require.NoError(t, os.Remove(e.path("starter", e.file)))
	require.NoError(t, os.WriteFile(e.path(e.file), []byte("mine"), 0o644))
	e.file = filepath.Join("gone", e.file) // where nothing can be created
	require.NoError(t, os.MkdirAll(e.path("starter", "gone"), 0o755))
	_, err = e.keep([]byte("mine"))
	assert.Error(t, err)
	_, err = do(t, w, out, "reset", "ties")
	assert.Error(t, err)
	text, err := os.ReadFile(e.path("timers.go"))
	require.NoError(t, err)
	assert.Equal(t, "mine", string(text))
}

func TestYoursWithoutTheTable(t *testing.T) {
	w, out := copyOf(t)
	said, err := do(t, w, out, "yours", "-count", "0")
	assert.ErrorIs(t, err, errBroken)
	assert.Contains(t, said, "  broken: NilCallback\n")
	assert.Regexp(t, `contract: \d+ of the \d+ rules asked are not kept\nverdict:  idle: blocks, timer pending: blocks \(waits like stage 3\)\n$`, said)

	_, err = do(t, w, out, "solve", "yours")
	require.NoError(t, err)
	said, err = do(t, w, out, "yours", "-count=0")
	require.NoError(t, err)
	assert.Regexp(t, `^yours/loop.go\ncontract: all \d+ rules asked are kept\n          \(what only the race detector sees: go test -race ./yours\)\nverdict:  idle: blocks, timer pending: blocks \(waits like stage 3\)\n$`, said)

	// One that returns at once is no loop, and has no verdict.
	e, err := w.find("yours")
	require.NoError(t, err)
	starter, err := os.ReadFile(e.path("starter", e.file))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(e.path(e.file), bytes.Replace(starter, []byte("\tfor {\n"), []byte("\tif true {\n\t\treturn nil\n\t}\n\tfor {\n"), 1), 0o644))
	said, err = do(t, w, out, "yours")
	assert.ErrorIs(t, err, errBroken)
	assert.Contains(t, said, "cannot tell how the loop waits when idle: Run returned <nil>")
	assert.NotContains(t, said, "verdict")

	require.NoError(t, os.WriteFile(e.path(e.file), []byte("package yours\n"), 0o644))
	said, err = do(t, w, out, "yours")
	assert.ErrorIs(t, err, errBroken)
	assert.Contains(t, said, "undefined: yours.New")
	assert.NotContains(t, said, "verdict")
}

func TestBadUsage(t *testing.T) {
	w, _ := here(t)
	for _, c := range []struct{ args, want string }{
		{"", "which command?"},
		{"dance", `no command "dance"`},
		{"list all", "list takes nothing"},
		{"check", "check which exercise?"},
		{"check nope", "there are countdown, limit, sleep, queue, bounded"},
		{"check lost ties", "check takes one exercise"},
		{"hint lost x", `"x" is not the number of a hint`},
		{"hint lost 0", `"0" is not the number of a hint`},
		{"hint lost 99", "lost has 3 hints"},
		{"hint lost 1 2", "hint takes one exercise"},
		{"yours -count=-1", "not below zero"},
		{"yours -fast", "not defined: -fast"},
		{"yours mine", "yours takes only -count"},
	} {
		err := run(t.Context(), w, strings.Fields(c.args))
		assert.ErrorIs(t, err, errUsage, c.args)
		assert.ErrorContains(t, err, c.want)
	}
}

func TestFind(t *testing.T) {
	w, _ := here(t)
	for name, want := range map[string]string{
		"ties": "exercises/06_ties", "6": "exercises/06_ties", "06": "exercises/06_ties", "06_ties": "exercises/06_ties",
		"exercises/06_ties": "exercises/06_ties", "10": "exercises/10_promise", "yours": "yours",
		"limit": "exercises/00b_limit", "0b": "exercises/00b_limit", "00b": "exercises/00b_limit", "00b_limit": "exercises/00b_limit",
	} {
		e, err := w.find(name)
		require.NoError(t, err)
		assert.Equal(t, want, e.dir)
	}
	for _, name := range []string{"0", "11", "", "tie", "_"} {
		_, err := w.find(name)
		assert.ErrorIs(t, err, errUsage, name)
	}
}

func TestWhatARuleSays(t *testing.T) {
	r := &result{}
	for _, line := range []string{
		"=== RUN   TestCheck/Rule\n",
		"    trial.go:80: waiting for ever for Run: to return: a rule\n",
		"    trial.go:80: all goroutines:\n",
		"        goroutine 7 [running]:\n",
		"--- FAIL: TestCheck/Rule (0.00s)\n",
	} {
		r.add(event{Action: "output", Test: "TestCheck/Rule", Output: line})
	}
	assert.Equal(t, "waiting for ever for Run: to return: a rule", r.said("Rule"))
	assert.Empty(t, r.said("Other"))

	long := strings.Repeat("1 ", 400) + ": the rule"
	assert.Less(t, len(shorten(long)), 320)
	assert.True(t, strings.HasSuffix(shorten(long), ": the rule"))
}

func TestCtrlCEndsACheck(t *testing.T) {
	w, _ := copyOf(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, run(ctx, w, []string{"check", "lost"}), context.Canceled)
}

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		w := newWatch(&out, 10*time.Second)
		w.now("NothingBlocks")
		time.Sleep(9 * time.Second)
		w.now("NoWakeUpLost")
		time.Sleep(11 * time.Second)
		w.stop()
		assert.Equal(t, "  (NoWakeUpLost takes long. One that hangs is given up after a minute; Ctrl-C ends the check.)\n", out.String())
	})
}

var shBlock = regexp.MustCompile("(?s)\n```sh\n(.*?)```")

// Every command in a block of its own makes sense: what is not of the workshop
// is in this list, and was tried by hand.
func TestCommandsOnThePages(t *testing.T) {
	w, all := here(t)
	other := regexp.MustCompile(`^(cd |git clone |git diff --no-index |go (mod download|vet|test|build|version|env) ?|go -C \S+ )`)
	pages := []string{filepath.Join(w.dir, "README.md"), filepath.Join(w.dir, "GUIDE.md")}
	for _, e := range all {
		pages = append(pages, e.path("README.md"))
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		commands := 0
		for _, block := range shBlock.FindAllStringSubmatch(strings.ReplaceAll(string(text), "\r\n", "\n"), -1) {
			for line := range strings.Lines(block[1]) {
				command, _, _ := strings.Cut(strings.TrimSpace(line), " #")
				command = strings.TrimSpace(command)
				commands++
				if args, ok := strings.CutPrefix(command, "go run . "); ok {
					words := strings.Fields(args)
					assert.Contains(t, []string{"list", "check", "hint", "reset", "solve", "yours"}, words[0], "%s: %s", page, command)
					if len(words) > 1 && words[0] != "yours" {
						_, err := w.find(words[1])
						assert.NoError(t, err, "%s: %s", page, command)
					}
				} else if args, ok := strings.CutPrefix(command, "go run ./"); ok {
					dir, _, _ := strings.Cut(args, " ")
					assert.DirExists(t, filepath.Join(w.dir, "..", "..", filepath.FromSlash(dir)), "%s: %s", page, command)
				} else {
					assert.Regexp(t, other, command, "%s: nobody has tried this", page)
				}
			}
		}
		assert.Positive(t, commands, "%s shows commands", page)
	}
}

// The README asks its reader to guess. What would spoil that is folded away.
func TestTheREADMEGivesNothingAway(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash("../../README.md"))
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(text), "<details>")
	require.True(t, found)
	folded, after, found := strings.Cut(rest, "</details>")
	require.True(t, found)
	for _, spoils := range []string{"spin", "%cpu", "cpu.svg"} {
		assert.Contains(t, folded, spoils)
		assert.NotContains(t, before, spoils)
	}
	assert.NotContains(t, after, "%cpu")
}
