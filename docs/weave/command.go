package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/shell"
)

// instead has the commands that are not run as they stand, since they take
// minutes, have no end, or are run by themselves: what is run in their place, if
// anything. The page with the directive "commands" shows it to everybody.
var instead = map[string]string{
	"go run ./bench/demo -stage 2 -long": "go run ./bench/demo -stage 2",
	"go run ./bench/live":                "go vet ./bench/live",
	"go run ./bench/predict":             "go run ./bench/predict -h",
	"go run ./bench/table":               "go run ./bench/table -count=1 -benchtime=1x -bench=Idle",
	"go run -C bench/report .":           "go -C bench/report vet .",
	"go run -C bench/report ./trace":     "go -C bench/report vet ./trace",
	"go run ./bench/tuned/tricks":        "go vet ./bench/tuned/tricks",
	"go test -bench=\".\" ./bench":       "go test -bench=Idle -benchtime=1x ./bench",
	"benchstat -col /impl":               "",
	"go test ./...":                      "go test -short ./stage3_event",
	"go test -short ./...":               "go test -short ./stage3_event",
	"go -C docs/workshop test .":         "go -C docs/workshop vet .",

	"go run ./looptest/attack/figures":                          "go run ./looptest/attack/figures -short -only=load",
	"go run ./looptest/attack/figures -short":                   "go run ./looptest/attack/figures -short -only=load",
	"go run ./looptest/attack/figures -only=soak -soak=1h":      "go run ./looptest/attack/figures -only=soak -soak=3s",
	"go run ./looptest/attack/figures -only=systems":            "go vet ./looptest/attack/figures",
	"go run ./looptest/attack/figures -write":                   "go vet ./looptest/attack/figures",
	"go run ./looptest/mutate":                                  "go vet ./looptest/mutate",
	"go run ./looptest/mutate stage3_event/event.go":            "go run ./looptest/mutate -list stage3_event/event.go",
	"go test ./looptest":                                        "go vet ./looptest",
	"go test ./stage3_event ./looptest/attack":                  "go vet ./looptest/attack",
	"go test ./looptest/attack -fuzz=FuzzPrograms -fuzztime=1m": "go test ./looptest/attack -run=FuzzPrograms",

	"go run -C docs/weave .":           "",
	"go run -C docs/weave . -fresh":    "",
	"go run -C docs/weave . -zh":       "",
	"go -C docs/weave test -count=1 .": "",

	// In somebody's own module: bench/table's test does that.
	"go mod tidy": "",
	"go test .":   "",
	"go run example.com/eventloop/bench/table .": "",
	"go get example.org/you/loops":               "",
}

// Commands whose exit code is 1 when all is well.
var differing = map[string]bool{
	"git diff --no-index stage1_polling stage2_queue": true,
	"git diff --no-index stage2_queue stage3_event":   true,
}

// A runner runs commands. The tests have one that only pretends.
type runner interface {
	run(args []string) (stdout string, exit int, err error)
}

type result struct {
	stdout string
	err    error
}

// goTool runs commands at the root of the repository, in an environment that
// is nobody's own. A test whose result Go still has is run all the same.
type goTool struct{ root string }

func (g goTool) run(args []string) (string, int, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = g.root
	// PWD makes the go command see the root under the name it has here, which
	// may have a symbolic link in it.
	cmd.Env = append(os.Environ(), "GOFLAGS=-count=1", "GOWORK=off", "NO_COLOR=1", "PWD="+absolute(g.root))
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return stdout.String(), exit.ExitCode(), errors.New(strings.TrimSpace(stdout.String() + "\n" + stderr.String()))
	}
	return stdout.String(), 0, err
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
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
		b.say("$ %s", command)
		var exit int
		stdout, exit, err = b.runner.run(args)
		switch {
		case exit == 1 && differing[command]:
			err = nil
		case exit != 0:
			err = fmt.Errorf("exit code %d:\n%w", exit, err)
		}
	}
	stdout = strings.ReplaceAll(stdout, "\r\n", "\n")
	b.outputs[command] = result{stdout, err}
	return stdout, err
}

// command quotes a command and what it prints. The output that is there stays
// if only figures have changed.
func (b *book) command(r region) (string, error) {
	if instead[r.args] != "" {
		return b.unprinted(r), nil // tryCommands does the rest
	}
	stdout, err := b.output(r.args)
	if err != nil {
		return "", err
	}
	if old, ok := printed(r); ok && !b.fresh && mask(old) == mask(stdout) {
		return r.body, nil
	}
	return "\n```console\n$ " + r.args + "\n" + strings.TrimRight(stdout, "\n") + "\n```\n\n", nil
}

// unprinted is a command whose output is not shown.
func (b *book) unprinted(r region) string { return "\n```console\n$ " + r.args + "\n```\n\n" }

// printed returns the output that a page shows.
func printed(r region) (string, bool) {
	body, ok := strings.CutPrefix(r.body, "\n```console\n$ "+r.args+"\n")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(body, "\n```\n\n")
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
func mask(s string) string {
	s = strings.TrimRight(s, "\n")
	for _, m := range masks {
		s = m.find.ReplaceAllString(s, m.replace)
	}
	return s
}

// What begins like this, in a code span or a block of shell, is a command.
const commandWord = `(?:go (?:run|test|build|vet|version|env|doc|list|tool|generate|get|mod|-C|work)|make|git|diff|cd|node|python3?|benchstat)`

var (
	commandSpan  = regexp.MustCompile("`(" + commandWord + "(?: [^`]*)?)`")
	shellBlock   = regexp.MustCompile("(?ms)^ *```(?:sh|console|powershell)\n(.*?)^ *```$")
	shellCommand = regexp.MustCompile(`(?m)^ *(?:\$ )?(` + commandWord + `(?: .*)?)$`)
	fence        = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
)

// gatherCommands notes the commands that a page shows: in regions of their
// own; and in a chapter or the README also those in a sentence or in a block
// of shell.
func (b *book) gatherCommands(page, text string) []error {
	note := func(command string) {
		if !slices.Contains(b.shown[command], page) {
			b.shown[command] = append(b.shown[command], page)
		}
	}
	_, problems := eachRegion(page, text, func(r region) (string, error) {
		if r.kind == "run" {
			note(r.args)
		}
		return r.body, nil
	})
	if isChapter(page) || original(page) == "README.md" {
		prose, _ := eachRegion(page, text, func(region) (string, error) { return "", nil })
		for _, block := range shellBlock.FindAllStringSubmatch(prose, -1) {
			for _, m := range shellCommand.FindAllStringSubmatch(block[1], -1) {
				note(m[1])
			}
		}
		for _, m := range commandSpan.FindAllStringSubmatch(fence.ReplaceAllString(prose, ""), -1) {
			note(m[1])
		}
	}
	return problems
}

// tryCommands runs the commands shown that have not been run yet, or what
// stands in for them.
func (b *book) tryCommands() []error {
	var problems []error
	for _, command := range slices.Sorted(maps.Keys(b.shown)) {
		if name, ok := strings.CutPrefix(command, "make "); ok {
			problems = append(problems, b.isTarget(name, b.shown[command][0])...)
			continue
		}
		try := command
		if other, ok := instead[command]; ok {
			if try = other; try == "" {
				continue
			}
		}
		if _, err := b.output(try); err != nil {
			problems = append(problems, fmt.Errorf("%s shows %q, which fails: %w", b.shown[command][0], command, err))
		}
	}
	return problems
}

// isTarget checks that the Makefile has a target. What it does is shown, and
// run, as a command of its own: not everybody has make.
func (b *book) isTarget(name, page string) []error {
	makefile, err := b.read("Makefile")
	if err == nil && !strings.Contains("\n"+makefile, "\n"+name+":") {
		err = fmt.Errorf("the Makefile has no target %q", name)
	}
	if err != nil {
		return []error{fmt.Errorf("%s shows %q: %w", page, "make "+name, err)}
	}
	return nil
}

// commandList is a table of the commands shown that are not run as they stand.
func (b *book) commandList() string {
	var out strings.Builder
	out.WriteString("\n| command | tried |\n|---|---|\n")
	for _, command := range slices.Sorted(maps.Keys(b.shown)) {
		other, ok := instead[command]
		if !ok {
			continue
		}
		if other == "" {
			other = "not tried"
		} else {
			other = "`" + other + "`"
		}
		fmt.Fprintf(&out, "| `%s` | %s |\n", strings.ReplaceAll(command, "|", "\\|"), other)
	}
	out.WriteString("\n")
	return out.String()
}
