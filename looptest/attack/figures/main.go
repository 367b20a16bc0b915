// Command figures attacks the three stages and writes what came of it: what was
// done, how often, and what was lost.
//
//	go run ./looptest/attack/figures            # writes docs/results/attack.md
//	go run ./looptest/attack/figures -short     # a few minutes; only prints
//	go run ./looptest/attack/figures -soak=1h   # with an hour of all at once, a third for each stage
//	go run ./looptest/attack/figures -only=soak -soak=1h
//
// A broken rule, a test that fails or a system for which nothing builds is an
// error: then nothing is written.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// A section is one table of the report.
type section struct {
	name  string // as -only wants it
	title string
	make  func(*figures) (string, error)
}

var sections = []section{
	{"programs", "Random programs", (*figures).programs},
	{"sweeps", "The moment of falling asleep", (*figures).sweeps},
	{"load", "Load and faults", (*figures).load},
	{"machine", "A busy machine", (*figures).busy},
	{"clock", "A clock that jumps", (*figures).clock},
	{"soak", "All at once, for long", (*figures).soak},
	{"runtimes", "Under other runtimes", (*figures).runtimes},
	{"builds", "On other systems", (*figures).builds},
	{"vulnerabilities", "Known vulnerabilities", (*figures).vulnerabilities},
}

type figures struct {
	root  string // of the module
	dir   string // for what has to be built
	short bool
	long  time.Duration // to soak, all stages together
}

func main() {
	if os.Getenv(eater) != "" {
		eat()
	}
	f := &figures{}
	flag.BoolVar(&f.short, "short", false, "take a hundredth of everything, and only print")
	flag.DurationVar(&f.long, "soak", time.Minute, "how long to soak the stages, each for a third")
	only := flag.String("only", "", "one section, and only print: programs, sweeps, load, machine, clock, soak, runtimes, builds or vulnerabilities")
	flag.Parse()
	if err := f.run(*only); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

func (f *figures) run(only string) error {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("go list -m: %w", err)
	}
	f.root = strings.TrimSpace(string(root))
	if f.dir, err = os.MkdirTemp("", "figures"); err != nil {
		return err
	}
	defer os.RemoveAll(f.dir)

	begun := time.Now()
	var b strings.Builder
	found := false
	for _, s := range sections {
		if only != "" && only != s.name {
			continue
		}
		found = true
		text, err := s.make(f)
		fmt.Printf("## %s\n\n%s\n", s.title, text)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s", s.title, text)
	}
	if !found {
		return fmt.Errorf("there is no section %q", only)
	}
	if f.short || only != "" {
		return nil
	}
	head := fmt.Sprintf("<!-- Written by: go run ./looptest/attack/figures -soak=%v -->\n\n%s, %s/%s, %d cores, in %v. Every table below is from this one run.\n",
		f.long, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), time.Since(begun).Round(time.Second))
	file := filepath.Join(f.root, "docs", "results", "attack.md")
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(head+b.String()), 0o666)
}

// times returns n, or a hundredth of it for a short run, but not less than least.
func (f *figures) times(n, least int) int {
	if f.short {
		return max(n/100, least)
	}
	return n
}

// A table is Markdown.
type table struct{ b strings.Builder }

func newTable(columns ...string) *table {
	t := &table{}
	t.row(columns...)
	var rule []string
	for range columns {
		rule = append(rule, "---")
	}
	t.row(rule...)
	return t
}

func (t *table) row(cells ...string) {
	fmt.Fprintf(&t.b, "| %s |\n", strings.Join(cells, " | "))
}

func (t *table) String() string { return t.b.String() }

// count writes n with its thousands apart.
func count[T int | int64 | uint64](n T) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + " " + digits[i:]
	}
	return digits
}

// size writes a number of bytes in MiB.
func size(bytes uint64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

// seconds writes a duration.
func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// command names a command of which the following figures are.
func command(line string) string { return "```console\n" + line + "\n```\n\n" }
