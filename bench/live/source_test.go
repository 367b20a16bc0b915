package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// root is the folder of the module.
func root(t *testing.T) string {
	t.Helper()
	dir, err := findModule(t.Context())
	require.NoError(t, err)
	return dir
}

// A source may be in any module that requires ours: here somebody's own.
func TestSourceIsBuilt(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	const good = `package mine

import (
	"` + "MODULE" + `"
	event "MODULE/stage3_event"
)

// A Loop is that of stage 3.
type Loop struct{ *event.Loop }

func (l *Loop) run() {
	// a remark
	for {
		l.CallSoon(func() {})
	}
}

func New() eventloop.Loop { return &Loop{event.New()} }
`
	write("go.mod", "module mine\n\ngo 1.26\n\nrequire "+module+" v0.0.0\n\nreplace "+module+" => "+filepath.ToSlash(root(t))+"\n")
	write("loop.go", strings.ReplaceAll(good, "MODULE", module))
	write("loop_test.go", "package mine_test")
	w := &workshop{source: source{dir: dir}, dir: t.TempDir()}
	first := w.print()
	made, code, err := w.build(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "// Loop.run\nfor {\n\tl.CallSoon(func() {})\n}\n", code)
	out, err := made(t.Context(), "waits").Output()
	require.NoError(t, err)
	assert.Contains(t, string(out), "waits like stage 3")

	write("loop_test.go", "package mine_test // longer")
	assert.Equal(t, first, w.print(), "a test is no part of it")
	write("more.go", "package mine\n\nvar x int = true\n")
	assert.NotEqual(t, first, w.print())
	_, _, err = w.build(t.Context())
	assert.EqualError(t, err, "more.go:3:13: cannot use true (untyped bool constant) as int value in variable declaration")
	require.NoError(t, os.Remove(filepath.Join(dir, "more.go")))
	assert.Equal(t, first, w.print())

	write("loop.go", "package mine\n\nfunc New(size int) *int { return nil }\n")
	_, _, err = w.build(t.Context())
	assert.ErrorContains(t, err, "not enough arguments in call to loop.New")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = w.build(ctx)
	assert.ErrorIs(t, err, context.Canceled)
}

// What the page shows of each stage is there, and what it lights in it.
func TestExcerpts(t *testing.T) {
	for _, v := range stageViews() {
		v.source.dir = filepath.Join(root(t), filepath.FromSlash(v.Folder))
		code := v.excerpt()
		for _, part := range v.parts {
			assert.Contains(t, code, "// "+part[0]+"\n"+part[1], v.Folder)
		}
		for _, name := range map[int][]string{1: {"default:"}, 2: {"case pending := &lt;-l.pending.items:"}, 3: {"case &lt;-ring:", "case &lt;-l.wake:"}}[v.words] {
			assert.Contains(t, string(highlight(code)), `data-case="`+name+`"`, v.Folder)
		}
	}
	assert.Empty(t, source{dir: "nowhere"}.excerpt())
	assert.Empty(t, statement([]byte("no Go"), "", "for "))
	assert.Empty(t, statement([]byte("package p\nfunc (l *L) Run() { select {} }"), "", "for "))
	assert.Equal(t, "// l.Run\nfor {\n}\n", statement([]byte("package p\r\nfunc (x l) Run() {\r\n\tfor {\r\n\t\t// no\r\n\t}\r\n}"), "", "for "))
}

func TestHighlightKeepsTheSource(t *testing.T) {
	assert.Equal(t, "<b>for</b> { <i>// a &lt; b</i>\n\tx &lt;- &#34;for&#34;\n}",
		string(highlight("for { // a < b\n\tx <- \"for\"\n}")))
	assert.Equal(t, "<span data-case=\"case x := &lt;-c:\"><b>case</b> x := &lt;-c: <i>// y: z</i></span>\n"+
		"\t<span data-case=\"default:\"><b>default</b>:</span>\n\tcases := 1",
		string(highlight("case x := <-c: // y: z\n\tdefault:\n\tcases := 1")))
}
