package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A source may be in any module that requires ours: here somebody's own.
func TestSourceIsBuilt(t *testing.T) {
	root, err := findModule(t.Context())
	require.NoError(t, err)
	dir := t.TempDir()
	write := func(name, text string) {
		text = strings.ReplaceAll(text, "MODULE", module)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	write("go.mod", "module mine\n\ngo 1.26\n\nrequire MODULE v0.0.0\n\nreplace MODULE => "+filepath.ToSlash(root)+"\n")
	write("loop.go", "package mine\r\n\r\nimport event \"MODULE/stage3_event\"\r\n\r\nfunc New() *event.Loop { return event.New() }\r\n\r\n"+
		"type L struct{}\r\n\r\nfunc (L) run() {\r\n\t// a remark\r\n\tfor {\r\n\t\t// another\r\n\t\tprint() // a third\r\n\t}\r\n}\r\n")
	write("loop_test.go", "package mine_test")
	w := &workshop{name: "mine", dir: dir, out: t.TempDir()}
	print := w.print()
	made, err := w.build(t.Context())
	require.NoError(t, err)
	assert.Equal(t, excerpt{filepath.Base(dir) + "/loop.go", []int{9, 11, 13, 14, 15}, []string{"func (L) run() {", "\tfor {", "\t\tprint() // a third", "\t}", "}"}}, made.code)
	assert.Equal(t, []int{2, 1}, made.code.lit([][]int{{99, 13, 11}, {11}, {7}}), "for each goroutine the innermost line that is shown")
	cmd := made.start(t.Context(), made.code.file) // its input ends at once
	assert.NoError(t, cmd.Run())
	assert.Equal(t, "mine", strings.TrimSuffix(filepath.Base(cmd.Path), ".exe"), "the name that top shows")

	write("loop_test.go", "package mine_test // longer")
	assert.Equal(t, print, w.print(), "a test is no part of it")
	write("more.go", "package mine\n\nvar x int = true\n")
	assert.NotEqual(t, print, w.print())
	_, err = w.build(t.Context())
	assert.EqualError(t, err, "more.go:3:13: cannot use true (untyped bool constant) as int value in variable declaration")
}

// What the page shows of each stage is there, and stage 3's wake-up can be taken out.
func TestStagesAreShown(t *testing.T) {
	root, err := findModule(t.Context())
	require.NoError(t, err)
	for _, v := range views(root, t.TempDir(), "", 2) {
		w := v.workshop
		edited, err := w.edited()
		require.NoError(t, err, v.Name)
		code := w.excerpt(edited)
		assert.Equal(t, filepath.Base(w.dir)+"/timers.go", code.file)
		all := strings.Join(code.text, "\n")
		for _, shown := range w.show {
			_, name, _ := strings.Cut(shown, ".")
			assert.Contains(t, all, "func (l *timerLoop) "+name+"(", v.Name)
		}
		assert.Equal(t, v.Name == "unwoken", edited != nil)
		if edited == nil {
			continue
		}
		made, err := w.build(t.Context())
		require.NoError(t, err)
		assert.NoError(t, made.start(t.Context(), made.code.file).Run())
		assert.Equal(t, 1, strings.Count(edited["timers.go"], "if l.until == never {"))
	}
	_, err = unwoken("package p\n\ntype timerLoop struct{}\n\nfunc (l *timerLoop) add() {}\n")
	assert.ErrorContains(t, err, "no wake-up to take out")
	_, err = unwoken("no Go")
	assert.Error(t, err)
}
