package main

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Somebody's module, with a loop, its contract and its benchmark. MODULE stands
// for ours.
var theirs = map[string]string{
	"loop.go": `package mine

import "MODULE/stage3_event"

type Loop struct{ *event.Loop }

func New() Loop { return Loop{event.New()} }
`,
	"loop_test.go": `package mine

import (
	"testing"

	"MODULE"
	"MODULE/bench"
	"MODULE/looptest"
)

func newLoop() eventloop.Loop { return New() }

func TestContract(t *testing.T) { looptest.RunVirtual(t, newLoop) }

func BenchmarkLoop(b *testing.B) {
	b.Run("impl=mine", func(b *testing.B) { bench.Run(b, newLoop) })
}
`,
}

const version = "v0.1.0"

// The tests and the table work on a loop in another module: beside a copy of
// this one, and with a published version, which lies where nobody writes.
func TestFromAnotherModule(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	cache, err := tool{}.output(root, "env", "GOMODCACHE")
	require.NoError(t, err)
	downloaded := fileURL(filepath.Join(cache, "cache", "download"))

	t.Run("Replace", func(t *testing.T) {
		try(t, fmt.Sprintf("replace %s => %q\n", module, filepath.ToSlash(root)), "GOPROXY="+downloaded)
	})
	t.Run("Published", func(t *testing.T) {
		proxy, published := t.TempDir(), t.TempDir()
		publish(t, root, proxy)
		try(t, "", "GOPROXY="+fileURL(proxy)+","+downloaded, "GOMODCACHE="+published, "GOFLAGS=-modcacherw")
		assert.NoDirExists(t, filepath.Join(published, filepath.FromSlash(module)+"@"+version, outDir))
	})
}

// try is what somebody does who has a loop and uses ours to test and measure it.
func try(t *testing.T, replace string, env ...string) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	write("go.mod", "module example.org/mine\n\ngo 1.26\n\nrequire "+module+" "+version+"\n\n"+replace)
	for name, text := range theirs {
		write(name, strings.ReplaceAll(text, "MODULE", module))
	}
	run := func(args ...string) string {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), append([]string{"GOWORK=off", "GOFLAGS=-count=1", "GOSUMDB=off"}, env...)...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "go %v\n%s", args, out)
		return string(out)
	}
	run("mod", "tidy")
	assert.Contains(t, run("test", "."), "ok  \texample.org/mine\t")
	said := run("run", module+"/bench/table", "-count=1", "-benchtime=1x", "-bench=Idle", ".")
	assert.Regexp(t, `(?m)^ +none  stage1_polling .*  mine$`, said)
	kept, err := filepath.Glob(filepath.Join(dir, outDir, "table-*.txt"))
	require.NoError(t, err)
	assert.Len(t, kept, 1)
}

// publish puts the module at root where a module proxy would: without the
// modules below it.
func publish(t *testing.T, root, proxy string) {
	at := filepath.Join(proxy, filepath.FromSlash(module), "@v")
	require.NoError(t, os.MkdirAll(at, 0o755))
	info, err := json.Marshal(map[string]string{"Version": version})
	require.NoError(t, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	for name, text := range map[string][]byte{"list": []byte(version + "\n"), version + ".info": info, version + ".mod": mod} {
		require.NoError(t, os.WriteFile(filepath.Join(at, name), text, 0o644))
	}
	file, err := os.Create(filepath.Join(at, version+".zip"))
	require.NoError(t, err)
	out := zip.NewWriter(file)
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		if d.IsDir() {
			_, err := os.Stat(filepath.Join(name, "go.mod"))
			if rel != "." && (err == nil || strings.HasPrefix(d.Name(), ".") || d.Name() == outDir) {
				return filepath.SkipDir
			}
			return nil
		}
		if ext := path.Ext(rel); ext != ".go" && ext != ".mod" && ext != ".sum" && ext != ".txt" {
			return nil // what the go command does not read
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		w, err := out.Create(module + "@" + version + "/" + filepath.ToSlash(rel))
		if err != nil {
			return err
		}
		_, err = w.Write(text)
		return err
	})
	require.NoError(t, err)
	require.NoError(t, out.Close())
	require.NoError(t, file.Close())
}

// fileURL returns the address of a folder: file:///C:/… on Windows.
func fileURL(dir string) string {
	return "file:///" + strings.TrimPrefix(filepath.ToSlash(dir), "/")
}
