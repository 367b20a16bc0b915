// Command mutate breaks the stages on purpose, line by line, and reports what no
// test noticed.
//
//	go run ./looptest/mutate                          # all, and write the report
//	go run ./looptest/mutate stage3_event/event.go    # one file, and only print
//	go run ./looptest/mutate -resume=mutants          # all, going on where it was left
//
// A mutant is a stage with one thing broken: a statement left out, a condition
// always true or never, an operator or a constant changed, a defer or a lock
// gone. The tests of the stage and those of looptest/attack run on each; one of
// them should fail. What survives is a hole in the tests, or shows that the code
// can do without; a survivor that cannot be noticed, since it only costs time,
// or does what the original does, stands in survivors.txt, with the reason. Any
// other is an error.
//
// A run takes long. With -resume it keeps what it has seen in a file, and a later
// one passes over mutants that some test noticed, as long as their source is the
// same: so it can be interrupted, and survivors can be tried again with new tests.
//
// The tree is not touched: a mutant is an overlay of go build. A whole run takes
// a while; see docs/results/mutation.md for how long.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/eventloop"
)

func main() {
	parallel := flag.Int("p", runtime.NumCPU(), "how many mutants to try at once")
	only := flag.String("only", "", "try only mutants whose name contains this")
	list := flag.Bool("list", false, "list the mutants and try none")
	verbose := flag.Bool("v", false, "print every mutant")
	resume := flag.String("resume", "", "a file to keep what was seen in, and to go on from")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: go run ./looptest/mutate [flags] [files of the stages]")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := run(flag.Args(), *parallel, *only, *list, *verbose, *resume); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(files []string, parallel int, only string, list, verbose bool, resume string) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	whole := len(files) == 0 && only == ""
	if len(files) == 0 {
		if files, err = stageFiles(root); err != nil {
			return err
		}
	}
	sources := make(map[string][]byte)
	var all []mutant
	for _, file := range files {
		file = path.Clean(filepath.ToSlash(file))
		src, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			return err
		}
		sources[file] = src
		found, err := mutants(file, src)
		if err != nil {
			return err
		}
		all = append(all, slices.DeleteFunc(found, func(m mutant) bool { return !strings.Contains(m.name(), only) })...)
	}
	if list {
		for _, m := range all {
			fmt.Println(m.name())
		}
		return nil
	}
	explained, err := readSurvivors(filepath.Join(root, "looptest", "mutate", "survivors.txt"))
	if err != nil {
		return err
	}
	d, err := openDiary(resume, sources)
	if err != nil {
		return err
	}
	defer d.close()
	outcomes, err := tryAll(root, sources, all, parallel, verbose, d)
	if err != nil {
		return err
	}
	var elapsed time.Duration // an earlier run's part as well
	for _, o := range outcomes {
		elapsed += o.took / time.Duration(parallel)
	}
	r := newReport(outcomes, explained, elapsed)
	fmt.Print(r.summary())
	if err := r.err(whole); err != nil {
		return err
	}
	if whole {
		file := filepath.Join(root, "docs", "results", "mutation.md")
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(r.markdown()), 0o666); err != nil {
			return err
		}
	}
	return nil
}

func moduleRoot() (string, error) {
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", reflect.TypeFor[eventloop.Loop]().PkgPath())
	var said strings.Builder
	list.Stderr = &said
	output, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("%v: %w\n%s", list, err, &said)
	}
	return strings.TrimSpace(string(output)), nil
}

// stageFiles returns the sources of all stages, and of the fast loop.
func stageFiles(root string) ([]string, error) {
	var found []string
	for _, pattern := range []string{"stage*", filepath.Join("bench", "tuned")} {
		files, err := filepath.Glob(filepath.Join(root, pattern, "*.go"))
		if err != nil {
			return nil, err
		}
		found = append(found, files...)
	}
	var files []string
	for _, file := range found {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		relative, err := filepath.Rel(root, file)
		if err != nil {
			return nil, err
		}
		files = append(files, filepath.ToSlash(relative))
	}
	return files, nil
}

// tryAll tries the mutants, so many at once.
func tryAll(root string, sources map[string][]byte, all []mutant, parallel int, verbose bool, d *diary) ([]outcome, error) {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	l := &lab{root: root, dir: dir, limits: make(map[string]time.Duration)}
	if err := l.calibrate(all); err != nil {
		return nil, err
	}
	fmt.Printf("%d mutants, %d at once\n", len(all), parallel)

	var mu sync.Mutex // guards done and failure
	done := 0
	var failure error
	outcomes := make([]outcome, len(all))
	next := make(chan int)
	var workers sync.WaitGroup
	for range parallel {
		workers.Go(func() {
			for i := range next {
				o, known := d.noticed(all[i])
				var err error
				if !known {
					o, err = l.try(all[i], sources[all[i].file])
				}
				outcomes[i] = o
				mu.Lock()
				done++
				if err == nil && !known {
					err = d.write(o)
				}
				if err != nil && failure == nil {
					failure = err
				}
				if verbose || o.fate == survived {
					fmt.Printf("%4d/%d %v:%d %s: %s %s (%.1f s)\n", done, len(all), all[i].file, all[i].line, all[i].what, o.fate, o.killer, o.took.Seconds())
				}
				mu.Unlock()
			}
		})
	}
	for i := range all {
		mu.Lock()
		over := failure != nil
		mu.Unlock()
		if over {
			break
		}
		next <- i
	}
	close(next)
	workers.Wait()
	return outcomes, failure
}

// calibrate sees that the tests pass when nothing is broken, and sets how long
// each suite may run: far longer than it does then.
func (l *lab) calibrate(all []mutant) error {
	var seen []string
	for _, m := range all {
		stage := path.Dir(m.file)
		if slices.Contains(seen, stage) {
			continue
		}
		seen = append(seen, stage)
		races := []bool{false}
		if slices.ContainsFunc(all, func(m mutant) bool { return m.locks && strings.HasPrefix(m.file, stage+"/") }) {
			races = append(races, true)
		}
		for _, race := range races {
			if err := l.build(l.dir, stage, race); err != nil {
				return err
			}
			for _, s := range suites(stage, race) {
				begun := time.Now()
				if fate, killer := l.suite(l.dir, s); fate != survived {
					return fmt.Errorf("%v fails with nothing broken: %s", s, killer)
				}
				l.limits[s.String()] = (5*time.Second + 4*time.Since(begun)).Round(time.Second)
			}
		}
	}
	return nil
}
