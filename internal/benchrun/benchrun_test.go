package benchrun

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// playEnv has this binary do what a program of somebody else may do.
const playEnv = "BENCHRUN_TEST_PLAY"

func TestMain(m *testing.M) {
	switch os.Getenv(playEnv) {
	case "":
		goleak.VerifyTestMain(m)
	case "figures":
		fmt.Println("pkg: p\nBenchmarkX \t1\t2 s", os.Args[1:])
	case "failure":
		fmt.Fprintln(os.Stderr, "why")
		os.Exit(1)
	case "hangs":
		fmt.Print(strings.Repeat("x", 300_000))
		time.Sleep(time.Minute) // its test kills it, or else has failed
	}
}

// play returns this binary, as one that plays that.
func play(t *testing.T, what string) Binary {
	t.Setenv(playEnv, what)
	self, err := os.Executable()
	require.NoError(t, err)
	return Binary{Pkg: "p", Dir: t.TempDir(), File: self}
}

func TestRoundsTakeTurns(t *testing.T) {
	b := play(t, "figures")
	var said []string
	task := func(name string) Task {
		return Task{b, name, func(line string) { said = append(said, line) }}
	}
	begin := func(round int, left time.Duration) { said = append(said, fmt.Sprint("round ", round)) }
	require.NoError(t, Rounds(t.Context(), 2, "1x", []Task{task("A"), task("B"), {Binary: Binary{Pkg: "no tests"}}}, t.Output(), begin))
	of := func(name string) string {
		return "BenchmarkX \t1\t2 s [-test.run=^$ -test.bench=" + name + " -test.benchtime=1x]"
	}
	assert.Equal(t, []string{
		"round 1", "pkg: p", of("A"), "pkg: p", of("B"),
		"round 2", "pkg: p", of("A"), "pkg: p", of("B"),
	}, said)
}

func TestAFailureEndsTheRounds(t *testing.T) {
	rounds := 0
	var stderr bytes.Buffer
	err := Rounds(t.Context(), 3, "1x", []Task{{play(t, "failure"), ".", func(string) {}}}, &stderr, func(int, time.Duration) { rounds++ })
	assert.EqualError(t, err, "round 1: the benchmarks of p: exit status 1")
	assert.Equal(t, "why\n", stderr.String())
	assert.Equal(t, 1, rounds)
}

// A program that has written a long line and no end of it, and does not end, is ended.
func TestCancellingEndsWhatHangs(t *testing.T) {
	b := play(t, "hangs")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	assert.ErrorIs(t, b.Run(ctx, ".", "1x", t.Output(), func(string) {}), context.Canceled)
}

func TestBuild(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	write("go.mod", "module p\n\ngo 1.26\n")
	write("p.go", "package p\n")
	write("tested_test.go", "package p\n\nimport \"testing\"\n\nfunc BenchmarkX(b *testing.B) { for b.Loop() {} }\n")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "untested"), 0o755))
	write("untested/p.go", "package p\n")
	build := func(pattern string) ([]Binary, error) {
		return Build(t.Context(), dir, t.TempDir(), []string{"-vet=off"}, pattern)
	}
	all, err := build("./...")
	require.NoError(t, err)
	require.Len(t, all, 2)
	var out []string
	require.NoError(t, all[0].Run(t.Context(), ".", "1x", t.Output(), func(line string) { out = append(out, line) }))
	assert.Contains(t, out, "pkg: p")
	assert.Equal(t, "p/untested", all[1].Pkg)
	assert.Empty(t, all[1].File, "there are no tests")
	require.NoError(t, all[1].Run(t.Context(), ".", "1x", t.Output(), func(string) { t.Error("it has nothing to say") }))

	write("tested_test.go", "package p\n\nvar x = Nww\n")
	_, err = build(".")
	assert.ErrorContains(t, err, "undefined: Nww")
	_, err = build("./nowhere")
	assert.ErrorContains(t, err, "nowhere")
}
