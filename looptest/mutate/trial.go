package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// An outcome is what became of a mutant.
type outcome struct {
	mutant mutant
	fate   fate
	killer string // the test that failed
	took   time.Duration
}

type fate int

const (
	killed   fate = iota // a test failed
	hung                 // a test did not end
	survived             // no test noticed
)

// A lab tries mutants, each with go build's overlay: the tree is not touched.
type lab struct {
	root   string // of the module
	dir    string // for what is built
	limits map[string]time.Duration
}

// A suite is a way to run the tests, given as their flags. The first to fail
// ends the trial.
type suite struct {
	pkg   string
	flags []string
	race  bool // under the race detector
}

func (s suite) String() string {
	name := s.pkg + " " + strings.Join(s.flags, " ")
	if s.race {
		name += " -race"
	}
	return name
}

// suites returns those for a stage, which is a folder, the fastest first. Those in
// a bubble come before the others: what hangs there fails at once.
func suites(stage string, race bool) []suite {
	const attack = "looptest/attack"
	name := path.Base(stage) // as the attack calls it
	all := []suite{
		{attack, []string{"-test.run=^Test(ProgramsVirtual|Sweep)$/^" + name + "$"}, race},
		{stage, []string{"-test.run=Virtual|Waits"}, race},
		{stage, nil, race},
		{attack, []string{"-test.run=/^" + name + "$"}, race},
	}
	if stage == "stage1_polling" {
		return all[2:] // it has none in a bubble
	}
	if !race {
		// A wake-up that is lost in a few nanoseconds is found by chance: what survives is
		// swept for longer.
		all = append(all, suite{attack, []string{"-test.run=^TestSweep$/^" + name + "$", "-rounds=200"}, race})
	}
	return all
}

// try breaks the tree with m and runs the tests.
func (l *lab) try(m mutant, src []byte) (outcome, error) {
	begun := time.Now()
	dir, err := os.MkdirTemp(l.dir, "")
	if err != nil {
		return outcome{}, err
	}
	defer os.RemoveAll(dir)
	broken := filepath.Join(dir, "broken.go")
	overlay := filepath.Join(dir, "overlay.json")
	table, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(l.root, filepath.FromSlash(m.file)): broken},
	})
	if err != nil {
		return outcome{}, err
	}
	if err := os.WriteFile(broken, m.apply(src), 0o666); err != nil {
		return outcome{}, err
	}
	if err := os.WriteFile(overlay, table, 0o666); err != nil {
		return outcome{}, err
	}
	stage := path.Dir(m.file)
	o := outcome{mutant: m}
	o.fate, o.killer, err = l.run(dir, stage, false, "-overlay="+overlay)
	if err == nil && o.fate == survived && m.locks {
		o.fate, o.killer, err = l.run(dir, stage, true, "-overlay="+overlay)
	}
	o.took = time.Since(begun)
	return o, err
}

// build builds the tests of a stage.
func (l *lab) build(dir, stage string, race bool, flags ...string) error {
	if race {
		flags = append(flags, "-race")
	}
	args := append([]string{"test", "-c", "-vet=off", "-o", dir + string(filepath.Separator)}, flags...)
	build := exec.Command("go", append(args, "./"+stage, "./looptest/attack")...)
	build.Dir = l.root
	output, err := build.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%v: %w\n%s", build, err, output)
	}
	return nil
}

// run builds the tests of a stage, and runs them until one fails.
func (l *lab) run(dir, stage string, race bool, flags ...string) (fate, string, error) {
	if err := l.build(dir, stage, race, flags...); err != nil {
		return 0, "", err
	}
	for _, s := range suites(stage, race) {
		if fate, killer := l.suite(dir, s); fate != survived {
			return fate, killer, nil
		}
	}
	return survived, "", nil
}

var failed = regexp.MustCompile(`--- FAIL: (\S+)`)

func (l *lab) suite(dir string, s suite) (fate, string) {
	limit, ok := l.limits[s.String()]
	if !ok {
		limit = 10 * time.Minute
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	binary := filepath.Join(dir, filepath.Base(s.pkg)+".test")
	if _, err := os.Stat(binary); err != nil {
		binary += ".exe"
	}
	test := exec.CommandContext(ctx, binary, append([]string{"-test.short", "-test.failfast"}, s.flags...)...)
	test.Dir = filepath.Join(l.root, filepath.FromSlash(s.pkg))
	test.WaitDelay = time.Second
	output, err := test.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return hung, fmt.Sprintf("no end after %v", limit)
	case err == nil:
		return survived, ""
	}
	// The last is the innermost: the sub-test.
	if names := failed.FindAllSubmatch(output, -1); names != nil {
		return killed, string(names[len(names)-1][1])
	}
	first, _, _ := bytes.Cut(output, []byte("\n"))
	return killed, string(first)
}
