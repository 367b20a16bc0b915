package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop/docs/javascript/bridge"
)

// The standard is HTML, and its public tests are the web-platform-tests. The
// files in testdata/standard are this project's own: they test the same rules
// and are written for the same functions. A checkout of the others is run too
// with
//
//	go -C docs/javascript test -run=TestStandard . -wpt=/path/to/wpt
var wpt = flag.String("wpt", "", "a checkout of web-platform-tests, whose timer and microtask files are to be run too")

var wptFolders = []string{"html/webappapis/timers", "html/webappapis/microtask-queuing"}

// An expectation is a test that is expected to fail. If it passes, that is an
// error too: then its line here has to go.
type expectation struct {
	file, test, why string // test "" is every one of the file
}

const (
	noPage  = "it needs a second page in a frame; here there is only one global object"
	noRealm = "goja has no ShadowRealm, which is not in ECMAScript yet"
)

var expectations = []expectation{
	{"compile-errors.html", "setTimeout compilation errors in navigated-away-from documents should not fire any error events", noPage},
	{"settimeout-cross-realm-callback-report-exception.html", "", noPage},
	{"setinterval-cross-realm-callback-report-exception.html", "", noPage},
	{"settimeout-setinterval-non-fully-active.html", "", noPage},
	{"queue-microtask-shadowrealm-callback-report-exception.window.js", "", noRealm},
}

// notRun are the files whose outcome depends on the machine.
var notRun = map[string]string{
	"timer-nesting-not-inherited-in-microtask.html": "it fails if a callback is late by 3 ms, which on a busy machine it may be on any loop",
}

// expected returns why a test is expected to fail, or "".
func expected(file, test string) string {
	for _, e := range expectations {
		if e.file == file && (e.test == "" || e.test == test) {
			return e.why
		}
	}
	return ""
}

// A verdict is what came of one test.
type verdict struct {
	file, test, problem string // problem is "" if it passed
}

// Each test of each file comes out on each loop as it should.
func TestStandard(t *testing.T) {
	for _, path := range standardFiles(t) {
		file := filepath.Base(path)
		t.Run(file, func(t *testing.T) {
			var all [][]verdict // by loop
			for _, l := range loops {
				verdicts := runFile(t, l, path)
				for _, v := range verdicts {
					if why := expected(file, v.test); why == "" {
						assert.Empty(t, v.problem, "%s, on %s", v.test, l.name)
					} else {
						assert.NotEmpty(t, v.problem, "%s, on %s: it passes, but it was expected to fail, since %s", v.test, l.name, why)
					}
				}
				all = append(all, verdicts)
			}
			page.standard(t, path, all)
		})
	}
}

// standardFiles returns the paths of what there is to run.
func standardFiles(t *testing.T) (paths []string) {
	t.Helper()
	folders := []string{filepath.Join("testdata", "standard")}
	if *wpt != "" {
		for _, folder := range wptFolders {
			folders = append(folders, filepath.Join(*wpt, filepath.FromSlash(folder)))
		}
	}
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		require.NoError(t, err)
		for _, e := range entries {
			name := e.Name()
			isTest := strings.HasSuffix(name, ".any.js") || strings.HasSuffix(name, ".window.js") || strings.HasSuffix(name, ".html") && !strings.Contains(name, "-support-")
			if isTest && notRun[name] == "" {
				paths = append(paths, filepath.Join(folder, name))
			}
		}
	}
	return paths
}

var inline = regexp.MustCompile(`(?s)<script>(.*?)</script>`)

// runFile runs one file on a loop and returns the verdict on each of its tests.
func runFile(t *testing.T, l loop, path string) (verdicts []verdict) {
	t.Helper()
	source := text(t, path)
	if filepath.Ext(path) == ".html" {
		var scripts []string
		for _, m := range inline.FindAllStringSubmatch(source, -1) {
			scripts = append(scripts, m[1])
		}
		source = strings.Join(scripts, "\n;\n")
	}
	file := filepath.Base(path)
	script, err := goja.Compile(file, source, false)
	require.NoError(t, err)

	// A test that never ends must not keep the others from their turn.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ctx, finish := context.WithCancelCause(ctx)
	errFinished := errors.New("every test has its verdict")

	e := bridge.New(l.new(), io.Discard, io.Discard)
	harness, err := e.VM.RunScript("harness.js", text(t, filepath.Join("testdata", "harness.js")))
	require.NoError(t, err)
	begin, ok := goja.AssertFunction(harness)
	require.True(t, ok)
	var open []string // the tests without a verdict
	result, err := begin(nil, e.VM.ToValue(map[string]any{
		"opened": func(test string) { open = append(open, test) },
		"verdict": func(test, problem string) {
			open = slices.DeleteFunc(open, func(name string) bool { return name == test })
			verdicts = append(verdicts, verdict{file, test, problem})
		},
		"finish": func() { finish(errFinished) },
	}))
	require.NoError(t, err)
	uncaught, ok := goja.AssertFunction(result)
	require.True(t, ok)
	var last goja.Value // that was caught by nobody
	e.Uncaught = func(reason goja.Value) bool {
		last = reason
		_, err := uncaught(nil, reason)
		return err == nil
	}

	if err := e.Run(ctx, script); !errors.Is(err, errFinished) {
		assert.NoError(t, err, file)
	}
	for _, test := range open {
		verdicts = append(verdicts, verdict{file, test, "it did not end"})
	}
	if len(verdicts) == 0 {
		verdicts = append(verdicts, verdict{file, "(the file)", fmt.Sprintf("it came to no test: %v", last)})
	}
	return verdicts
}
