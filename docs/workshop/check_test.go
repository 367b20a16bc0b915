package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mistaken tests an exercise whose solution has a mistake in it.
func mistaken(t *testing.T, name, right, wrong string) *result {
	t.Helper()
	w, _ := here(t)
	e, err := w.find(name)
	require.NoError(t, err)
	solution, err := os.ReadFile(e.path("solution", e.file))
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(solution), right), right)
	file := filepath.Join(t.TempDir(), e.file)
	require.NoError(t, os.WriteFile(file, bytes.Replace(solution, []byte(right), []byte(wrong), 1), 0o644))
	r := &result{}
	err = w.goTest(t.Context(), func(ev event) { r.add(ev) },
		overlayOf(t, map[string]string{e.path(e.file): file}), "-short", "-count=1", "-vet=off", "./"+e.dir)
	require.NoError(t, err)
	return r
}

// What a rule says first is what happened, and no heading.
func TestWhatHappenedIsSaid(t *testing.T) {
	r := mistaken(t, "sleep", "time.After(l.nap)", "time.After(2 * l.nap)")
	assert.Equal(t, []string{"AtMostANapLate"}, r.failed)
	assert.Regexp(t, `^with naps of \S+ a callback was \S+ late: `, r.said("AtMostANapLate"))
}

// The task of exercise 4 is to wake the loop when it would sleep for too long, and
// only then.
func TestWakingTheLoopEachTimeIsToldOf(t *testing.T) {
	r := mistaken(t, "wakeup", "if instant >= l.until {", "if false {")
	assert.Equal(t, []string{"LaterTimerWakesNobody"}, r.failed)
	assert.Contains(t, r.said("LaterTimerWakesNobody"), "SetTimeout(2h), with a timer of 1h pending, took")
}

// A panic on a goroutine of the loop's own ends the whole test, in the middle.
func TestWhatATestDiedOfIsSaid(t *testing.T) {
	w, out := copyOf(t)
	e, err := w.find("bounded")
	require.NoError(t, err)
	solution, err := os.ReadFile(e.path("solution", e.file))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(e.path(e.file), bytes.Replace(solution, []byte("t.Call()"), []byte("_ = t; go func() { panic(\"out of place\") }()"), 1), 0o644))
	said, err := do(t, w, out, "check", "bounded")
	assert.ErrorIs(t, err, errBroken)
	assert.Contains(t, said, "  panic: out of place\n")
	assert.Contains(t, said, "callbacks.go:")
}

// The user's flags for go are not for the go that the workshop runs.
func TestFlagsOfTheUser(t *testing.T) {
	w, out := copyOf(t)
	t.Setenv("GOFLAGS", "-json -cpu=1,2")
	t.Chdir(w.dir)
	dir, err := moduleDir(t.Context(), t.Output())
	require.NoError(t, err)
	assertSameDir(t, w.dir, dir)
	said, err := do(t, w, out, "check", "lost")
	assert.ErrorIs(t, err, errBroken)
	assert.Contains(t, said, "1 of the 1 rules asked are not kept")
	assert.Equal(t, 1, strings.Count(said, "broken: "))
}

// A workspace has several modules at once.
func TestInAWorkspace(t *testing.T) {
	w, _ := copyOf(t)
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	work := filepath.Join(t.TempDir(), "go.work")
	require.NoError(t, os.WriteFile(work, []byte("go 1.26\n\nuse (\n\t"+strconv.Quote(filepath.ToSlash(root))+"\n\t"+strconv.Quote(filepath.ToSlash(w.dir))+"\n)\n"), 0o644))
	t.Setenv("GOWORK", work)
	for _, here := range []string{w.dir, root} {
		t.Chdir(here)
		dir, err := moduleDir(t.Context(), t.Output())
		require.NoError(t, err)
		assertSameDir(t, w.dir, dir)
	}
}

func assertSameDir(t *testing.T, want, got string) {
	t.Helper()
	a, err := os.Stat(want)
	require.NoError(t, err)
	b, err := os.Stat(got)
	require.NoError(t, err)
	assert.True(t, os.SameFile(a, b), "%s, not %s", want, got)
}

// What go complains of is shown, and not only that it did.
func TestErrorsOfGoAreShown(t *testing.T) {
	w, _ := here(t)
	var shown bytes.Buffer
	w.progress = &shown
	require.Error(t, w.goTest(t.Context(), func(event) {}, "-timeout=nonsense"))
	assert.Contains(t, shown.String(), "nonsense")

	t.Setenv("GOWORK", "off")
	t.Chdir(t.TempDir())
	shown.Reset()
	_, err := moduleDir(t.Context(), &shown)
	assert.ErrorContains(t, err, "this is not the folder docs/workshop")
	assert.Contains(t, shown.String(), "go: ")
}

// Ctrl-C ends what is being tested, too, and not only the go command.
func TestCtrlCEndsTheTest(t *testing.T) {
	w, _ := copyOf(t)
	e, err := w.find("lost")
	require.NoError(t, err)
	// Once the learner's loop is made, it calls us and hangs. The connection ends
	// with its process.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	require.NoError(t, os.WriteFile(e.path(e.file), []byte(`package lost

import (
	"net"

	"example.com/eventloop/docs/workshop/base"
)

func New(pause func()) *base.Loop {
	c, err := net.Dial("tcp", "`+listener.Addr().String()+`")
	if err != nil {
		panic(err)
	}
	for {
		_, _ = c.Read(make([]byte, 1))
	}
}
`), 0o644))
	ctx, cancel := context.WithCancel(t.Context())
	checked := make(chan error, 1)
	go func() { checked <- run(ctx, w, []string{"check", "lost"}) }()
	c, err := listener.Accept()
	require.NoError(t, err)
	defer c.Close()
	cancel()
	_, _ = io.Copy(io.Discard, c)
	assert.ErrorIs(t, <-checked, context.Canceled)
}

// A loop that hangs is said to hang, with where, and is accused of nothing else.
func TestAHang(t *testing.T) {
	r := &result{}
	for _, line := range []string{
		"=== RUN   TestCheck/OneAtATime",
		"    trial.go:80: waited 1m0s, in vain, for the callback; so it was not seen that callbacks run one at a time",
		"    trial.go:80: its goroutines:",
		"        2 ×",
		"        \texample.com/eventloop/docs/workshop/base.Event.Set  /home/me/docs/workshop/base/event.go:49",
		"        \texample.com/eventloop/docs/workshop/exercises/04_wakeup.(*timerLoop).lookBy  /home/me/docs/workshop/exercises/04_wakeup/timers.go:77",
		"        \texample.com/eventloop/docs/workshop/exercises/04_wakeup.(*timerLoop).Add  /home/me/docs/workshop/exercises/04_wakeup/timers.go:49",
		"        1 ×",
		"        \texample.com/eventloop/looptest.(*trial).await  /home/me/looptest/trial.go:200",
		"        1 ×",
		`        \texample.com/eventloop/docs/workshop/exercises/04_wakeup.New.func1  C:\me\docs\workshop\exercises/04_wakeup/timers.go:14`,
		"--- FAIL: TestCheck/OneAtATime (60.00s)",
	} {
		r.add(event{Action: "output", Test: "TestCheck/OneAtATime", Output: line + "\n"})
	}
	var out bytes.Buffer
	workshop{out: &out}.tell(r, exercise{dir: "exercises/04_wakeup", file: "timers.go"}, "OneAtATime")
	assert.Equal(t, 1, r.hangs)
	assert.Equal(t, `  hangs:  while it was asked for OneAtATime
          waited 1m0s, in vain, for the callback; so it was not seen that callbacks run one at a time
          timers.go:77, in timerLoop.lookBy
          timers.go:14, in New.func1
`, out.String())
}

// What a README quotes of the code is there.
func TestReadmesQuoteTheCode(t *testing.T) {
	_, all := here(t)
	span := regexp.MustCompile("`[^`\n]+`")
	name := regexp.MustCompile(`\b(?:[a-z]|base)\.\w+(?:\.\w+)*`)
	quoted := 0
	for _, e := range all {
		readme, err := e.readme()
		require.NoError(t, err)
		code := ""
		for _, by := range []string{"starter", "solution"} {
			text, err := os.ReadFile(e.path(by, e.file))
			require.NoError(t, err)
			code += string(text)
		}
		for _, quote := range span.FindAllString(readme, -1) {
			for _, n := range name.FindAllString(quote, -1) {
				if strings.HasPrefix(n, "t.FailNow") {
					continue // of package testing
				}
				quoted++
				assert.Contains(t, code, n, "%s quotes %s", e.dir, quote)
			}
		}
	}
	assert.Greater(t, quoted, 15)
}

// From the top folder, "go run ./docs/workshop list" can't be: another module is
// there. What can be stands beside it.
func TestFromTheTopFolder(t *testing.T) {
	const command = "go run -C docs/workshop . list"
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	assert.Contains(t, string(readme), "`"+command+"`")
	w, all := here(t)
	w.dir = filepath.Join(w.dir, "..", "..")
	out, err := w.goCommand(t.Context(), strings.Fields(command)[1:]...).Output()
	require.NoError(t, err)
	for _, e := range all {
		assert.Contains(t, string(out), filepath.Base(e.dir))
	}
}
