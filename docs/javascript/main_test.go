package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asProgram makes the test binary be the program.
const asProgram = "JAVASCRIPT_TEST_AS_PROGRAM"

func init() {
	if os.Getenv(asProgram) != "" {
		main()
	}
}

// program is the program in a process of its own.
func program(t *testing.T, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd = exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

func file(t *testing.T, source string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script.js")
	require.NoError(t, os.WriteFile(path, []byte(source), 0o644))
	return path
}

// The exit code is Node.js's, and what the script printed comes alone on the
// standard output.
func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		name, source, out, err string
		code                   int
	}{
		{"Ends", "setTimeout(() => console.log('end'), 1)", "end\n", "top shows", done},
		{"Throws", "console.log('begin'); throw new Error('no')", "begin\n", "Uncaught Error: no\n    at ", uncaught},
		{"Rejects", "Promise.reject(new Error('no'))", "", "Uncaught (in promise) Error: no\n    at ", uncaught},
		{"Syntax", "console.log('begin')\nlet let = 1", "", "SyntaxError: ", badUsage},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, l := range loops {
				cmd, stdout, stderr := program(t, "-stage", l.stage, file(t, c.source))
				_ = cmd.Run()
				assert.Equal(t, c.code, cmd.ProcessState.ExitCode(), "on %s: %s", l.name, stderr)
				assert.Equal(t, c.out, stdout.String(), "on %s", l.name)
				assert.Contains(t, stderr.String(), c.err, "on %s", l.name)
			}
		})
	}
}

func TestStandardInput(t *testing.T) {
	cmd, stdout, stderr := program(t, "-stage=3", "-")
	cmd.Stdin = strings.NewReader("console.log('from standard input')\nnull.x")
	_ = cmd.Run()
	assert.Equal(t, uncaught, cmd.ProcessState.ExitCode())
	assert.Equal(t, "from standard input\n", stdout.String())
	assert.Contains(t, stderr.String(), "at standard input:2:", "the error has its place")
}

func TestBuiltIn(t *testing.T) {
	cmd, stdout, stderr := program(t, "-stage=3")
	require.NoError(t, cmd.Run(), stderr.String())
	assert.Equal(t, text(t, filepath.Join("scripts", "question.txt")), stdout.String())
}

func TestBadUsage(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.js")
	here, err := os.Getwd()
	require.NoError(t, err)
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "no stage chosen: add -stage " + stages() + "\n" + usage()},
		{[]string{"script.js"}, "no stage chosen: add -stage " + stages() + "\n" + usage()},
		{[]string{"-stage=0"}, `invalid value "0" for flag -stage: there is only ` + stages() + "\n" + usage()},
		{[]string{"-stage"}, "flag needs an argument: -stage\n" + usage()},
		{[]string{"-stage=3", "-fast"}, "flag provided but not defined: -fast\n" + usage()},
		{[]string{"-stage=3", "a.js", "b.js"}, "unexpected argument \"b.js\": there is one script, and flags come before it\n" + usage()},
		{[]string{"-stage=3", "missing.js"}, "there is no missing.js in " + here + "\n"},
		{[]string{"-stage=3", missing}, missing},
		{[]string{"-stage=3", "."}, "."},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			var stderr bytes.Buffer
			request, code := read(c.args, strings.NewReader(""), &stderr)
			assert.Nil(t, request)
			assert.Equal(t, badUsage, code)
			assert.Contains(t, stderr.String(), c.want)
		})
	}
}

func TestHelp(t *testing.T) {
	var stderr bytes.Buffer
	request, code := read([]string{"-h"}, nil, &stderr)
	assert.Nil(t, request)
	assert.Equal(t, done, code)
	assert.Equal(t, usage(), stderr.String())
}

// With -stage all, what is the same is shown once.
func TestAll(t *testing.T) {
	for _, c := range []struct {
		name, source, want string
		code               int
	}{
		{"Ends", "console.log('one')\nsetTimeout(console.log, 0, 'two')", "On each of the loops the script prints\n\n  one\n  two\n\nand costs\n\n", done},
		{"Throws", "console.log('one')\nthrow 2", "On each of the loops the script prints\n\n  one\n  Uncaught 2\n\nand costs\n\n", uncaught},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			request, _ := read([]string{"-stage=all", file(t, c.source)}, nil, &stderr)
			require.NotNil(t, request, stderr.String())
			assert.Equal(t, c.code, request.run(t.Context(), &stdout, &stderr))
			assert.True(t, strings.HasPrefix(stdout.String(), c.want), stdout.String())
			for _, l := range loops {
				assert.Regexp(t, `(?m)^  `+l.name+` +\d+\.\d{3} s +(\d+\.\d{3} s +\d+\.\d %CPU|not known +not known) +[\d,]+$`, stdout.String())
			}
		})
	}
}

// What is not the same is shown for each loop.
func TestAllTheDifference(t *testing.T) {
	var stdout, stderr bytes.Buffer
	request, _ := read([]string{"-stage=all", file(t, "console.log(Math.random())")}, nil, &stderr)
	require.NotNil(t, request, stderr.String())
	assert.Equal(t, done, request.run(t.Context(), &stdout, &stderr))
	assert.NotContains(t, stdout.String(), "On each of the loops")
	for _, l := range loops {
		assert.Contains(t, stdout.String(), "On "+l.name+" the script prints\n\n  0.")
	}
}
