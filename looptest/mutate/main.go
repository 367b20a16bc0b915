// Command mutate breaks the loops on purpose, one thing at a time, and lists the
// mutants that no test notices.
//
//	go run ./looptest/mutate                          # the stages and the fast loop
//	go run ./looptest/mutate stage3_event             # one of them
//	go run ./looptest/mutate stage3_event/event.go    # one file
//	go run ./looptest/mutate -list                    # only their names
//
// A mutant is a loop with one thing broken: a statement left out, a condition that is
// always true or never, an operator or a constant changed, a defer or a lock gone. The
// loop's own tests and those of package looptest/attack run on each, in small. One of
// them should fail, or not end.
//
// A mutant that survives shows a hole in the tests, or code that can go. Some changes
// cannot be noticed: they only cost time, or do what the original does. Those stand in
// survivors.txt, each with the reason. Any other survivor is an error.
//
// The tree is not touched: a mutant is an overlay of go build.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

func main() {
	parallel := flag.Int("p", runtime.NumCPU(), "how many mutants to try at once")
	only := flag.String("only", "", "try only mutants whose name contains this")
	list := flag.Bool("list", false, "list the mutants and try none")
	verbose := flag.Bool("v", false, "print the fate of every mutant")
	flag.Parse()
	if err := run(flag.Args(), *only, *list, *parallel, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(names []string, only string, list bool, parallel int, verbose bool) error {
	all, sources, err := find(".", names)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(m mutant) bool { return !strings.Contains(m.name(), only) })
	if list {
		for _, m := range all {
			fmt.Println(m.name())
		}
		return nil
	}
	explained, err := readSurvivors(filepath.Join("looptest", "mutate", "survivors.txt"))
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	l := &lab{dir: dir, limits: make(map[string]time.Duration)}
	for _, m := range all {
		if err := l.calibrate(path.Dir(m.file), m.locks); err != nil {
			return err
		}
	}
	fmt.Printf("%d mutants, %d at once\n", len(all), parallel)
	begun := time.Now()
	var mu sync.Mutex // guards the rest
	var failure error
	outcomes, told := []outcome(nil), begun
	next := make(chan mutant)
	var workers sync.WaitGroup
	for range parallel {
		workers.Go(func() {
			for m := range next {
				o, err := l.try(m, sources[m.file], explained[m.name()])
				mu.Lock()
				outcomes = append(outcomes, o)
				failure = errors.Join(failure, err)
				if verbose || o.fate == survived && !explained[m.name()] || time.Since(told) > 10*time.Second {
					told = time.Now()
					fmt.Printf("%4d/%d %v\n", len(outcomes), len(all), o)
				}
				mu.Unlock()
			}
		})
	}
	for _, m := range all {
		next <- m
	}
	close(next)
	workers.Wait()
	fmt.Printf("\n%s\n%s, %s/%s, %d cores, %v.\n", summary(outcomes, explained),
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), time.Since(begun).Round(time.Second))
	return errors.Join(failure, judge(outcomes, explained))
}

// find returns the mutants of the named folders and files, or of all loops if no name is
// given, and the sources of the files. Names are relative to root, the module's root.
func find(root string, names []string) (all []mutant, sources map[string]string, err error) {
	if len(names) == 0 {
		names = []string{"stage*", "bench/tuned"}
	}
	sources = make(map[string]string)
	for _, name := range names {
		if !strings.HasSuffix(name, ".go") {
			name = path.Join(name, "*.go")
		}
		files, err := fs.Glob(os.DirFS(root), name)
		if err != nil {
			return nil, nil, err
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			src, err := os.ReadFile(filepath.Join(root, file))
			if err != nil {
				return nil, nil, err
			}
			found, err := mutants(file, string(src))
			if err != nil {
				return nil, nil, err
			}
			sources[file] = string(src)
			all = append(all, found...)
		}
	}
	if len(all) == 0 {
		return nil, nil, errors.New("there is nothing to break: run it in the module's root, and name folders and files from there")
	}
	return all, sources, nil
}

// readSurvivors reads the names of the survivors that are explained: the lines that are
// neither indented, as reasons are, nor comments.
func readSurvivors(file string) (map[string]bool, error) {
	text, err := os.ReadFile(file)
	explained := make(map[string]bool)
	for line := range strings.SplitSeq(string(text), "\n") {
		if line != "" && !strings.ContainsAny(line[:1], "#\t ") {
			explained[strings.TrimSpace(line)] = true
		}
	}
	return explained, err
}

// summary is a table in Markdown: how many mutants of each folder were noticed.
func summary(outcomes []outcome, explained map[string]bool) string {
	rows := make(map[string]map[fate]int)
	for _, o := range outcomes {
		folder := path.Dir(o.file)
		if rows[folder] == nil {
			rows[folder] = make(map[fate]int)
		}
		if o.fate == hung && explained[o.name()] { // it was slow
			o.fate = survived
		}
		rows[folder][o.fate]++
	}
	table := "| loop | mutants | a test failed | a test did not end | no test noticed |\n|---|---:|---:|---:|---:|\n"
	for _, folder := range slices.Sorted(maps.Keys(rows)) {
		n := rows[folder]
		table += fmt.Sprintf("| `%s` | %d | %d | %d | %d |\n", folder, n[killed]+n[hung]+n[survived], n[killed], n[hung], n[survived])
	}
	return table
}

// judge returns an error for each survivor that is not explained, and for each mutant
// that is explained and noticed: then the list is out of date.
func judge(outcomes []outcome, explained map[string]bool) error {
	var errs []error
	for _, o := range outcomes {
		switch reason := explained[o.name()]; {
		case o.fate == survived && !reason:
			errs = append(errs, fmt.Errorf("%s:%d survives, and survivors.txt does not explain it: %s", o.file, o.line, o.name()))
		case o.fate == killed && reason:
			errs = append(errs, fmt.Errorf("survivors.txt explains what %s notices: %s", o.by, o.name()))
		}
	}
	return errors.Join(errs...)
}
