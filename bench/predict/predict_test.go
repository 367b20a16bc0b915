package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// truths are those of a quiet machine with two cores or more.
var truths = map[cell]float64{{1, false}: 200, {1, true}: 200, {2, true}: 100}

const right = "200\n200\n0\n100\n0\n0\n"

// play runs the command with that input, on a quiet machine of two cores where the
// truth is truths.
func play(t *testing.T, dir, input string, args ...string) (code int, stdout, stderr string) {
	return playWith(game{dir: dir, busy: func() string { return "" }}, input, args...)
}

func playWith(g game, input string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	g.in, g.out, g.echo, g.cores = strings.NewReader(input), &out, true, 2
	if g.measure == nil {
		g.measure = func(c cell, _ time.Duration) (float64, error) { return truths[c], nil }
	}
	code = run(args, g, &errs)
	return code, out.String(), errs.String()
}

// kept returns the only file in a folder.
func kept(t *testing.T, dir string) (file, text string) {
	files, err := filepath.Glob(filepath.Join(dir, "predict-*.txt"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	content, err := os.ReadFile(files[0])
	require.NoError(t, err)
	return files[0], string(content)
}

func TestAPipedRun(t *testing.T) {
	dir := t.TempDir()
	code, out, stderr := play(t, dir, "150\n100%\n0\n 100 % \n0\n0.5\n")
	require.Zero(t, code, stderr)
	file, text := kept(t, dir)
	assert.Equal(t, "150\n100\n0\n100\n0\n0.5\nThe truth, in the same order: [200.0 200.0 0.0 100.0 0.0 0.0]\n", text)
	assert.Contains(t, out, "The guesses are kept in "+file)
	assert.Contains(t, out, "stage 1 (polling), idle?     150\nstage 1 (polling), pending?  100%\n", "what is piped shows")
	assert.Contains(t, out, "Score: 45 of 60.")
	assert.Contains(t, out, "stage 1 (polling), idle          150%     200%        5\n")
	assert.Contains(t, out, "stage 1 (polling), pending       100%     200%        0\n")
	assert.Contains(t, out, "“With a timer set there is less to look for.”")
	assert.Equal(t, 2, strings.Count(out, "“"), "for each miss one misunderstanding")
	assert.NotContains(t, out, "busy on this machine")
}

func TestFullScore(t *testing.T) {
	for name, input := range map[string]string{
		"a person":              right,
		"no newline at the end": strings.TrimSpace(right),
		"PowerShell":            "\ufeff" + strings.ReplaceAll(right, "\n", "\r\n"),
		"a room":                "0 200 190 180 20\n200\n0 0\n100\n0\n0\n",
		"nonsense first":        "lots\n\n%\n-5\n201\nNaN\n1e2\n12,5\n100 no\n" + right,
	} {
		code, out, stderr := play(t, t.TempDir(), input)
		require.Zero(t, code, stderr)
		assert.Contains(t, out, "Score: 60 of 60.", name)
		assert.NotContains(t, out, "misses", name)
		assert.Equal(t, name == "a room", strings.Contains(out, "stage 1 (polling), idle          180%     200%       10   5 guesses, 0 to 200\n"))
		for _, said := range []string{
			`"lots" is no percentage: it takes a number from 0 to 200, such as 50 or 0.5, or several with spaces between them`,
			"there is no number", `"-5" is no percentage`, "201 is more than there is: with 2 cores a process can use 200 %",
			`"NaN" is no percentage`, `"1e2" is no percentage`, `"12,5" is no percentage`, `"no" is no percentage`,
		} {
			assert.Equal(t, name == "nonsense first", strings.Contains(out, said), "%s: %s", name, said)
		}
	}
}

// First the guesses, the truth at the end of the day. What was given up meanwhile is
// not the last game.
func TestAskNowAndMeasureLater(t *testing.T) {
	dir := t.TempDir()
	code, _, stderr := play(t, dir, "")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "the input has ended after 0 of 6 guesses\n", "and no file is kept of that")
	code, out, stderr := play(t, dir, "200\n200\n0\n0\n0\n0 20\n", "-ask")
	require.Zero(t, code, stderr)
	assert.Contains(t, out, "-guesses last")
	assert.NotContains(t, out, "measuring")
	file, _ := kept(t, dir)
	code, _, stderr = play(t, dir, "200\nlots\n")
	assert.Equal(t, 2, code)
	assert.Regexp(t, `the input has ended after 1 of 6 guesses, which are kept in .*\.txt`, stderr)

	for _, name := range []string{"last", file} {
		code, out, stderr = play(t, dir, "", "-guesses", name)
		require.Zero(t, code, stderr)
		assert.NotContains(t, out, "?", "nothing is asked")
		assert.Contains(t, out, "Score: 50 of 60.")
	}
	require.NoError(t, os.WriteFile(file, []byte("1\n2\nx\n4\n5\n6\n"), 0o644))
	for name, want := range map[string]string{file: file + " has guesses for 2 of the 6 cells", "nowhere": "nowhere"} {
		code, _, stderr = play(t, dir, "", "-guesses", name)
		assert.Equal(t, 1, code)
		assert.Contains(t, stderr, want)
	}
}

// Where nothing can be kept, that is said before anybody guesses.
func TestWhereNothingCanBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	code, out, stderr := play(t, filepath.Join(file, "out"), right)
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "the guesses can't be kept: ")
	assert.Empty(t, out)
}

func TestBadUsage(t *testing.T) {
	for args, want := range map[string]string{
		"-window 1ms": "100ms to 1m", "-window 2h": "100ms to 1m", "-window x": "invalid",
		"-fast": "not defined", "200": "unexpected argument", "-ask -guesses x": "choose one",
	} {
		code, out, stderr := play(t, t.TempDir(), "", strings.Fields(args)...)
		assert.Equal(t, 2, code, args)
		assert.Contains(t, stderr, want)
		assert.Empty(t, out, "nothing is asked")
	}
	code, _, stderr := play(t, t.TempDir(), "", "-h")
	assert.Zero(t, code)
	assert.Contains(t, stderr, "-guesses")
}

// On a busy machine the figures are wrong, and no guesser's fault.
func TestABusyMachine(t *testing.T) {
	g := game{dir: t.TempDir(), busy: func() string { return "Something else is busy." }}
	code, out, stderr := playWith(g, "0\n200\n0\n100\n0\n0\n")
	require.Zero(t, code, stderr)
	assert.Regexp(t, `(?s)Something else is busy\. .*can\s+stay:\n  go run ./bench/predict -guesses `, out)
	assert.NotContains(t, out, "“", "no misunderstanding is read out of it")
}

func TestMeasuringFails(t *testing.T) {
	g := game{dir: t.TempDir(), busy: func() string { return "" }, measure: func(cell, time.Duration) (float64, error) { return 0, errors.New("no meter") }}
	code, _, stderr := playWith(g, right)
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "measuring stage 1 (polling), idle: no meter")
}

// Each miss has its idea; a guess that is right has none.
func TestMisunderstandings(t *testing.T) {
	all := []float64{200, 200, 0, 100, 0, 0}
	for _, c := range []struct {
		guesses []float64
		want    []string // for each cell, how it begins
	}{
		{all, []string{"", "", "", "", "", ""}},
		{[]float64{0, 0, 0, 0, 0, 0}, []string{"“Nothing to do", "“Nothing to do", "", "“A loop that blocks", "", ""}},
		{[]float64{0, 100, 0, 100, 0, 100}, []string{"“Nothing to do", "“A pending timer", "", "", "", "“To wait for an instant"}},
		{[]float64{100, 100, 0, 100, 0, 0}, []string{"“There is one loop.”", "“There is one loop.”", "", "", "", ""}},
		{[]float64{200, 100, 0, 100, 0, 0}, []string{"", "“With a timer set", "", "", "", ""}},
		{[]float64{200, 200, 200, 200, 200, 200}, []string{"", "", "“A queue has to", "“Both loops", "“Somebody has to look", "“Somebody has to look"}},
		{[]float64{800, 800, 0, 800, 0, 0}, []string{"“Looking all the time", "“Looking all the time", "", "“Both loops", "", ""}},
	} {
		for i, want := range c.want {
			got := misunderstanding(i, c.guesses, all)
			assert.Equal(t, want == "", got == "", cells[i])
			assert.True(t, strings.HasPrefix(got, want), "%s: %s", cells[i], got)
		}
	}
	// Each miss has a word, whatever is guessed and measured.
	for i := range cells {
		for guess := 0.0; guess <= 400; guess += 20 {
			for truth := 0.0; truth <= 200; truth += 20 {
				guesses, truths := make([]float64, len(cells)), make([]float64, len(cells))
				guesses[i], truths[i] = guess, truth
				assert.Equal(t, points(guess, truth) < full, misunderstanding(i, guesses, truths) != "")
			}
		}
	}
}

// The real meter: a loop that spins costs something.
func TestMeasure(t *testing.T) {
	for _, c := range cells {
		percent, err := c.cost(50 * time.Millisecond)
		require.NoError(t, err, c)
		assert.GreaterOrEqual(t, percent, 0.0, c)
		assert.True(t, percent > 0 || truths[c] == 0, c)
	}
}
