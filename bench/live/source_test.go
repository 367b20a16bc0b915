package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A source may be in any module that requires ours: here somebody's own.
func TestOwnSource(t *testing.T) {
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
	code := w.excerpt()
	assert.Equal(t, excerpt{filepath.Base(dir) + "/loop.go", []int{9, 11, 13, 14, 15}, []string{"func (L) run() {", "\tfor {", "\t\tprint() // a third", "\t}", "}"}}, code)
	assert.Equal(t, []int{2, 1}, code.lit([][]int{{99, 13, 11}, {11}, {7}}), "for each goroutine the innermost line that is shown")

	print := w.print()
	write("loop_test.go", "package mine_test // longer")
	assert.Equal(t, print, w.print(), "a test is no part of it")
	write("more.go", "package mine\n\nvar x int = true\n")
	assert.NotEqual(t, print, w.print())
	if testing.Short() {
		return // no compiler
	}
	_, err = w.build(t.Context())
	assert.EqualError(t, err, "more.go:3:13: cannot use true (untyped bool constant) as int value in variable declaration")
}

// What the page shows of each stage is there, and stage 3's wake-up can be taken out.
func TestStagesAreShown(t *testing.T) {
	root, err := findModule(t.Context())
	require.NoError(t, err)
	for _, v := range views(root, t.TempDir(), "", 2) {
		w := v.maker.(*workshop)
		code := w.excerpt()
		assert.Equal(t, filepath.Base(w.dir)+"/timers.go", code.file)
		_, method, _ := strings.Cut(w.show, ".")
		assert.Contains(t, code.text[0], "func (l *timerLoop) "+method+"(", v.Name)
		assert.Equal(t, v.Name == "unwoken", strings.Contains(strings.Join(code.text, "\n"), "the wake-up is gone"))
		if w.edit == nil || testing.Short() {
			continue
		}
		made, err := w.build(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "unwoken", strings.TrimSuffix(filepath.Base(made.exe), ".exe"), "the name that top shows")
		assert.NoError(t, exec.Command(made.exe, code.file).Run(), "its input ends at once, and so does it")
	}
	_, err = unwoken("no Go")
	assert.ErrorContains(t, err, "no wake-up to take out")
}
