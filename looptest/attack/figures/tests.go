package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The sections that run the go command, since what they attack is a build or
// needs package testing.

// tested are the packages with the loops and the tests of their contract.
var tested = []string{".", "./stage1_polling", "./stage2_queue", "./stage3_event", "./bench/tuned", "./looptest/attack"}

// goCommand runs the go command in the module, with more environment.
func (f *figures) goCommand(env []string, args ...string) (string, error) {
	c := exec.Command("go", args...)
	c.Dir = f.root
	c.Env = append(os.Environ(), env...)
	output, err := c.CombinedOutput()
	if err != nil {
		return string(output), fmt.Errorf("%s go %s: %w\n%s", strings.Join(env, " "), strings.Join(args, " "), err, output)
	}
	return string(output), nil
}

func (f *figures) programs() (string, error) {
	args := []string{"test", "./looptest/attack", "-count=1", "-timeout=0", "-v", "-run=TestPrograms", fmt.Sprintf("-programs=%d", f.times(100, 1)), "-seed=2"}
	output, err := f.goCommand(nil, args...)
	if err != nil {
		return "", err
	}
	t := newTable("stage and time", "random programs", "a second", "that break a rule")
	found := regexp.MustCompile(`=== RUN   (TestPrograms\w*)/(\w+)\n\s+\S+ (\d+) programs, (\d+) a second`).FindAllStringSubmatch(output, -1)
	for _, m := range found {
		world := "real"
		if m[1] == "TestProgramsVirtual" {
			world = "virtual"
		}
		t.row(m[2]+", "+world, thousands(m[3]), thousands(m[4]), "0")
	}
	if len(found) != len(stages)+2 {
		return "", fmt.Errorf("the output of go %s has another form:\n%s", strings.Join(args, " "), output)
	}
	return t.String(), nil
}

var (
	swept  = regexp.MustCompile(`swept (\d+) instants`)
	tookOf = regexp.MustCompile(`--- PASS: TestSweep/\w+ \((\S+)s\)`)
)

func (f *figures) sweeps() (string, error) {
	t := newTable("stage", "instants", "the sweep took", "found")
	for _, stage := range stages[1:] {
		output, err := f.goCommand(nil, "test", "./looptest/attack", "-count=1", "-timeout=0", "-v",
			fmt.Sprintf("-rounds=%d", f.times(200, 20)), "-run=TestSweep/"+stage.name)
		if err != nil {
			return "", err
		}
		n, took := swept.FindStringSubmatch(output), tookOf.FindStringSubmatch(output)
		if n == nil || took == nil {
			return "", fmt.Errorf("TestSweep has another form:\n%s", output)
		}
		t.row(stage.name, thousands(n[1]), took[1]+" s", "nothing")
	}
	return t.String(), nil
}

// clock runs the tests with a package time in which the system's clock is set
// by a day about a thousand times a second, to and fro. The monotonic clock is
// left alone, as it is when somebody sets the clock.
func (f *figures) clock() (string, error) {
	goroot, err := f.goCommand(nil, "env", "GOROOT")
	if err != nil {
		return "", err
	}
	file := filepath.Join(strings.TrimSpace(goroot), "src", "time", "time.go")
	src, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	const now = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	if !bytes.Contains(src, []byte(now)) {
		return "", fmt.Errorf("%s has changed: it no longer has %q", file, now)
	}
	src = bytes.Replace(src, []byte(now), []byte(now+"\tsec += mono >> 20 & 1 * 86400\n"), 1)
	edited, overlay := filepath.Join(f.dir, "time.go"), filepath.Join(f.dir, "overlay.json")
	table, err := json.Marshal(map[string]map[string]string{"Replace": {file: edited}})
	if err != nil {
		return "", err
	}
	if err := errors.Join(os.WriteFile(edited, src, 0o666), os.WriteFile(overlay, table, 0o666)); err != nil {
		return "", err
	}
	begun := time.Now()
	if _, err := f.goCommand(nil, append([]string{"test", "-count=1", "-timeout=0", "-overlay=" + overlay}, tested...)...); err != nil {
		return "", err
	}
	t := newTable("the clock is set", "tests", "failed", "took")
	t.row("by a day, to and fro, each 2²⁰ ns", "all of `"+strings.Join(tested, "`, `")+"`", "0", seconds(time.Since(begun)))
	return t.String(), nil
}

// runtimes runs the tests under other settings of the Go runtime.
func (f *figures) runtimes() (string, error) {
	all := append([]string{"./looptest"}, tested...)
	return f.tests([]variant{
		{[]string{"GOMAXPROCS=1"}, "", all},
		{[]string{"GOMAXPROCS=8"}, "", all},
		{[]string{"GOGC=1"}, "", all},
	})
}

// systems runs the tests on other systems, with what runs their programs here:
// Node, Wine, QEMU. In WebAssembly looptest's own tests can't run: some of the
// loops they break spin and never give way, and nobody takes the core away. What
// is emulated gets the stages and what measures them.
func (f *figures) systems() (string, error) {
	measured := []string{"./stage1_polling", "./stage2_queue", "./stage3_event", "./bench/tuned", "./bench", "./bench/demo"}
	return f.tests([]variant{
		{[]string{"GOOS=js", "GOARCH=wasm"}, "node $(go env GOROOT)/lib/wasm/wasm_exec_node.js", tested},
		{[]string{"GOOS=windows", "GOARCH=amd64"}, "$PWD/.ci/wine", measured},
		{[]string{"GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0"}, "qemu-aarch64-static", measured},
	})
}

// A variant is a way to run tests.
type variant struct {
	env      []string
	exec     string // what runs the test's program, if the system can't
	packages []string
}

// tests runs the tests in each way.
func (f *figures) tests(variants []variant) (string, error) {
	goroot, err := f.goCommand(nil, "env", "GOROOT")
	if err != nil {
		return "", err
	}
	expand := strings.NewReplacer("$(go env GOROOT)", strings.TrimSpace(goroot), "$PWD", f.root)
	t := newTable("command", "packages", "failed", "took, with building")
	for _, v := range variants {
		args := []string{"test", "-count=1", "-timeout=0"}
		line := strings.Join(append(slices.Clone(v.env), "go", "test"), " ")
		if v.exec != "" {
			line += fmt.Sprintf(" -exec=%q", v.exec)
			args = append(args, "-vet=off", "-exec="+expand.Replace(v.exec))
		}
		if f.short {
			args = append(args, "-short")
			line += " -short"
		}
		begun := time.Now()
		output, err := f.goCommand(v.env, append(args, v.packages...)...)
		if err != nil {
			return t.String(), err
		}
		t.row("`"+line+" "+strings.Join(v.packages, " ")+"`", fmt.Sprint(strings.Count("\n"+output, "\nok ")), "0", seconds(time.Since(begun)))
	}
	return t.String(), nil
}
