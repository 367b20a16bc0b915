package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == measureArg {
		os.Exit(child(os.Args[2:], os.Stdout, os.Stderr))
	}
	goleak.VerifyTestMain(m)
}

// truths are those of a quiet machine with two cores or more.
var truths = []float64{200, 200, 0, 100, 0, 0}

// play runs the command with that input, on a machine of two cores where the
// truth is truths.
func play(t *testing.T, dir, input string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	g := game{
		in: strings.NewReader(input), out: &out, cores: 2, echo: true,
		dir: dir,
		measure: func(_ context.Context, c cell, _ time.Duration) (float64, error) {
			return float64(100 * c.spinning()), nil
		},
	}
	code = run(t.Context(), args, g, &errs)
	return code, out.String(), errs.String()
}

func kept(t *testing.T, dir string) (file, text string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	content, err := os.ReadFile(files[0])
	require.NoError(t, err)
	return files[0], string(content)
}

func TestAPipedRun(t *testing.T) {
	dir := t.TempDir()
	code, out, stderr := play(t, dir, "200\n100%\n0\n 100 % \n0\n0.5\n")
	require.Zero(t, code, stderr)
	file, text := kept(t, dir)
	assert.Equal(t, `stage,waits,guesses (% of a core),truth
1,idle,200,200.0
1,pending,100,200.0
2,idle,0,0.0
2,pending,100,100.0
3,idle,0,0.0
3,pending,0.5,0.0
`, text)
	assert.Contains(t, out, "The guesses are kept in "+file)
	assert.Contains(t, out, "Score: 50 of 60.")
	assert.Contains(t, out, "stage 1 (polling), pending       100%     200%        0\n")
	assert.Contains(t, out, "“With a timer set there is less to look for.”")
	assert.Equal(t, 1, strings.Count(out, "“"), "one miss, one misunderstanding")
	assert.NotContains(t, out, "busy on this machine")
}

// As PowerShell may send it.
func TestAPipeOnWindows(t *testing.T) {
	code, out, stderr := play(t, t.TempDir(), "\ufeff200\r\n200\r\n0\r\n100\r\n0\r\n0\r\n")
	require.Zero(t, code, stderr)
	assert.Contains(t, out, "Score: 60 of 60.")
}

func TestARoomsMedianCounts(t *testing.T) {
	code, out, stderr := play(t, t.TempDir(), "0 200 190 180 20\n200\n0 0\n100\n0\n0\n")
	require.Zero(t, code, stderr)
	assert.Contains(t, out, "stage 1 (polling), idle          180%     200%       10   5 guesses, 0 to 200\n")
	assert.Contains(t, out, "Score: 60 of 60.")
	assert.NotContains(t, out, "misses")
}

func TestNonsenseIsAskedForAgain(t *testing.T) {
	for nonsense, want := range map[string]string{
		"lots":   `"lots" is no percentage: it takes a number from 0 to 200`,
		"":       "there is no number",
		" % ":    "there is no number",
		"-5":     `"-5" is less than nothing`,
		"201":    "201 is more than there is: with 2 cores a process can use 200 %",
		"NaN":    `"NaN" is no percentage`,
		"1e2":    `"1e2" is no percentage`,
		"Inf":    `"Inf" is no percentage`,
		"12,5":   `"12,5" is no percentage`,
		"100 no": `"no" is no percentage`,
	} {
		t.Run(nonsense, func(t *testing.T) {
			dir := t.TempDir()
			code, out, stderr := play(t, dir, nonsense+"\n200\n200\n0\n100\n0\n0\n")
			require.Zero(t, code, stderr)
			assert.Contains(t, out, want)
			assert.Equal(t, 2, strings.Count(out, "stage 1 (polling), idle?"), "asked again")
			assert.Contains(t, out, "Score: 60 of 60.")
		})
	}
}

func TestInputThatEnds(t *testing.T) {
	dir := t.TempDir()
	code, _, stderr := play(t, dir, "200\nlots\n")
	assert.Equal(t, 2, code)
	file, text := kept(t, dir)
	assert.Contains(t, stderr, "the input has ended after 1 of 6 guesses, which are kept in "+file)
	assert.Contains(t, text, "1,idle,200,\n")

	code, _, stderr = play(t, t.TempDir(), "")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "after 0 of 6 guesses")

	code, out, _ := play(t, t.TempDir(), "200\n200\n0\n100\n0\n0") // no newline at the end
	assert.Zero(t, code)
	assert.Contains(t, out, "Score: 60 of 60.")
}

func TestGuessesGivenBefore(t *testing.T) {
	dir := t.TempDir()
	code, _, stderr := play(t, dir, "0\n10 20 30\n0\n100\n0\n0\n")
	require.Zero(t, code, stderr)
	file, before := kept(t, dir)
	code, out, stderr := play(t, dir, "", "-guesses", file)
	require.Zero(t, code, stderr)
	assert.NotContains(t, out, "?", "nothing is asked")
	assert.Contains(t, out, "Score: 40 of 60.")
	_, after := kept(t, dir)
	assert.Equal(t, before, after)

	for name, text := range map[string]string{
		"not for all":       strings.Join(strings.Split(before, "\n")[:4], "\n"),
		"should be":         strings.ReplaceAll(before, "2,idle", "2,busy"),
		"is no percentage":  strings.ReplaceAll(before, "10 20 30", "10 x"),
		"wrong number of f": before + "1\n",
	} {
		broken := filepath.Join(t.TempDir(), "broken.csv")
		require.NoError(t, os.WriteFile(broken, []byte(text), 0o644))
		code, _, stderr := play(t, dir, "", "-guesses", broken)
		assert.Equal(t, 1, code)
		assert.Contains(t, stderr, name)
		assert.Contains(t, stderr, "broken.csv")
	}
	code, _, _ = play(t, dir, "", "-guesses", filepath.Join(dir, "none"))
	assert.Equal(t, 1, code)
}

// First the guesses, the truth at the end of the day.
func TestAskNowAndMeasureLater(t *testing.T) {
	dir := t.TempDir()
	for _, old := range []string{"predict-20200101-000000.csv", "predict-20200101-000000-2.csv"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, old), nil, 0o644))
	}
	code, out, stderr := play(t, dir, "200\n200\n0\n0\n0\n0\n", "-ask")
	require.Zero(t, code, stderr)
	assert.Contains(t, out, "-guesses last")
	assert.NotContains(t, out, "measuring")
	code, out, stderr = play(t, dir, "", "-guesses", "last")
	require.Zero(t, code, stderr)
	assert.Contains(t, out, "Score: 50 of 60.")
	assert.NotContains(t, out, "?")

	code, _, stderr = play(t, t.TempDir(), "", "-guesses", "last")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "no guesses are kept in")
}

func TestNewest(t *testing.T) {
	dir := t.TempDir()
	lines := ",1\n"
	for _, c := range cells {
		lines += strconv.Itoa(c.stage) + "," + c.waits() + ",1\n"
	}
	lines = strings.Join(header[:3], ",") + "\n" + strings.TrimPrefix(lines, ",1\n")
	for _, name := range []string{"predict-20260102-000000.csv", "predict-20260102-000000-2.csv", "predict-20260102-000000-10.csv", "predict-20251231-235959-3.csv", "table.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(lines), 0o644))
		got, err := loadNewest(dir, 2, func(err error) { t.Error(err) })
		require.NoError(t, err)
		if !strings.Contains(name, "2025") && name != "table.txt" {
			assert.Equal(t, name, filepath.Base(got.file), "written last")
		} else {
			assert.Equal(t, "predict-20260102-000000-10.csv", filepath.Base(got.file))
		}
	}
}

// A game that is given up before the first guess leaves no file, and one that is
// given up later is not the last one kept.
func TestGivenUp(t *testing.T) {
	dir := t.TempDir()
	code, _, _ := play(t, dir, "")
	require.Equal(t, 2, code)
	files, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	require.NoError(t, err)
	assert.Empty(t, files)

	code, _, stderr := play(t, dir, "200\n200\n0\n0\n0\n0\n", "-ask")
	require.Zero(t, code, stderr)
	later := filepath.Join(dir, "predict-99991231-000000.csv")
	require.NoError(t, os.WriteFile(later, []byte("stage,waits,guesses (% of a core),truth\n1,idle,5,\n"), 0o644))
	code, out, stderr := play(t, dir, "", "-guesses", "last")
	require.Zero(t, code, stderr)
	assert.Contains(t, out, "Score: 50 of 60.")
	assert.Contains(t, out, "passed over: "+later+" has guesses for 1 of the 6 cells")

	code, _, stderr = play(t, dir, "", "-guesses", later)
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "has guesses for 1 of the 6 cells")
}

// Where nothing can be written there is a game all the same; only guesses for
// later are refused, and that before anybody guesses.
func TestWhereNothingCanBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	nowhere := filepath.Join(file, "out")
	code, out, stderr := play(t, nowhere, "200\n200\n0\n100\n0\n0\n")
	require.Zero(t, code, stderr)
	assert.Contains(t, out, "The guesses can't be kept: ")
	assert.Contains(t, out, "Score: 60 of 60.")
	assert.NotContains(t, out, "are kept in")

	code, out, stderr = play(t, nowhere, "200\n", "-ask")
	assert.Equal(t, 1, code)
	assert.NotContains(t, out, "?")
	assert.NotEmpty(t, stderr)

	code, _, stderr = play(t, nowhere, "200\n")
	assert.Equal(t, 2, code)
	assert.NotContains(t, stderr, "kept in")

	// A file that can be read and not be written: the truth shows all the same.
	dir := t.TempDir()
	code, _, stderr = play(t, dir, "200\n200\n0\n100\n0\n0\n", "-ask")
	require.Zero(t, code, stderr)
	kept, _ := kept(t, dir)
	require.NoError(t, os.Mkdir(kept+".new", 0o755))
	code, out, stderr = play(t, dir, "", "-guesses", kept)
	require.Zero(t, code, stderr)
	assert.Contains(t, out, "Score: 60 of 60.")
	assert.Contains(t, out, "The truth can't be kept beside the guesses: ")
}

func TestTwoGamesInOneSecond(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		code, _, stderr := play(t, dir, "200\n200\n0\n100\n0\n0\n")
		require.Zero(t, code, stderr)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	require.NoError(t, err)
	assert.Len(t, files, 2, "no game overwrites another")
}

func TestBadUsage(t *testing.T) {
	for _, args := range [][]string{{"-window", "1ms"}, {"-window", "2h"}, {"-window", "x"}, {"-fast"}, {"200"}, {"-ask", "-guesses", "x"}} {
		dir := t.TempDir()
		code, out, stderr := play(t, dir, "", args...)
		assert.Equal(t, 2, code, args)
		assert.NotEmpty(t, stderr)
		assert.Empty(t, out, "nothing is asked")
	}
	code, _, stderr := play(t, t.TempDir(), "", "-h")
	assert.Zero(t, code)
	assert.Contains(t, stderr, "-guesses")
}

// On a busy machine the figures are wrong, and no guesser's fault.
func TestAMachineThatIsBusyIsSaidToBe(t *testing.T) {
	g := game{
		in: strings.NewReader("0\n200\n0\n100\n0\n0\n"), cores: 2,
		dir: t.TempDir(),
		measure: func(_ context.Context, c cell, _ time.Duration) (float64, error) {
			return float64(30 * c.spinning()), nil
		},
	}
	var out, stderr bytes.Buffer
	g.out = &out
	require.Zero(t, run(t.Context(), nil, g, &stderr))
	assert.Contains(t, out.String(), "stage 1 (polling), idle got 60 %,\n  and would take 200")
	assert.Contains(t, out.String(), "-guesses")
	assert.NotContains(t, out.String(), "“", "no misunderstanding is read out of it")
}

// What is piped in does not show by itself, so it is repeated.
func TestWhatIsPipedShows(t *testing.T) {
	_, out, _ := play(t, t.TempDir(), "x\n200\n200\n0\n100\n0\n0\n")
	assert.Contains(t, out, "stage 1 (polling), idle?     x\n  \"x\" is no percentage")
	assert.Contains(t, out, "stage 1 (polling), idle?     200\nstage 1 (polling), pending?  200\n")
}

func TestMeasuringFails(t *testing.T) {
	g := game{
		in: strings.NewReader("0\n0\n0\n0\n0\n0\n"), out: t.Output(), cores: 2,
		dir:     t.TempDir(),
		measure: func(context.Context, cell, time.Duration) (float64, error) { return 0, errors.New("no meter") },
	}
	var stderr bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), nil, g, &stderr))
	assert.Contains(t, stderr.String(), "measuring stage 1 (polling), idle: no meter")
}

func TestPoints(t *testing.T) {
	for _, c := range []struct {
		guess, truth float64
		want         int
	}{
		{0, 0, 10}, {25, 0, 10}, {25.1, 0, 5}, {60, 0, 5}, {60.1, 0, 0},
		{175, 200, 10}, {140, 200, 5}, {100, 200, 0}, {200, 0, 0},
	} {
		assert.Equal(t, c.want, points(c.guess, c.truth), "%v for %v", c.guess, c.truth)
	}
}

// Each miss has its idea; a guess that is right has none.
func TestMisunderstandings(t *testing.T) {
	for _, c := range []struct {
		name    string
		guesses []float64
		want    []string // for each cell, how it begins
	}{
		{"all is known", truths, []string{"", "", "", "", "", ""}},
		{"nothing costs anything", []float64{0, 0, 0, 0, 0, 0},
			[]string{"“Nothing to do", "“Nothing to do", "", "“A loop that blocks", "", ""}},
		{"a timer is what costs", []float64{0, 100, 0, 100, 0, 100},
			[]string{"“Nothing to do", "“A pending timer", "", "", "", "“To wait for an instant"}},
		{"one loop", []float64{100, 100, 0, 100, 0, 0},
			[]string{"“There is one loop.”", "“There is one loop.”", "", "", "", ""}},
		{"a timer to wait for is rest", []float64{200, 100, 0, 100, 0, 0},
			[]string{"", "“With a timer set", "", "", "", ""}},
		{"all the same", []float64{200, 200, 200, 200, 200, 200},
			[]string{"", "", "“A queue has to", "“Both loops", "“Somebody has to look", "“Somebody has to look"}},
		{"all there is", []float64{800, 800, 0, 800, 0, 0},
			[]string{"“Looking all the time", "“Looking all the time", "", "“Both loops", "", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i, want := range c.want {
				got := misunderstanding(i, c.guesses, truths)
				if want == "" {
					assert.Empty(t, got, cells[i])
				} else {
					assert.True(t, strings.HasPrefix(got, want), "%s: %s", cells[i], got)
				}
			}
		})
	}
	// Whatever is guessed and measured, a miss is never without a word.
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

func TestABusyMachineIsNotTheGuessersFault(t *testing.T) {
	for _, c := range []struct {
		truths []float64
		cores  int
		want   bool
	}{
		{truths, 8, false},
		{[]float64{100, 100, 0, 100, 0, 0}, 1, false}, // two loops share the one core
		{[]float64{100, 200, 0, 100, 0, 0}, 8, true},
		{[]float64{200, 200, 0, 30, 0, 0}, 8, true},
	} {
		_, got := disturbed(c.truths, c.cores)
		assert.Equal(t, c.want, got, c)
	}
}

// The real meter: each cell can be measured, and a loop that spins costs
// something.
func TestMeasure(t *testing.T) {
	for _, c := range cells {
		percent, err := inProcess(t.Context(), c, 200*time.Millisecond)
		require.NoError(t, err, c)
		if c.spinning() > 0 {
			assert.Positive(t, percent, c)
		} else {
			assert.GreaterOrEqual(t, percent, 0.0, c)
		}
	}
	var stderr bytes.Buffer
	assert.Equal(t, 1, child([]string{"9", "1s"}, t.Output(), &stderr))
	assert.Contains(t, stderr.String(), `no cell "9"`)
}
