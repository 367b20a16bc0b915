package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dop251/goja"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop"
	"example.com/eventloop/internal/loops"
	event "example.com/eventloop/stage3_event"
)

// A script is a file NAME.js of the folder scripts.
type script struct {
	name, source string
	out          string // from NAME.txt: what it prints
	err          string // from NAME.err, if an error ends it: a part of the message
}

func scripts(t *testing.T) (all []script) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("scripts", "*.js"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		base := strings.TrimSuffix(path, ".js")
		s := script{name: filepath.Base(base), source: content(t, path), out: content(t, base+".txt")}
		if _, err := os.Stat(base + ".err"); err == nil {
			s.err = strings.TrimSpace(content(t, base+".err"))
		}
		all = append(all, s)
	}
	return all
}

// content is the text of a file, with \n at the end of each line: a checkout on
// Windows may have \r\n.
func content(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	return strings.ReplaceAll(string(raw), "\r\n", "\n")
}

// A busy machine may stop a script between any two lines, for longer than the
// delays in it. This loop is like that: it stops before each timer is set. It is
// for bubbles.
type busy struct{ *event.Loop }

func (l busy) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	time.Sleep(777 * time.Millisecond)
	return l.Loop.SetTimeout(delay, callback)
}

var busyStage = loops.Stage{Dir: "a busy machine", New: func() eventloop.Loop { return busy{event.New()} }}

// stages are the loops to try in real time: all, or in short tests stage 3.
func stages() []loops.Stage {
	if testing.Short() {
		return loops.Stages[2:]
	}
	return loops.Stages
}

// Each script prints the same as in Node.js, byte for byte, on every loop and on
// a busy machine, and its exit code is the same. Where Node.js is installed, it
// is run too. Elsewhere the files have what it printed when they were made.
func TestOrder(t *testing.T) {
	node, _ := exec.LookPath("node")
	if node == "" {
		t.Log("there is no Node.js here to compare with")
	}
	for _, s := range scripts(t) {
		t.Run(s.name, func(t *testing.T) {
			compiled, err := goja.Compile(s.name+".js", s.source, false)
			require.NoError(t, err)
			on := func(t *testing.T, stage loops.Stage) {
				var out, errors bytes.Buffer
				o := play(t.Context(), stage, compiled, &out, &errors)
				assert.Empty(t, errors.String(), "on %s", stage.Dir)
				code, end := o.ending()
				s.check(t, stage.Dir, out.String(), end, code)
			}
			for _, stage := range stages() {
				on(t, stage)
			}
			synctest.Test(t, func(t *testing.T) { on(t, busyStage) })
			if node != "" {
				var out, errors bytes.Buffer
				cmd := exec.Command(node, filepath.Join("scripts", s.name+".js"))
				cmd.Stdout, cmd.Stderr = &out, &errors
				_ = cmd.Run()
				s.check(t, "Node.js", out.String(), errors.String(), cmd.ProcessState.ExitCode())
			}
		})
	}
}

// check checks what the script printed and how it ended.
func (s script) check(t *testing.T, on, out, err string, code int) {
	t.Helper()
	want := done
	if s.err != "" {
		want = uncaught
	}
	assert.Equal(t, s.out, out, "on %s", on)
	assert.Equal(t, want, code, "the exit code on %s: %s", on, err)
	assert.Contains(t, err, s.err, "on %s", on)
}
