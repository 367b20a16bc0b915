package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/shell"
)

// Commands whose exit code is 1 when all is well.
var differing = regexp.MustCompile(`^git diff --no-index `)

// A runner runs commands. The tests have one that only pretends.
type runner func(args []string) (stdout string, exit int, err error)

type result struct {
	stdout string
	err    error
}

// goTool runs commands at the root of the repository. Nobody's own environment counts,
// and a test whose result Go still has runs all the same.
func goTool(root string) runner {
	return func(args []string) (string, int, error) {
		var stdout, stderr bytes.Buffer
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = root
		cmd.Env = append(cmd.Environ(), "GOFLAGS=-count=1 -vet=off", "GOWORK=off", "NO_COLOR=1")
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			return stdout.String(), exit.ExitCode(), errors.New(strings.TrimSpace(stdout.String() + "\n" + stderr.String()))
		}
		return stdout.String(), 0, err
	}
}

// output runs a command, once in all.
func (b *book) output(command string) (string, error) {
	if done, ok := b.outputs[command]; ok {
		return done.stdout, done.err
	}
	args, err := shell.Fields(command, func(string) string { return "" })
	if err == nil && len(args) == 0 {
		err = errors.New("there is no command")
	}
	var stdout string
	if err == nil {
		b.progress("$ %s\n", command)
		var exit int
		stdout, exit, err = b.runner(args)
		switch {
		case exit == 1 && differing.MatchString(command):
			err = nil
		case exit != 0:
			err = fmt.Errorf("exit code %d:\n%w", exit, err)
		}
	}
	stdout = strings.ReplaceAll(stdout, "\r\n", "\n")
	b.outputs[command] = result{stdout, err}
	return stdout, err
}

// command quotes a command and its output. The output that is there stays if only
// figures have changed.
func (b *book) command(r region) (string, error) {
	if b.runner == nil {
		return r.body, nil
	}
	stdout, err := b.output(r.args)
	if err != nil {
		return "", err
	}
	head := "\n```console\n$ " + r.args + "\n"
	old, isOutput := strings.CutPrefix(r.body, head)
	if isOutput && !b.fresh && mask(strings.TrimSuffix(old, "\n```\n\n")) == mask(stdout) {
		return r.body, nil
	}
	return head + strings.TrimRight(stdout, "\n") + "\n```\n\n", nil
}

var masks = []struct {
	find    *regexp.Regexp
	replace string
}{
	{regexp.MustCompile(`(?m)^(cpu|goos|goarch): .*\n`), ""}, // not every system tells its cpu
	{regexp.MustCompile(`\(cached\)`), "~"},
	{regexp.MustCompile(`(?m)^(Benchmark\S*?)-[0-9]+(\s)`), "$1$2"}, // GOMAXPROCS
	{regexp.MustCompile(`[█░]+`), "~"},
	// A number, with or without a unit of time; but not in a name such as
	// stage1_polling, p99 or timers=100.
	{regexp.MustCompile(`(^|[^\w=])-?[0-9][0-9,]*(\.[0-9]+)?(e[+-]?[0-9]+)?\s?((ns|µs|us|ms|s|m|h)\b)?([0-9.]+m?s\b)?`), "$1~"},
	{regexp.MustCompile(`[ \t]+`), " "}, // columns are as wide as their figures
	{regexp.MustCompile(`(?m) $`), ""},
}

// mask makes equal what differs from one run to the next.
func mask(output string) string {
	for _, m := range masks {
		output = m.find.ReplaceAllString(output, m.replace)
	}
	return strings.TrimRight(output, "\n")
}
