package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A script is a file of the folder scripts, and what must come of it.
type script struct {
	name, source string
	want         string // what it prints
	fails        string // if an error ends it: what is said of that, among other things
}

// scripts reads NAME.js, what it prints from NAME.txt, and from NAME.err the
// error that ends it, if there is one.
func scripts(t *testing.T) (all []script) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("scripts", "*.js"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		base := strings.TrimSuffix(path, ".js")
		s := script{name: filepath.Base(base), source: text(t, path), want: text(t, base+".txt")}
		if fails, err := os.ReadFile(base + ".err"); err == nil {
			s.fails = strings.TrimSpace(string(fails))
		} else {
			require.ErrorIs(t, err, fs.ErrNotExist)
		}
		all = append(all, s)
	}
	return all
}

// text is a file's, with \n at the end of its lines whatever the checkout made
// of them.
func text(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	return strings.ReplaceAll(string(raw), "\r\n", "\n")
}

// The order is the same on every loop, and it is that of Node.js, byte for byte,
// and so is the exit code. (Without a Node.js to ask, the files say what it
// printed when they were made.)
func TestOrder(t *testing.T) {
	node, _ := exec.LookPath("node")
	if node == "" {
		t.Log("there is no Node.js here to compare with")
	}
	for _, s := range scripts(t) {
		t.Run(s.name, func(t *testing.T) {
			compiled, err := goja.Compile(s.name+".js", s.source, false)
			require.NoError(t, err)
			for _, l := range loops {
				var out, errors bytes.Buffer
				o := play(t.Context(), l, compiled, &out, &errors)
				assert.Empty(t, errors.String(), "on %s", l.name)
				s.check(t, l.name, out.String(), o.end(), o.code())
			}
			if node != "" {
				out, errors, code := runNode(t, node, filepath.Join("scripts", s.name+".js"))
				s.check(t, "Node.js", out, errors, code)
			}
			page.order(t, s, node)
		})
	}
}

// check checks what the script printed, and how it ended, on a loop or in Node.js.
func (s script) check(t *testing.T, on, out, errors string, code int) {
	t.Helper()
	assert.Equal(t, s.want, out, "on %s", on)
	assert.Equal(t, s.code(), code, "the exit code on %s: %s", on, errors)
	assert.Contains(t, errors, s.fails, "on %s", on)
}

func (s script) code() int {
	if s.fails != "" {
		return uncaught
	}
	return done
}

func runNode(t *testing.T, node string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(node, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil {
		require.ErrorAs(t, err, &exit)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}
