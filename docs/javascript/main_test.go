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
	"go.uber.org/goleak"

	"example.com/eventloop/internal/loops"
)

// asProgram makes the test binary be the program.
const asProgram = "JAVASCRIPT_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	goleak.VerifyTestMain(m)
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

// The exit code is that of Node.js, and the standard output has what the script
// printed and nothing else.
func TestProgram(t *testing.T) {
	for _, c := range []struct {
		name, source string // the source comes from standard input
		args         []string
		out, err     string
		code         int
	}{
		{"Ends", "setTimeout(() => console.log('end'), 1)", []string{"-stage=1", "-"}, "end\n", "top shows", done},
		{"Throws", "console.log('begin')\nnull.x", []string{"-stage=2", "-"}, "begin\n", "at standard input:2:", uncaught},
		{"Rejects", "Promise.reject(new Error('no'))", []string{"-stage=3", "-"}, "", "Uncaught (in promise) Error: no\n    at ", uncaught},
		{"NoForAwait", "console.log('begin')\nasync () => { for await (const x of []); }", []string{"-stage=3", "-"}, "", "SyntaxError: ", badUsage},
		{"BuiltIn", "", []string{"-stage=3"}, content(t, filepath.Join("scripts", "question.txt")), "top shows", done},
		{"NoSuchStage", "", []string{"-stage=0"}, "", `invalid value "0" for flag -stage: the stages are 1 to 3, and all`, badUsage},
		{"NoSuchFlag", "", []string{"-fast"}, "", "flag provided but not defined: -fast\n", badUsage},
		{"TwoScripts", "", []string{"a.js", "b.js"}, "", `unexpected argument "b.js": there is one script, and flags come before it`, badUsage},
		{"NoSuchScript", "", []string{"missing.js"}, "", "(paths count from ", badUsage},
		{"Help", "", []string{"-h"}, "", "Usage of javascript:", done},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd, stdout, stderr := program(t, c.args...)
			cmd.Stdin = strings.NewReader(c.source)
			_ = cmd.Run()
			assert.Equal(t, c.code, cmd.ProcessState.ExitCode(), stderr)
			assert.Equal(t, c.out, stdout.String())
			assert.Contains(t, stderr.String(), c.err)
		})
	}
}

// With all stages, an output that is the same is shown once, and one that is not
// for each of them.
func TestAll(t *testing.T) {
	for _, c := range []struct {
		name, source, want string
		code               int
	}{
		{"Ends", "console.log('one')\nsetTimeout(console.log, 0, 'two')", "On each of the loops the script prints\n\n  one\n  two\n\nand costs\n\n", done},
		{"Throws", "console.log('one')\nthrow 2", "On each of the loops the script prints\n\n  one\n  Uncaught 2\n\nand costs\n\n", uncaught},
		{"Differs", "console.log(Math.random())", "On stage1_polling the script prints\n\n  0.", done},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			request, err := read([]string{"-"}, strings.NewReader(c.source))
			require.NoError(t, err)
			assert.Equal(t, c.code, request.run(t.Context(), &stdout, &stderr))
			assert.True(t, strings.HasPrefix(stdout.String(), c.want), stdout.String())
			for _, stage := range loops.Stages {
				assert.Regexp(t, `(?m)^  `+stage.Dir+` +\d+\.\d{3} s +(\d+\.\d{3} s +\d+\.\d %CPU|not known +not known) +[\d,]+$`, stdout.String())
				assert.Equal(t, c.name == "Differs", strings.Contains(stdout.String(), "On "+stage.Dir+" the script prints\n\n"))
			}
		})
	}
}
