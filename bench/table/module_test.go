package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop"
	"example.com/eventloop/internal/benchrun"
)

// Somebody's tests of a loop. MODULE stands for ours.
const theirs = `package mine

import (
	"testing"

	"MODULE"
	"MODULE/bench"
	"MODULE/looptest"
	"MODULE/stage3_event"
)

func newLoop() eventloop.Loop { return event.New() }

func TestContract(t *testing.T) { looptest.RunVirtual(t, newLoop) }

func BenchmarkLoop(b *testing.B) {
	b.Run("impl=mine", func(b *testing.B) { bench.Run(b, newLoop) })
}
`

// The tests and the table work on a loop in another module.
func TestFromAnotherModule(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds another module")
	}
	root, err := benchrun.ModuleRoot(t.Context())
	require.NoError(t, err)
	cache, err := benchrun.Go(t.Context(), root, "env", "GOMODCACHE")
	require.NoError(t, err)
	dir, module := t.TempDir(), reflect.TypeFor[eventloop.Loop]().PkgPath()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(text, "MODULE", module)), 0o644))
	}
	write("go.mod", fmt.Sprintf("module example.org/mine\n\ngo 1.26\n\nrequire MODULE v0.1.0\n\nreplace MODULE => %q\n", filepath.ToSlash(root)))
	write("loop_test.go", theirs)
	run := func(args ...string) string {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		downloaded := strings.TrimPrefix(filepath.ToSlash(cache), "/") + "/cache/download" // C:/… on Windows
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-count=1", "GOSUMDB=off", "GOPROXY=file:///"+downloaded)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "go %v\n%s", args, out)
		return string(out)
	}
	run("mod", "tidy")
	assert.Contains(t, run("test", "."), "ok  \texample.org/mine\t")
	assert.Regexp(t, `(?m)^ +none  stage1_polling .*  mine$`, run("run", module+"/bench/table", "-count=1", "-benchtime=1x", "-bench=Idle", "."))
	assert.DirExists(t, filepath.Join(dir, outDir), "and not in our folders")
}
