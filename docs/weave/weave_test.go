package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A file for code to be quoted from.
const aSource = `package p

import "time"

// Wait waits.
func Wait() {
	for i := range 3 {
		time.Sleep(time.Second) // a nap
		_ = i
	}
}

// A T is a type.
type T struct{ n int }

func (t *T) Get() int { return t.n }
`

const aMeasurement = `cpu: EPYC
cores: 2
go: go1.26
goos: linux
goarch: amd64
date: today
BenchmarkIdle/impl=none-2	1	0.1 %cpu
BenchmarkIdle/impl=stage1_polling-2	1	99 %cpu
BenchmarkWaiting/impl=stage1_polling/timers=10000-2	1	1234567 turns/s
BenchmarkTrick/with=yes-2	1	20 ns/op
BenchmarkTrick/with=no-2	1	30 ns/op
`

// pretend is a runner that has an output for each command. One that begins with FAIL is
// of a command that fails.
func pretend(outputs map[string]string) runner {
	return func(args []string) (string, int, error) {
		stdout, ok := outputs[strings.Join(args, " ")]
		switch {
		case !ok:
			return "", 0, errors.New("no such program")
		case strings.HasPrefix(stdout, "FAIL"):
			return stdout, 1, errors.New(stdout)
		}
		return stdout, 0, nil
	}
}

const onePage = "docs/1_polling.md"

// newBook is a repository with one page, and others.
func newBook(t *testing.T, page string, others map[string]string, r runner) *book {
	t.Helper()
	root := t.TempDir()
	files := map[string]string{
		onePage:              page,
		"p/p.go":             aSource,
		"q/p.go":             strings.Replace(aSource, "range 3", "range 4", 1),
		"docs/results/r.txt": aMeasurement,
		"Makefile":           "test:\n\tgo test\n",
	}
	for name, text := range others {
		files[name] = text
	}
	for name, text := range files {
		name = filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	b, err := open(root)
	require.NoError(t, err)
	if r != nil {
		b.runner = r
	}
	return b
}

// weaveOne weaves the page and checks it.
func weaveOne(b *book) (string, error) {
	out := b.english()
	b.problem(b.checkPage(onePage, out)...)
	return out[onePage], errors.Join(b.problems...)
}

// Each check is shown a page that is wrong in just the way it is there for. Where
// something is wrong is told by the page and the line.
func TestBadPages(t *testing.T) {
	runner := pretend(map[string]string{"go vet .": "FAIL oh no"})
	for page, want := range map[string]string{
		"\n<!-- code nowhere.go Wait --><!-- end -->":                            "docs/1_polling.md:2: code nowhere.go Wait: nowhere.go cannot be read",
		"<!-- code p/p.go Run --><!-- end -->":                                   "there is no Run in p/p.go",
		"<!-- code p/p.go --><!-- end -->":                                       "the name of a declaration",
		"<!-- code p/p.go Wait -->":                                              "has no <!-- end -->",
		"<!-- code p/p.go Wait -->\n<!-- code p/p.go T -->\n<!-- end -->":        "has no <!-- end -->",
		"<!-- coed p/p.go Wait -->\n":                                            "is no directive",
		"```go\nfunc f() {}\n```":                                                "is written by hand",
		"<!-- diff p/p.go p/p.go Wait --><!-- end -->":                           "Wait is the same in both",
		"<!-- diff p/p.go Wait --><!-- end -->":                                  "it needs two files",
		"<!-- table docs/results/x.txt %cpu Idle impl=none --><!-- end -->":      "x.txt cannot be read",
		"<!-- table docs/results/r.txt %cpu Idle --><!-- end -->":                "KEY=VALUE,VALUE for the columns",
		"<!-- table docs/results/r.txt %gpu Idle impl=none --><!-- end -->":      "no BenchmarkIdle in %gpu",
		"<!-- table docs/results/r.txt %cpu Idle impl=x --><!-- end -->":         "no BenchmarkIdle in %cpu with impl=x",
		"It <!-- figure docs/results/r.txt %gpu Idle/impl=none --><!-- end -->":  "no figure in %gpu",
		"It <!-- figure docs/results/r.txt %cpu Lazy --><!-- end -->":            "there is no BenchmarkLazy",
		"It\n<!-- figure docs/results/r.txt %cpu Idle/impl=none --><!-- end -->": "a figure begins a line",
		"<!-- run go vet . --><!-- end -->":                                      "exit code 1:\nFAIL oh no",
		"<!-- run gone fishing --><!-- end -->":                                  "no such program",
		"Try `go test ./nowhere`.":                                               "docs/1_polling.md:1: go test ./nowhere names nowhere, which is not there",
		"```sh\ngo run -C p ./gone\n```":                                         "docs/1_polling.md:2: go run -C p ./gone names p/gone",
		"Try `go test -bench=. ./p`.":                                            "needs quotes around -bench=.",
		"Try `make tea` now.":                                                    "is no target of the Makefile",
		"<!-- broken p/p.go -->\n<!-- end -->":                                   "a ```go snippet",
		"<!-- broken p/p.go -->\n```go\nfor i := range 3 { time.Sleep(  time.Second )\n_ = i }\n```\n<!-- end -->": "p/p.go has just that",
		"<!-- broken p/p.go fails=TestT -->\n```go\nfunc Run() {}\n```\n<!-- end -->":                              "no Run in p/p.go, which the snippet could replace",
		"<!-- broken p/p.go fails=TestT -->\n```go\nx = 1\n```\n<!-- end -->":                                      "the snippet has to be declarations",
		"[x](pages/index.html)": "is built, and not committed",
	} {
		_, err := weaveOne(newBook(t, page+"\n", nil, runner))
		assert.ErrorContains(t, err, want, page)
	}
}

func TestGoodPage(t *testing.T) {
	const page = `# A page

<!-- code p/p.go Wait T.Get -->stale<!-- end -->
<!-- diff p/p.go q/p.go Wait --><!-- end -->
<!-- table docs/results/r.txt %cpu Idle impl=none,stage1_polling --><!-- end -->
<!-- table docs/results/r.txt turns/s Waiting/timers=10000 impl=none,stage1_polling --><!-- end -->
<!-- table docs/results/r.txt ns/op Trick with=yes,no --><!-- end -->
It is <!-- figure docs/results/r.txt turns/s Waiting/impl=stage1_polling/timers=10000 -->7<!-- end --> times.
<!-- run go version --><!-- end -->
<!-- broken p/p.go -->
` + "```go\nfunc Wait() {}\n```" + `
<!-- end -->
Here too: ` + "`make test`, `go test ./p`, `go run -C docs ./results`" + ` [up](#a-page).
`
	b := newBook(t, page, nil, pretend(map[string]string{"go version": "go version 1\n"}))
	woven, err := weaveOne(b)
	require.NoError(t, err)
	for _, part := range []string{
		"[`p/p.go`](../p/p.go), `Wait`, `T.Get`:\n\n```go\nfunc Wait() {",
		"\n\nfunc (t *T) Get() int { return t.n }\n```",
		"```diff\n func Wait() {\n-\tfor i := range 3 {\n+\tfor i := range 4 {\n \t\ttime.Sleep",
		"| %cpu | none | stage1_polling |\n|---|---:|---:|\n| Idle | 0.100 | 99.0 |\n\nEPYC, 2 cores · go1.26 linux/amd64 · today · medians of 1 pass. All of it: [r.txt](results/r.txt).",
		"| turns/s | none | stage1_polling |\n|---|---:|---:|\n| Waiting/timers=10000 |  | 1,230,000 |",
		"-->1,230,000<!-- end --> times.",
		"| ns/op | yes | no |\n|---|---:|---:|\n| Trick | 20.0 | 30.0 |",
		"```console\n$ go version\ngo version 1\n```",
		"**BROKEN**, not in [`p/p.go`](../p/p.go).\n\n```go\nfunc Wait() {}\n```",
	} {
		assert.Contains(t, woven, part)
	}
	assert.NotContains(t, woven, "stale")

	// Weaving again changes nothing, and keeps an output of which only a figure is new.
	require.NoError(t, b.write(onePage, woven))
	b.outputs, b.runner = map[string]result{}, pretend(map[string]string{"go version": "go version 2\n"})
	again, err := weaveOne(b)
	require.NoError(t, err)
	assert.Equal(t, woven, again)
	b.fresh = true
	again, err = weaveOne(b)
	require.NoError(t, err)
	assert.Equal(t, strings.Replace(woven, "version 1", "version 2", 1), again)
}

// The output of a command is taken again when something but a figure is new.
func TestMask(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"  2.001 s  → b  due after 1s, late by 983µs", "  1.9 s  → b  due after 1s, late by 1.2ms", true},
		{"top shows  199.3 %CPU  ██████", "top shows  0.1 %CPU  ░░░░░░", true},
		{"turns      12,345,678, of both", "turns      9, of both", true},
		{"BenchmarkX/stage1-2   50  24282180 ns/op", "BenchmarkX/stage1   1   7 ns/op", true},
		{"goos: linux\ncpu: AMD EPYC\nPASS", "goos: darwin\nPASS", true},
		{"BenchmarkX/stage1-2   50  24 ns/op", "BenchmarkX/stage2-2   50  24 ns/op", false},
		{"BenchmarkX/timers=1-2   50", "BenchmarkX/timers=100-2   50", false},
		{"--- PASS: TestA (0.00s)", "--- FAIL: TestA (0.00s)", false},
		{"p50", "p99", false},
	} {
		assert.Equal(t, c.same, mask(c.a) == mask(c.b), "%q and %q are masked as %q and %q", c.a, c.b, mask(c.a), mask(c.b))
	}
}

// A broken snippet really is put in the place of the right code, and has to
// fail the test that is named, and no other way.
func TestBrokenIsSeenToFail(t *testing.T) {
	files := map[string]string{
		"go.mod":      "module p\n\ngo 1.26\n",
		"p/p.go":      "package p\n\nimport \"strings\"\n\n// F is F.\nfunc F() string { return strings.ToUpper(\"right\") }\n",
		"p/p_test.go": "package p\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) {\n\tt.Run(\"Sub\", func(t *testing.T) {\n\t\tif F() != \"RIGHT\" {\n\t\t\tt.Error(F())\n\t\t}\n\t})\n}\n",
	}
	for _, c := range []struct{ snippet, fails, want string }{
		{`func F() string { return fmt.Sprint("wrong") }`, "TestF/Sub", ""},
		{`func F() string { return "RIGHT" }`, "TestF/Sub", "but that passes"},
		{`func F() string { return 1 }`, "TestF/Sub", "what fails is something else"},
		{`func F() string { return "wrong" }`, "TestG", "but that passes"},
	} {
		b := newBook(t, "<!-- broken p/p.go fails="+c.fails+" -->\n```go\n"+c.snippet+"\n```\n<!-- end -->\n", files, nil)
		woven, err := weaveOne(b)
		if c.want != "" {
			assert.ErrorContains(t, err, c.want)
			continue
		}
		require.NoError(t, err)
		assert.Contains(t, woven, "put there, it fails `"+c.fails+"`")
	}
}

// The import of this module stays, whatever it is called here.
func TestBrokenImportsTheModule(t *testing.T) {
	src := "package p\n\nimport (\n\t\"errors\"\n\n\t\"" + module() + "\"\n)\n\nvar Loop eventloop.Loop\n\nfunc F() error { return errors.New(\"\") }\n"
	changed, err := replace("p/p.go", src, "func F() error { return nil }")
	require.NoError(t, err)
	assert.Contains(t, changed, "\teventloop \""+module()+"\"\n")
	assert.NotContains(t, changed, "errors")
}

// Weaving takes a while. Edits made meanwhile are not lost, and line endings of a
// checkout are no difference.
func TestEditedMeanwhile(t *testing.T) {
	b := newBook(t, "old\r\n", nil, nil)
	out := made{onePage: "old\n", "docs/c.md": "c\n"}
	assert.Equal(t, []string{"docs/c.md"}, out.drifted(b))
	name := filepath.Join(b.root, "docs", "1_polling.md")
	require.NoError(t, os.WriteFile(name, []byte("edited\n"), 0o644))
	require.ErrorContains(t, b.write(onePage, "woven\n"), "has changed meanwhile")
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, "edited\n", string(text))
}

func TestBadCommandLine(t *testing.T) {
	var stderr bytes.Buffer
	assert.Equal(t, 2, run([]string{"-nonsense"}, t.TempDir(), &stderr, &stderr))
	assert.Equal(t, 2, run([]string{"chapter"}, t.TempDir(), &stderr, &stderr))
	assert.Contains(t, stderr.String(), `unexpected argument "chapter"`)
}
