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

// Each check is shown a page that is wrong in just the way it is there for.

const source = `package p

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

// pretend is a runner with a result for each command.
type pretend map[string]struct {
	stdout string
	exit   int
}

func (p pretend) run(args []string) (string, int, error) {
	r, ok := p[strings.Join(args, " ")]
	if !ok {
		return "", 0, errors.New("no such program")
	}
	if r.exit != 0 {
		return r.stdout, r.exit, errors.New(r.stdout)
	}
	return r.stdout, 0, nil
}

func newBook(t *testing.T, files map[string]string, r runner) *book {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		name = filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	b, err := open(root, r)
	require.NoError(t, err)
	return b
}

// weave1 weaves docs/1_polling.md alone, without the pages that are made of it.
func weave1(b *book) (string, []error) {
	text, err := b.read("docs/1_polling.md")
	if err != nil {
		return "", []error{err}
	}
	text, problems := b.weavePage("docs/1_polling.md", text)
	problems = append(problems, b.gatherCommands("docs/1_polling.md", text)...)
	text, more := b.weaveLists("docs/1_polling.md", text)
	problems = append(problems, more...)
	problems = append(problems, b.tryCommands()...)
	problems = append(problems, b.checkPage("docs/1_polling.md", made{"docs/1_polling.md": text})...)
	return text, problems
}

func TestBadPages(t *testing.T) {
	const results = "# R\n\nEPYC · go1.26 · today. The raw output: [x](x).\n\n## %cpu\n\n| | none | one |\n|---|---:|---:|\n| Idle | 0.1 | 99 |\n| Busy |  | 98 |\n| Twice | 1 | 2 |\n| Twice | 3 | 4 |\n"
	const looptest = "package looptest\n\ntype rule struct{ name, text string }\n\nvar rules = []rule{{\"NeverEarly\", \"never\"}}\n"
	const stageTest = "package p\n\nimport \"testing\"\n\nfunc TestContract(t *testing.T) {}\n"
	runner := pretend{
		"go version": {stdout: "go version 1\n"},
		"go vet .":   {stdout: "oh no", exit: 1},
	}
	for _, c := range []struct{ name, page, want string }{
		// Snippets.
		{"NoSuchFile", "<!-- code nowhere.go Wait --><!-- end -->", "nowhere.go cannot be read"},
		{"NoSuchDeclaration", "<!-- code p/p.go Run --><!-- end -->", "there is no Run in p/p.go"},
		{"NoName", "<!-- code p/p.go --><!-- end -->", "the name of a declaration"},
		{"NoEnd", "<!-- code p/p.go Wait -->", "has no <!-- end -->"},
		{"NoEndBeforeTheNext", "<!-- code p/p.go Wait -->\n<!-- code p/p.go T -->\n<!-- end -->", "has no <!-- end -->"},
		{"EndTooMany", "text\n\n<!-- end -->", "1 <!-- end --> too many"},
		{"Misspelt", "<!-- coed p/p.go Wait -->\n", "is no directive"},
		{"HandWritten", "```go\nfunc f() {}\n```", "is written by hand"},
		{"HandWrittenOutput", "```console\n$ go version\n```", "is written by hand"},
		{"HandWrittenIndented", "Look:\n\n    func f() {}\n", "is written by hand"},

		// Diffs.
		{"NoDifference", "<!-- diff p/p.go p/p.go Wait --><!-- end -->", "Wait is the same in both"},
		{"DiffOfNothing", "<!-- diff p/p.go q/p.go Wait --><!-- end -->", "q/p.go cannot be read"},
		{"DiffOfOne", "<!-- diff p/p.go Wait --><!-- end -->", "it needs two files"},

		// Figures.
		{"NoSuchResults", "<!-- table docs/results/r2.md %cpu --><!-- end -->", "go run -C bench/report ."},
		{"NoSuchUnit", "<!-- table docs/results/r.md %gpu --><!-- end -->", `no heading "%gpu"`},
		{"NoSuchRow", "<!-- table docs/results/r.md %cpu rows=\"Lazy\" --><!-- end -->", `no row "Lazy"`},
		{"NoSuchColumn", "<!-- table docs/results/r.md %cpu cols=\"two\" --><!-- end -->", `no column "two"`},
		{"SeveralRows", "It is <!-- figure docs/results/r.md %cpu Twice one --><!-- end -->", `several rows "Twice"`},
		{"MeasuredNowhere", "<!-- table docs/results/anon.md %cpu --><!-- end -->", "does not say where it was measured"},
		{"FigureFirst", "It is\n<!-- figure docs/results/r.md %cpu Idle one --><!-- end -->", "a figure begins a line"},
		{"NoFigure", "It is <!-- figure docs/results/r.md %cpu Busy none --><!-- end -->", "no figure in that cell"},

		// Commands.
		{"FailingCommand", "<!-- run go vet . --><!-- end -->", "exit code 1:\noh no"},
		{"UnknownCommand", "<!-- run gone fishing --><!-- end -->", "no such program"},
		{"FailingCommandInASentence", "Try `go vet .` now.", `shows "go vet .", which fails`},
		{"FailingCommandInABlock", "```sh\ngo vet .\n```", `shows "go vet .", which fails`},
		{"NoSuchTarget", "Try `make tea` now.", `no target "tea"`},

		// What is wrong on purpose.
		{"NotBroken", "<!-- broken p/p.go -->\n```go\nfor i := range 3 { time.Sleep(  time.Second )\n_ = i }\n```\n<!-- end -->", "marked as broken, but p/p.go has just that"},
		{"NothingBroken", "<!-- broken p/p.go -->\n<!-- end -->", "there is no ```go snippet"},
		{"BrokenNowhere", "<!-- broken p/p.go fails=\"TestT\" -->\n```go\nfunc Run() {}\n```\n<!-- end -->", "declares no Run that the snippet could replace"},
		{"BrokenStatement", "<!-- broken p/p.go fails=\"TestT\" -->\n```go\nx = 1\n```\n<!-- end -->", "the snippet has to be declarations"},

		// Links.
		{"DeadLink", "[x](b.md)", "there is no docs/b.md"},
		{"DeadLinkUp", "[x](../../x)", "leads nowhere"},
		{"DeadAnchor", "# One\n\n[x](#two)", "has no such heading"},
		{"DeadAnchorElsewhere", "[x](results/r.md#nope)", "has no such heading"},
		{"NotHTTPS", "[x](http://example.com)", "no proper https address"},
		{"Malformed", "[x](https://nowhere)", "no proper https address"},
		{"DeadPicture", "![x](x.svg)", "there is no docs/x.svg"},
		{"PictureWithoutText", "![](results/r.md)", "has no text"},

		// Tests.
		{"NoSuchTest", "It is `TestNothing`.", "no stage has a test TestNothing"},
		{"NoSuchRule", "It is `TestContract/NeverLate`.", "looptest has no rule NeverLate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBook(t, map[string]string{
				"docs/1_polling.md":            c.page + "\n",
				"docs/results/r.md":            results,
				"docs/results/anon.md":         strings.Replace(results, ". The raw output", "", 1),
				"p/p.go":                       source,
				"Makefile":                     "test:\n\tgo test\n",
				"looptest/looptest.go":         looptest,
				"stage1_polling/loop_test.go":  stageTest,
				"stage2_queue/loop_test.go":    stageTest,
				"stage3_event/loop_test.go":    stageTest,
				"docs/pages/not-a-chapter.txt": "",
			}, runner)
			_, problems := weave1(b)
			require.Error(t, errors.Join(problems...), "nothing was found wrong with\n%s", c.page)
			assert.ErrorContains(t, errors.Join(problems...), c.want)
		})
	}
}

func TestGoodPage(t *testing.T) {
	const page = `# A page

<!-- code p/p.go Wait T.Get -->stale<!-- end -->
<!-- diff p/p.go q/p.go Wait --><!-- end -->
<!-- table docs/results/r.md %cpu rows="Idle" cols="one" --><!-- end -->
It is <!-- figure docs/results/r.md %cpu Idle one -->7<!-- end --> percent.
And <!-- figure docs/results/s.md "All at once" "a, b" lost -->7<!-- end --> lost.
<!-- run go version --><!-- end -->
<!-- broken p/p.go -->
` + "```go\nfunc Wait() {}\n```" + `
<!-- end -->
Here too: ` + "`go version`, `TestContract/NeverEarly`" + ` [up](#a-page).
<!-- commands --><!-- end -->
`
	b := newBook(t, map[string]string{
		"docs/1_polling.md":           page,
		"docs/results/r.md":           "EPYC. The raw output\n\n## %cpu\n\n| | none | one |\n|---|---:|---:|\n| Idle | 0.1 | 99 |\n",
		"docs/results/s.md":           "# S\n\n## All at once\n\nFor long.\n\n| who | lost |\n|---|---|\n| a, b | none |\n\n## Else\n\n| who | lost |\n|---|---|\n| a, b | all |\n",
		"p/p.go":                      source,
		"q/p.go":                      strings.Replace(source, "range 3", "range 4", 1),
		"looptest/looptest.go":        "package looptest\n\nvar rules = []struct{ name, text string }{{\"NeverEarly\", \"\"}}\n",
		"stage1_polling/loop_test.go": "package p\n\nfunc TestContract() {}\n",
		"stage2_queue/loop_test.go":   "package p\n",
		"stage3_event/loop_test.go":   "package p\n",
	}, pretend{"go version": {stdout: "go version 1\n"}})
	woven, problems := weave1(b)
	require.NoError(t, errors.Join(problems...))
	for _, part := range []string{
		"[`p/p.go`](../p/p.go), `Wait`, `T.Get`:\n\n```go\nfunc Wait() {",
		"\n\nfunc (t *T) Get() int { return t.n }\n```",
		"```diff\n func Wait() {\n-\tfor i := range 3 {\n+\tfor i := range 4 {\n \t\ttime.Sleep",
		"| %cpu | one |\n|---|---:|\n| Idle | 99 |\n\nEPYC. All of it: [r.md](results/r.md).",
		"It is <!-- figure docs/results/r.md %cpu Idle one -->99<!-- end --> percent.",
		"And <!-- figure docs/results/s.md \"All at once\" \"a, b\" lost -->none<!-- end --> lost.",
		"```console\n$ go version\ngo version 1\n```",
		"**BROKEN**, not in [`p/p.go`](../p/p.go).\n\n```go\nfunc Wait() {}\n```",
		"<!-- commands -->\n| command | tried |\n|---|---|\n\n<!-- end -->",
	} {
		assert.Contains(t, woven, part)
	}
	assert.NotContains(t, woven, "stale")

	// What has been woven is not changed by weaving it again.
	require.NoError(t, b.write("docs/1_polling.md", woven))
	again, problems := weave1(b)
	require.NoError(t, errors.Join(problems...))
	assert.Equal(t, woven, again)
}

// The output of a command is taken again when something but a figure is new.
func TestOutput(t *testing.T) {
	const page = "<!-- run go test . -->\n```console\n$ go test .\nok  \tp\t0.001s\n```\n\n<!-- end -->\n"
	for _, c := range []struct {
		name, stdout string
		fresh        bool
		want         string
	}{
		{"OtherFigures", "ok  \tp\t12.345s\n", false, page},
		{"Cached", "ok  \tp\t(cached)\n", false, page},
		{"OtherFiguresWanted", "ok  \tp\t12.345s\n", true, strings.Replace(page, "0.001s", "12.345s", 1)},
		{"OtherText", "ok  \tq\t0.001s\n", false, strings.Replace(page, "\tp\t", "\tq\t", 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBook(t, map[string]string{"docs/1_polling.md": page}, pretend{"go test .": {stdout: c.stdout}})
			b.fresh = c.fresh
			woven, problems := weave1(b)
			require.NoError(t, errors.Join(problems...))
			assert.Equal(t, c.want, woven)
		})
	}
}

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
		{"--- PASS: TestA (0.00s)", "--- PASS: TestA (10.02s)", true},
		{"BenchmarkX/stage1-2   50  24 ns/op", "BenchmarkX/stage2-2   50  24 ns/op", false},
		{"BenchmarkX/timers=1-2   50", "BenchmarkX/timers=100-2   50", false},
		{"--- PASS: TestA (0.00s)", "--- FAIL: TestA (0.00s)", false},
		{"Both loops slept", "Both loops spun", false},
		{"p50", "p99", false},
		{"one\ntwo", "one", false},
	} {
		assert.Equal(t, c.same, mask(c.a) == mask(c.b), "%q and %q are masked as %q and %q", c.a, c.b, mask(c.a), mask(c.b))
	}
}

// A command that stands in for another one is run, and what has none is not;
// both are told.
func TestInstead(t *testing.T) {
	const page = "<!-- run go run ./bench/live -->\n<!-- end -->\n`go -C docs/weave test -count=1 .`\n<!-- commands --><!-- end -->\n"
	b := newBook(t, map[string]string{"docs/1_polling.md": page}, pretend{"go vet ./bench/live": {}})
	woven, problems := weave1(b)
	require.NoError(t, errors.Join(problems...))
	assert.Contains(t, woven, "```console\n$ go run ./bench/live\n```")
	assert.Contains(t, woven, "| `go run ./bench/live` | `go vet ./bench/live` |")
	assert.Contains(t, woven, "| `go -C docs/weave test -count=1 .` | not tried |")

	b = newBook(t, map[string]string{"docs/1_polling.md": page}, pretend{"go vet ./bench/live": {exit: 1}})
	_, problems = weave1(b)
	assert.ErrorContains(t, errors.Join(problems...), `shows "go run ./bench/live", which fails`)
}

// A broken snippet really is put in the place of the right code, and has to
// fail the test that is named, and no other way.
func TestBrokenIsSeenToFail(t *testing.T) {
	files := map[string]string{
		"go.mod":      "module p\n\ngo 1.26\n",
		"p/p.go":      "package p\n\nimport \"strings\"\n\n// F is F.\nfunc F() string { return strings.ToUpper(\"right\") }\n\nfunc G() int { return 1 }\n",
		"p/p_test.go": "package p\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) {\n\tt.Run(\"Sub\", func(t *testing.T) {\n\t\tif F() != \"RIGHT\" {\n\t\t\tt.Error(F())\n\t\t}\n\t})\n}\n",
	}
	for _, c := range []struct{ name, snippet, fails, want string }{
		{"Fails", `func F() string { return "wrong" }`, "TestF/Sub", ""},
		{"NewImport", `func F() string { return fmt.Sprint("wrong") }`, "TestF/Sub", ""},
		{"Passes", `func F() string { return "RIGHT" }`, "TestF/Sub", "but that passes"},
		{"DoesNotCompile", `func F() string { return 1 }`, "TestF/Sub", "what fails is something else"},
		{"NoSuchTest", `func F() string { return "wrong" }`, "TestG", "but that passes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBook(t, files, nil)
			b.runner = goTool{b.root}
			body, err := b.wrong(region{page: "docs/1_polling.md", kind: "broken", args: `p/p.go fails="` + c.fails + `"`, body: "\n```go\n" + c.snippet + "\n```\n"})
			if c.want != "" {
				assert.ErrorContains(t, err, c.want)
				return
			}
			require.NoError(t, err)
			assert.Contains(t, body, "put there, it fails `"+c.fails+"`")
		})
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

func TestHTMLPages(t *testing.T) {
	b := newBook(t, map[string]string{"docs/x.md": "# X\n"}, pretend{})
	for _, c := range []struct{ html, want string }{
		{`<p id="a"><a href="#a">a</a> <a href="https://go.dev/">go</a> <img src="../x.md">`, ""},
		{`<a href="#b">b</a>`, "leads nowhere"},
		{`<a href="nowhere.html">b</a>`, "leads nowhere"},
		{`<p id="a"><p id="a">`, `two of id "a"`},
		{`<script src="https://cdn.example.com/x.js"></script>`, "from the network"},
		{`<link rel="stylesheet" href="https://fonts.example.com/x.css">`, "from the network"},
	} {
		err := errors.Join(b.checkHTML("docs/pages/p.html", made{"docs/pages/p.html": c.html})...)
		if c.want == "" {
			assert.NoError(t, err, c.html)
		} else {
			assert.ErrorContains(t, err, c.want, c.html)
		}
	}
}

// Every comment of a file is on its page, and every line of its code, in order.
func TestPassages(t *testing.T) {
	ps, err := passages("p.go", source)
	require.NoError(t, err)
	require.Len(t, ps, 4)
	assert.Contains(t, ps[0].Code, "time")
	assert.Equal(t, "Wait", ps[1].ID)
	assert.Contains(t, ps[1].Comment, "Wait waits.")
	assert.Contains(t, ps[1].Code, "a nap", "a comment that ends a line stays there")
	assert.Equal(t, "T", ps[2].ID)
	assert.Equal(t, "T.Get", ps[3].ID, "it has no comment, but a passage of its own")
}

// What has changed is told declaration by declaration: changed, gone, new, and
// all of it in the order of the files.
func TestChanges(t *testing.T) {
	const old = "package p\n\nfunc A() { a() }\n\n// B is B.\nfunc B() {}\n\nfunc C() {}\n\nfunc E() {}\n"
	const new = "package q\n\nfunc A() { b() }\n\nfunc C() {}\n\nfunc D() {}\n\n// E is E.\nfunc E() {}\n"
	cs, same, err := changes(old, new)
	require.NoError(t, err)
	assert.Equal(t, []string{"C"}, same)
	assert.Equal(t, []change{
		{"package", "", []changed{{"-", "package p"}, {"+", "package q"}}},
		{"A", "", []changed{{"-", "func A() { a() }"}, {"+", "func A() { b() }"}}},
		{"B", "is gone", []changed{{"-", "// B is B."}, {"-", "func B() {}"}}},
		{"D", "is new", []changed{{"+", "func D() {}"}}},
		{"E", "", []changed{{"+", "// E is E."}, {" ", "func E() {}"}}},
	}, cs)
}

// A drifted file is found, and written anew.
func TestDrifted(t *testing.T) {
	b := newBook(t, map[string]string{"docs/1_polling.md": "old\r\n", "docs/b.md": "same\r\n"}, pretend{})
	out := made{"docs/1_polling.md": "new\n", "docs/b.md": "same\n", "docs/c.md": "c\n"}
	require.Equal(t, []string{"docs/1_polling.md", "docs/c.md"}, out.drifted(b), "the line endings of a checkout do not count")
	for _, p := range out.drifted(b) {
		require.NoError(t, b.write(p, out[p]))
	}
	assert.Empty(t, out.drifted(b))
}

// Weaving takes a while. What somebody has written meanwhile is not lost.
func TestEditedMeanwhile(t *testing.T) {
	b := newBook(t, map[string]string{"docs/1_polling.md": "old\n"}, pretend{})
	_, err := b.read("docs/1_polling.md")
	require.NoError(t, err)
	name := filepath.Join(b.root, "docs", "1_polling.md")
	require.NoError(t, os.WriteFile(name, []byte("edited\n"), 0o644))
	require.ErrorContains(t, b.write("docs/1_polling.md", "woven\n"), "has changed meanwhile")
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, "edited\n", string(text))
}

func TestBadCommandLine(t *testing.T) {
	var stderr bytes.Buffer
	assert.Equal(t, 2, run([]string{"-nonsense"}, t.TempDir(), &stderr, &stderr))
	assert.Equal(t, 2, run([]string{"chapter"}, t.TempDir(), &stderr, &stderr))
	assert.Contains(t, stderr.String(), `unexpected argument "chapter"`)
	assert.Equal(t, 1, run(nil, t.TempDir(), &stderr, &stderr), "there are no chapters")
}
