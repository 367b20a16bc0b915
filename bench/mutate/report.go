package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A report is what became of all mutants.
type report struct {
	outcomes  []outcome
	explained map[string]string // survivors, and why they do
	took      time.Duration
}

func newReport(outcomes []outcome, explained map[string]string, took time.Duration) report {
	return report{outcomes, explained, took}
}

// readSurvivors reads the list of survivors. A line is a mutant's name; those
// that follow, indented, are the reason. Lines with # are comments.
func readSurvivors(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	explained := make(map[string]string)
	var names []string
	reasoned := false
	for line := range strings.Lines(string(text)) {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || strings.HasPrefix(line, "#"):
		case line[0] == '\t' || line[0] == ' ':
			for _, name := range names {
				explained[name] = strings.TrimSpace(explained[name] + " " + trimmed)
			}
			reasoned = true
		default:
			if reasoned {
				names, reasoned = nil, false
			}
			names = append(names, trimmed)
			explained[trimmed] = ""
		}
	}
	for name, reason := range explained {
		if reason == "" {
			return nil, fmt.Errorf("%s: no reason is given for %s", file, name)
		}
	}
	return explained, nil
}

// A score counts mutants.
type score struct{ killed, hung, explained, open int }

func (s score) tried() int { return s.killed + s.hung + s.explained + s.open }

// String returns the share that was noticed, or need not be.
func (s score) String() string {
	if s.tried() == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(s.killed+s.hung)/float64(s.tried()))
}

func (r report) count(of func(mutant) bool) (s score) {
	for _, o := range r.outcomes {
		if !of(o.mutant) {
			continue
		}
		_, reason := r.explained[o.mutant.name()]
		switch {
		case o.fate == killed:
			s.killed++
		case o.fate == hung:
			s.hung++
		case reason:
			s.explained++
		default:
			s.open++
		}
	}
	return s
}

func (r report) files() []string {
	var files []string
	for _, o := range r.outcomes {
		if !slices.Contains(files, o.mutant.file) {
			files = append(files, o.mutant.file)
		}
	}
	return files
}

func everything(mutant) bool { return true }

// open returns the survivors that nobody has explained.
func (r report) open() []outcome {
	var open []outcome
	for _, o := range r.outcomes {
		if _, reason := r.explained[o.mutant.name()]; o.fate == survived && !reason {
			open = append(open, o)
		}
	}
	return open
}

func (r report) summary() string {
	s := r.count(everything)
	var b strings.Builder
	for _, o := range r.open() {
		fmt.Fprintf(&b, "SURVIVED %s:%d\n%s\n", o.mutant.file, o.mutant.line, o.mutant.name())
	}
	fmt.Fprintf(&b, "%d mutants: %d failed a test, %d did not end, %d survive and are explained, %d survive: %v, in %v\n",
		s.tried(), s.killed, s.hung, s.explained, s.open, s, r.took.Round(time.Second))
	return b.String()
}

// err returns an error if a survivor is unexplained, or (when all were tried) if
// one is explained that does not survive: the list is then out of date.
func (r report) err(whole bool) error {
	if n := len(r.open()); n > 0 {
		return fmt.Errorf("%d mutants survive that survivors.txt does not explain", n)
	}
	if !whole {
		return nil
	}
	var errs []error
	for name := range r.explained {
		at := slices.IndexFunc(r.outcomes, func(o outcome) bool { return o.mutant.name() == name })
		switch {
		case at < 0:
			errs = append(errs, fmt.Errorf("survivors.txt explains what is no mutant: %s", name))
		case r.outcomes[at].fate == killed:
			errs = append(errs, fmt.Errorf("survivors.txt explains what %s notices: %s", r.outcomes[at].killer, name))
		}
	}
	return errors.Join(errs...)
}

func (f fate) String() string {
	return [...]string{"killed by", "hung:", "SURVIVED"}[f]
}

func (r report) markdown() string {
	var b strings.Builder
	total := r.count(everything)
	fmt.Fprintf(&b, "<!-- Written by: go run ./bench/mutate -->\n\n")
	fmt.Fprintf(&b, "%d mutants in %v on %d cores (%s, %s/%s). Noticed: %d, which is %v; the other %d are explained below.\n\n",
		total.tried(), r.took.Round(time.Second), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH,
		total.killed+total.hung, total, total.explained)
	if total.open > 0 {
		fmt.Fprintf(&b, "**%d survive, and are not explained.**\n\n", total.open)
	}
	b.WriteString("| file | mutants | a test failed | a test did not end | explained | noticed |\n|---|---:|---:|---:|---:|---:|\n")
	row := func(name string, s score) {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %v |\n", name, s.tried(), s.killed, s.hung, s.explained, s)
	}
	for _, file := range r.files() {
		row("`"+file+"`", r.count(func(m mutant) bool { return m.file == file }))
	}
	row("all", total)

	b.WriteString("\nWho noticed first:\n\n| test | mutants |\n|---|---:|\n")
	killers := make(map[string]int)
	for _, o := range r.outcomes {
		if o.fate == killed {
			name, _, _ := strings.Cut(o.killer, "/")
			if !strings.HasPrefix(name, "Test") {
				name = "a crash outside a test"
			}
			killers[name]++
		}
	}
	var names []string
	for name := range killers {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if killers[a] != killers[b] {
			return killers[b] - killers[a]
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		fmt.Fprintf(&b, "| %s | %d |\n", name, killers[name])
	}

	b.WriteString("\nSurvivors, and why no test can notice them:\n\n| mutant | reason |\n|---|---|\n")
	cell := strings.NewReplacer("|", `\|`).Replace
	for _, o := range r.outcomes {
		if reason, ok := r.explained[o.mutant.name()]; ok && o.fate == survived {
			fmt.Fprintf(&b, "| `%s` %s | %s |\n", o.mutant.file, cell("`"+o.mutant.what+"`"), cell(reason))
		}
	}
	return b.String()
}
