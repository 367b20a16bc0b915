package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
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
var tested = []string{".", "./stage1_polling", "./stage2_queue", "./stage3_event", "./looptest/attack"}

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
	if len(found) != len(stages)+1 {
		return "", fmt.Errorf("the output of go %s has another form:\n%s", strings.Join(args, " "), output)
	}
	return t.String(), nil
}

// A breakage is a stage in which a wake-up can be lost.
type breakage struct {
	name, file string
	edits      [][2]string // old, new
}

var breakages = []breakage{{
	name:  "the event has no room: `make(event)`",
	file:  "stage3_event/event.go",
	edits: [][2]string{{"make(event, 1) }", "make(event) }"}},
}, {
	name:  "a sooner timer does not wake the timer loop",
	file:  "stage3_event/timers.go",
	edits: [][2]string{{"\t\tl.wake.set()\n", ""}},
}, {
	name:  "what comes during a turn is forgotten when it ends",
	file:  "stage3_event/timers.go",
	edits: [][2]string{{"l.until, l.asleep = min(l.until, earliest), true", "l.until, l.asleep = earliest, true"}},
}, {
	name: "the callback loop looks whether the queue is empty, and only then waits to be told",
	file: "stage2_queue/callbacks.go",
	edits: [][2]string{
		{"\twaiting queue[callback]\n", "\twaiting queue[callback]\n\twake    chan struct{}\n"},
		{"\tl.waiting = newQueue[callback]()\n", "\tl.waiting = newQueue[callback]()\n\tl.wake = make(chan struct{})\n"},
		{"\tl.waiting.put(append(l.waiting.take(), c))\n", "\tl.waiting.put(append(l.waiting.take(), c))\n\tselect {\n\tcase l.wake <- struct{}{}:\n\tdefault:\n\t}\n"},
		{
			"case l.batch = <-l.waiting.items: // asleep until there is something\n\t\t\tl.waiting.put(nil)\n",
			"default:\n\t\t\tl.batch = l.waiting.take()\n\t\t\tl.waiting.put(nil)\n\t\t\tif len(l.batch) == 0 {\n\t\t\t\tselect {\n\t\t\t\tcase <-done:\n\t\t\t\t\treturn\n\t\t\t\tcase <-l.wake:\n\t\t\t\t}\n\t\t\t}\n",
		},
	},
}}

// edited returns the source in a file, edited.
func edited(path string, edits [][2]string) ([]byte, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	for _, e := range edits {
		if bytes.Count(src, []byte(e[0])) != 1 {
			return nil, fmt.Errorf("%s has changed: it no longer has once %q", path, e[0])
		}
		src = bytes.Replace(src, []byte(e[0]), []byte(e[1]), 1)
	}
	return src, nil
}

// overlay returns the flag with which the go command sees file edited; file is
// in the module, or absolute.
func (f *figures) overlay(file string, edits [][2]string) (string, error) {
	path := filepath.FromSlash(file)
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.root, path)
	}
	src, err := edited(path, edits)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(f.dir, "")
	if err != nil {
		return "", err
	}
	copied := filepath.Join(dir, "edited.go")
	table, err := json.Marshal(map[string]map[string]string{"Replace": {path: copied}})
	if err != nil {
		return "", err
	}
	list := filepath.Join(dir, "overlay.json")
	return "-overlay=" + list, errors.Join(os.WriteFile(copied, src, 0o666), os.WriteFile(list, table, 0o666))
}

var (
	swept   = regexp.MustCompile(`swept (\d+) instants`)
	tookOf  = regexp.MustCompile(`--- (?:PASS|FAIL): TestSweep/\w+ \((\S+)s\)`)
	whyLost = regexp.MustCompile(`\w+\.go:\d+: (.* is lost)`)
)

func (f *figures) sweeps() (string, error) {
	args := []string{"test", "./looptest/attack", "-count=1", "-timeout=0", "-v", "-run=TestSweep", fmt.Sprintf("-rounds=%d", f.times(200, 20))}
	t := newTable("stage", "broken on purpose", "instants", "the sweep took", "found")
	for _, stage := range stages[1:] {
		output, err := f.goCommand(nil, append(args, "-run=TestSweep/"+stage.name)...)
		if err != nil {
			return "", err
		}
		n, took := swept.FindStringSubmatch(output), tookOf.FindStringSubmatch(output)
		if n == nil || took == nil {
			return "", fmt.Errorf("TestSweep has another form:\n%s", output)
		}
		t.row(stage.name, "no", thousands(n[1]), sweepTime(took[1]), "nothing")
	}
	for _, b := range breakages {
		flag, err := f.overlay(b.file, b.edits)
		if err != nil {
			return "", err
		}
		stage, _, _ := strings.Cut(b.file, "/")
		output, err := f.goCommand(nil, append(args, "-run=TestSweep/"+stage, flag)...)
		lost, took := whyLost.FindStringSubmatch(output), tookOf.FindStringSubmatch(output)
		if err == nil || lost == nil || took == nil {
			return "", fmt.Errorf("%s: the sweep has not found it:\n%s", b.name, output)
		}
		t.row(stage, b.name, "", sweepTime(took[1]), lost[1])
	}
	return t.String(), nil
}

// sweepTime is what go test says a test took, in hundredths of a second.
func sweepTime(s string) string {
	if s == "0.00" {
		return "< 0.01 s"
	}
	return s + " s"
}

// clock runs the tests with a package time in which the system's clock is set
// by a day about a thousand times a second, to and fro. The monotonic clock is
// left alone, as it is when somebody sets the clock.
func (f *figures) clock() (string, error) {
	goroot, err := f.goCommand(nil, "env", "GOROOT")
	if err != nil {
		return "", err
	}
	flag, err := f.overlay(filepath.Join(strings.TrimSpace(goroot), "src", "time", "time.go"), [][2]string{{
		"func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n",
		"func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n\tsec += mono >> 20 & 1 * 86400\n",
	}})
	if err != nil {
		return "", err
	}
	begun := time.Now()
	if _, err := f.goCommand(nil, append([]string{"test", "-count=1", "-timeout=0", flag}, tested...)...); err != nil {
		return "", err
	}
	t := newTable("the clock is set", "tests", "failed", "took")
	t.row("by a day, to and fro, each 2²⁰ ns", "all of `"+strings.Join(tested, "`, `")+"`", "0", seconds(time.Since(begun)))
	return t.String(), nil
}

// runtimes runs the tests under other settings of the Go runtime, and in
// WebAssembly, which needs Node. There looptest's own tests can't run: some of
// the loops they break spin and never give way, and nobody takes the core away.
func (f *figures) runtimes() (string, error) {
	goroot, err := f.goCommand(nil, "env", "GOROOT")
	if err != nil {
		return "", err
	}
	const node = "node $(go env GOROOT)/lib/wasm/wasm_exec_node.js"
	all := append([]string{"./looptest"}, tested...)
	t := newTable("command", "packages", "failed", "took, with building")
	for _, test := range []struct {
		env, flags, packages []string
	}{
		{[]string{"GOMAXPROCS=1"}, nil, all},
		{[]string{"GOMAXPROCS=2"}, nil, all},
		{[]string{"GOMAXPROCS=8"}, nil, all},
		{[]string{"GOGC=1"}, nil, all},
		{nil, []string{"-race"}, all},
		{[]string{"GOOS=js", "GOARCH=wasm"}, []string{"-exec=" + node}, tested},
	} {
		args := slices.Concat([]string{"test", "-count=1", "-timeout=0"}, test.flags, test.packages)
		line := strings.Join(append(slices.Clone(test.env), "go"), " ")
		for i, arg := range args {
			if strings.Contains(arg, " ") {
				line += fmt.Sprintf(" %q", arg)
			} else {
				line += " " + arg
			}
			args[i] = strings.ReplaceAll(arg, "$(go env GOROOT)", strings.TrimSpace(goroot))
		}
		begun := time.Now()
		output, err := f.goCommand(test.env, args...)
		if err != nil {
			return t.String(), err
		}
		t.row("`"+line+"`", fmt.Sprint(strings.Count("\n"+output, "\nok ")), "0", seconds(time.Since(begun)))
	}
	return t.String(), nil
}

var systems = []string{
	"linux/amd64", "linux/arm64", "linux/386",
	"darwin/amd64", "darwin/arm64",
	"windows/amd64", "windows/arm64", "windows/386",
	"js/wasm",
}

func (f *figures) builds() (string, error) {
	t := newTable("system", "`go build ./...`", "`go vet` of the stages and their tests")
	for _, system := range systems {
		goos, goarch, _ := strings.Cut(system, "/")
		env := []string{"GOOS=" + goos, "GOARCH=" + goarch, "CGO_ENABLED=0"}
		if _, err := f.goCommand(env, "build", "./..."); err != nil {
			return "", err
		}
		if _, err := f.goCommand(env, append([]string{"vet"}, tested...)...); err != nil {
			return "", err
		}
		t.row(system, "builds", "clean")
	}
	return t.String(), nil
}

// unreachable is what govulncheck says where there is no network.
var unreachable = regexp.MustCompile(`(?m)^govulncheck: fetching vulnerabilities:.*dial tcp`)

var updated = regexp.MustCompile(`(?m)^DB updated: (\d{4}-\d\d-\d\d)`)

// vulnerabilities asks of each module whether its code calls anything that is known
// to be vulnerable. That it could not be asked is no fault of the code, and the only
// failure that is let pass.
func (f *figures) vulnerabilities() (string, error) {
	modules, err := f.modules()
	if err != nil {
		return "", err
	}
	t := newTable("module", "known vulnerabilities that its code calls")
	date := ""
	for _, module := range modules {
		args := []string{"-C", module, "tool", "-modfile=" + filepath.Join(f.root, ".ci", "tools", "go.mod"), "govulncheck", "-show=version"}
		if f.database != "" {
			args = append(args, "-db="+f.database)
		}
		output, err := f.goCommand([]string{"GOWORK=off"}, append(args, "./...")...)
		if unreachable.MatchString(output) {
			return "Not known: the database is a web page, which could not be reached from here.\n", nil
		}
		if err != nil {
			return t.String(), err
		}
		of := updated.FindStringSubmatch(output)
		if of == nil {
			return "", fmt.Errorf("the output of govulncheck has another form:\n%s", output)
		}
		date = of[1]
		t.row("`"+module+"`", "0")
	}
	return t.String() + "\nBy govulncheck, with the database of " + date + ".\n", nil
}

// modules returns the folders of the root module and of every nested one.
func (f *figures) modules() (folders []string, err error) {
	err = filepath.WalkDir(f.root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return filepath.SkipDir
		case d.Name() != "go.mod":
			return nil
		}
		folder, err := filepath.Rel(f.root, filepath.Dir(path))
		folders = append(folders, filepath.ToSlash(folder))
		return err
	})
	slices.Sort(folders) // the root first
	return folders, err
}
