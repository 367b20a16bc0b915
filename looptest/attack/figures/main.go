// Command figures attacks the three stages and prints what came of it: what was
// done, how often, and what was lost.
//
//	go run ./looptest/attack/figures                       # all, with a minute's soak (some twelve minutes)
//	go run ./looptest/attack/figures -short                # less of it
//	go run ./looptest/attack/figures -only=load,machine    # some sections
//	go run ./looptest/attack/figures -only=soak -soak=1h   # an hour of all at once
//	go run ./looptest/attack/figures -write                # and put it into docs/results/attack.md
//
// Where the database of known vulnerabilities cannot be reached, -db=file://… names a
// copy of it, in the form that https://go.dev/doc/security/vuln/database describes.
//
// A broken rule, a test that fails or a system for which something does not build
// is an error: then nothing is written.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
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

	database string // of vulnerabilities; empty for the one in the web
}

func main() {
	if os.Getenv(eater) != "" {
		eat()
	}
	f := &figures{}
	flag.BoolVar(&f.short, "short", false, "do less of what can be done for longer")
	flag.DurationVar(&f.long, "soak", time.Minute, "how long to soak the stages, each for a third")
	flag.StringVar(&f.database, "db", "", "the address of a copy of the database of vulnerabilities (file://…), for where the one in the web cannot be reached")
	only := flag.String("only", strings.Join(names(), ","), "the sections to make")
	write := flag.Bool("write", false, "put what was made into docs/results/attack.md")
	flag.Parse()
	if err := f.run(strings.Split(*only, ","), *write); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

func names() (names []string) {
	for _, s := range sections {
		names = append(names, s.name)
	}
	return names
}

func (f *figures) run(only []string, write bool) error {
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	if write && f.short {
		return errors.New("a short run is not worth writing down")
	}
	for _, name := range only {
		if !slices.Contains(names(), name) {
			return fmt.Errorf("there is no section %q, there are %s", name, strings.Join(names(), ", "))
		}
	}
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("go list -m: %w", err)
	}
	f.root = strings.TrimSpace(string(root))
	if f.dir, err = os.MkdirTemp("", "figures"); err != nil {
		return err
	}
	defer os.RemoveAll(f.dir)

	made := make(map[string]string)
	for _, s := range sections {
		if !slices.Contains(only, s.name) {
			continue
		}
		begun := time.Now()
		text, err := s.make(f)
		text = fmt.Sprintf("```console\n%s\n```\n\n%s\n%s, %s/%s, %d cores, %s, in %s.\n", f.command(s.name), text,
			runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), begun.Format(time.DateOnly),
			brief(time.Since(begun).Round(time.Second)))
		fmt.Printf("## %s\n\n%s\n", s.title, text)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		made[s.title] = text
	}
	if !write {
		return nil
	}
	file := filepath.Join(f.root, "docs", "results", "attack.md")
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(file, []byte(page(string(old), made)), 0o666)
}

// command returns the command line that makes a section as this one does.
func (f *figures) command(section string) string {
	line := "go run ./looptest/attack/figures -only=" + section
	if section == "soak" {
		line += " -soak=" + brief(f.long)
	}
	if section == "vulnerabilities" && f.database != "" {
		line += " -db=file://…"
	}
	if f.short {
		line += " -short"
	}
	return line
}

// page returns the page with the sections that were made, and the others as they
// were.
func page(old string, made map[string]string) string {
	_, kept, _ := strings.Cut(old, "\n## ")
	for section := range strings.SplitSeq(kept, "\n## ") {
		title, text, _ := strings.Cut(section, "\n\n")
		if _, ok := made[title]; !ok {
			made[title] = strings.TrimRight(text, "\n") + "\n"
		}
	}
	var b strings.Builder
	b.WriteString("# The loops under attack, in figures\n\n" +
		"<!-- Generated by looptest/attack/figures: do not edit. -->\n" +
		"What it means is told in [attack.md](../attack.md). Each section has the command that makes it.\n")
	for _, s := range sections {
		if text := made[s.title]; text != "" {
			fmt.Fprintf(&b, "\n## %s\n\n%s", s.title, text)
		}
	}
	return b.String()
}

// times returns n, or for a short run a hundredth of it, but not less than least.
func (f *figures) times(n, least int) int {
	if f.short {
		return max(n/100, least)
	}
	return n
}

// A table is Markdown. Columns of figures are aligned to the right.
type table struct{ rows [][]string }

func newTable(columns ...string) *table { return &table{rows: [][]string{columns}} }

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) String() string {
	var b strings.Builder
	for i, row := range t.rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i > 0 {
			continue
		}
		for column := range row {
			if t.isFigures(column) {
				b.WriteString("|---:")
			} else {
				b.WriteString("|---")
			}
		}
		b.WriteString("|\n")
	}
	return b.String()
}

// isFigures reports whether a column has nothing but figures, with or without a
// unit.
func (t *table) isFigures(column int) bool {
	for _, row := range t.rows[1:] {
		if cell := row[column]; cell != "" && !strings.ContainsAny(cell[:1], "0123456789<") {
			return false
		}
	}
	return true
}

// count writes n with its thousands apart.
func count[T int | int64 | uint64](n T) string { return thousands(fmt.Sprint(n)) }

// thousands sets the thousands of a number apart.
func thousands(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// size writes a number of bytes in MiB.
func size(bytes uint64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

// seconds writes a duration.
func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// brief writes a duration as people do: 1h, not 1h0m0s.
func brief(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
