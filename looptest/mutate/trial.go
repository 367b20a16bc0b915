package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.com/eventloop/internal/loops"
)

// An outcome is the fate of a mutant.
type outcome struct {
	mutant
	fate fate
	by   string // the test that failed
}

func (o outcome) String() string {
	return fmt.Sprintf("%s:%d %s: %s %s", o.file, o.line, o.what, o.fate, o.by)
}

type fate string

const (
	killed   fate = "killed by"    // a test failed
	hung     fate = "did not end:" // a test
	survived fate = "SURVIVED"     // no test noticed
)

// A lab tries mutants. For each it builds one program with all tests of the loop.
type lab struct {
	dir    string                   // for what is built
	limits map[string]time.Duration // how long a suite may run, by its name
}

// A suite is one run of that program, by its flags; the quickest comes first. A mutant
// that hangs is found soon: the first takes milliseconds, and in a bubble of the second a
// deadlock shows at once. The whole search for lost wake-ups is for what survives them.
var (
	suites = [][]string{
		{"-test.run=^TestPrograms$", "-programs=5"},
		{"-test.run=Virtual|Waits"},
		{},
	}
	wakeUps = []string{"-test.run=Contract$/NoWakeUpLost", "-test.short=false", "-test.count=20"}
)

// attacks returns a test file with the attacks on a stage. The fast loop has its own.
func attacks(folder string) string {
	i := slices.IndexFunc(loops.Stages, func(s loops.Stage) bool { return s.Dir == folder })
	if i < 0 {
		return ""
	}
	stage := loops.Stages[i]
	calls := []string{"Programs(t, newLoop)", "Load(t, newLoop)", "Soak(t, newLoop)", "Memory(t, newLoop)", "OneCore(t, newLoop)", "Texts(t, newLoop)"}
	if !stage.SpinsPending {
		calls = append(calls, "ProgramsVirtual(t, newLoop)")
	}
	src := fmt.Sprintf("package %s_test\n\nimport (\n\t\"testing\"\n\n\t\"example.com/eventloop/looptest/attack\"\n)\n", stage.Name)
	for _, call := range calls {
		name, _, _ := strings.Cut(call, "(")
		src += fmt.Sprintf("\nfunc Test%s(t *testing.T) { attack.%s }\n", name, call)
	}
	return src
}

// build builds the tests of a folder in dir, with the file of that name replaced by src.
func (l *lab) build(dir, folder, file, src string, race bool) error {
	overlay := make(map[string]string)
	for name, src := range map[string]string{file: src, path.Join(folder, "attacks_test.go"): attacks(folder)} {
		if src == "" {
			continue
		}
		full, err := filepath.Abs(name)
		if err != nil {
			return err
		}
		overlay[full] = filepath.Join(dir, path.Base(name))
		if err := os.WriteFile(overlay[full], []byte(src), 0o666); err != nil {
			return err
		}
	}
	table, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return err
	}
	tables := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(tables, table, 0o666); err != nil {
		return err
	}
	args := []string{"test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay=" + tables, "-o", filepath.Join(dir, "tests.exe")}
	if race {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "./"+folder)...)
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", build, err, output)
	}
	return nil
}

// try breaks the tree with m and runs the tests until one notices. Only the race
// detector is sure to see that a lock is gone.
func (l *lab) try(m mutant, src string, explained bool) (outcome, error) {
	o := outcome{mutant: m, fate: survived}
	dir, err := os.MkdirTemp(l.dir, "")
	if err != nil {
		return o, err
	}
	defer os.RemoveAll(dir)
	all := suites
	if !explained {
		all = append(slices.Clone(suites), wakeUps)
	}
	folder := path.Dir(m.file)
	for _, race := range []bool{false, true} {
		if o.fate != survived || race && !m.locks {
			break
		}
		if err := l.build(dir, folder, m.file, m.apply(src), race); err != nil {
			return o, err
		}
		for _, s := range all {
			if o.fate == survived {
				o.fate, o.by = l.run(dir, folder, s, race)
			}
		}
	}
	return o, nil
}

// calibrate sees that the tests of a folder pass when nothing is broken, and sets how
// long each suite may run: far longer than it does then.
func (l *lab) calibrate(folder string, race bool) error {
	if _, known := l.limits[fmt.Sprint(folder, suites[0], race)]; known {
		return nil
	}
	if err := l.build(l.dir, folder, "", "", race); err != nil {
		return err
	}
	for _, s := range suites {
		begun := time.Now()
		if fate, by := l.run(l.dir, folder, s, race); fate != survived {
			return fmt.Errorf("nothing is broken in %s, and it %s %s", folder, fate, by)
		}
		l.limits[fmt.Sprint(folder, s, race)] = 3*time.Second + 5*time.Since(begun)
	}
	return nil
}

var failed = regexp.MustCompile(`--- FAIL: (\S+)`)

// run runs one suite of the tests that were built in dir.
func (l *lab) run(dir, folder string, s []string, race bool) (fate, string) {
	limit, ok := l.limits[fmt.Sprint(folder, s, race)]
	if !ok {
		limit = 10 * time.Minute
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	test := exec.CommandContext(ctx, filepath.Join(dir, "tests.exe"), slices.Concat([]string{"-test.short", "-test.failfast"}, s)...)
	test.Dir = filepath.FromSlash(folder)
	test.WaitDelay = time.Second
	output, err := test.CombinedOutput()
	if ctx.Err() != nil {
		return hung, limit.Round(time.Second).String()
	}
	if err == nil {
		return survived, ""
	}
	if name := failed.FindSubmatch(output); name != nil {
		return killed, string(name[1])
	}
	return killed, "a crash outside a test, or a data race"
}
