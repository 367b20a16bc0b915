package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dop251/goja"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop"
	event "example.com/eventloop/stage3_event"
)

// A busy machine may stop a script between any two lines, for longer than the
// delays in it. A busy loop is like one: it stops before each timer is set.
type busy struct{ *event.Loop }

func (l busy) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	time.Sleep(777 * time.Millisecond) // in a bubble
	return l.Loop.SetTimeout(delay, callback)
}

var busyLoop = loop{"", "a busy machine", func() eventloop.Loop { return busy{event.New()} }}

// What the scripts print does not depend on it, or the tests of order would
// fail now and then.
func TestOrderOnABusyMachine(t *testing.T) {
	for _, s := range scripts(t) {
		t.Run(s.name, func(t *testing.T) {
			compiled, err := goja.Compile(s.name+".js", s.source, false)
			require.NoError(t, err)
			synctest.Test(t, func(t *testing.T) {
				var out, errors bytes.Buffer
				o := play(t.Context(), busyLoop, compiled, &out, &errors)
				s.check(t, busyLoop.name, out.String(), o.end(), o.code())
			})
		})
	}
}

// Nor do this project's tests of the standard.
func TestStandardOnABusyMachine(t *testing.T) {
	for _, path := range standardFiles(t) {
		if !strings.HasPrefix(path, "testdata") {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, v := range runFile(t, busyLoop, path) {
					assert.Empty(t, v.problem, v.test)
				}
			})
		})
	}
}
