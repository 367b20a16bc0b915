package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// An exercise is a folder with
//
//	README.md    the task, the hints, and what others did
//	<name>.go    the file to work on; at first it is the starter
//	check_test.go
//	solution/    that file as it could be
//
// and a part of starters.txtar.
type exercise struct {
	root     string // the workshop's folder
	dir      string // slash-separated, from root: exercises/06_ties
	file     string // the file to work on: timers.go
	starter  string // that file as it was
	breaks   string // the rules that the starter breaks, with spaces between them
	solution string // that file as it could be
}

func (e exercise) path(elements ...string) string {
	return filepath.Join(append([]string{e.root, filepath.FromSlash(e.dir)}, elements...)...)
}

// name is what a learner types: ties.
func (e exercise) name() string {
	_, name, found := strings.Cut(path.Base(e.dir), "_")
	if !found {
		name = path.Base(e.dir)
	}
	return name
}

// exercises returns all exercises in their order. The last is the learner's own loop,
// which is laid out like one.
//
// The starters are in txtar's format. It is read here without its package, since a learner
// need not download that.
func (w workshop) exercises() ([]exercise, error) {
	archive, err := os.ReadFile(filepath.Join(w.dir, "starters.txtar"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("this is not the folder docs/workshop; from the top of the repository: go run -C docs/workshop . list")
	}
	var all []exercise
	for _, part := range strings.Split(unix(archive), "\n-- ")[1:] {
		head, starter, _ := strings.Cut(part, " --\n")
		file, breaks, _ := strings.Cut(head, ": ")
		starter = strings.TrimSuffix(starter, "\n") + "\n" // the last has one already
		e := exercise{root: w.dir, dir: path.Dir(file), file: path.Base(file), starter: starter, breaks: breaks}
		solution, err := os.ReadFile(e.path("solution", e.file))
		if err != nil {
			return nil, err
		}
		e.solution = unix(solution)
		all = append(all, e)
	}
	return all, err
}

// find returns the exercise of that name, folder or number. 0 stands for both warm-ups.
func find(all []exercise, name string) ([]exercise, error) {
	name = path.Base(filepath.ToSlash(name))
	var names []string
	for i, e := range all {
		base := path.Base(e.dir)
		number, _, _ := strings.Cut(base, "_")
		short := strings.TrimPrefix(number, "0") // 6, 10, 0a
		switch {
		case name == "0" && strings.HasPrefix(short, "0"):
			return all[i : i+2], nil
		case name == base, name == e.name(), name == number, name == short:
			return all[i : i+1], nil
		}
		names = append(names, e.name())
	}
	return nil, fmt.Errorf("%w: there is no exercise %q; there are %s", errUsage, name, strings.Join(names, ", "))
}

func (e exercise) readme() (string, error) {
	text, err := os.ReadFile(e.path("README.md"))
	return unix(text), err
}

// title returns the heading of the README.
func (e exercise) title() (string, error) {
	text, err := e.readme()
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimPrefix(line, "# "), err
}

var hintBlock = regexp.MustCompile(`(?s)<details>\s*<summary>Hint \d+</summary>\n(.*?)</details>`)

// hints returns the hints in the README, where a browser shows each on a click.
func (e exercise) hints() ([]string, error) {
	text, err := e.readme()
	var hints []string
	for _, match := range hintBlock.FindAllStringSubmatch(text, -1) {
		hints = append(hints, strings.TrimSpace(match[1]))
	}
	return hints, err
}

// hint writes the n-th hint, counted from 1.
func (w workshop) hint(e exercise, n int) error {
	hints, err := e.hints()
	if err != nil {
		return err
	}
	if n > len(hints) {
		return fmt.Errorf("%w: %s has %d hints; after them comes %s/solution/%s", errUsage, e.name(), len(hints), e.dir, e.file)
	}
	fmt.Fprintf(w.out, "Hint %d of %d:\n\n%s\n\n", n, len(hints), hints[n-1])
	if n < len(hints) {
		fmt.Fprintf(w.out, "The next one: go run . hint %s %d\n", e.name(), n+1)
	}
	return nil
}

// replace puts the starter or the solution in place of the file to work on. A file that
// is neither of the two is kept under another name: nothing that somebody wrote is lost.
func (w workshop) replace(e exercise, by, replacement string) error {
	mine, err := os.ReadFile(e.path(e.file))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && unix(mine) == replacement {
		fmt.Fprintf(w.out, "%s/%s is the %s already.\n", e.dir, e.file, by)
		return nil
	}
	if err == nil {
		if err := w.keep(e, mine); err != nil {
			return fmt.Errorf("nothing has been changed: %w", err)
		}
	}
	if err := os.WriteFile(e.path(e.file), []byte(replacement), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%s/%s is the %s now.\n", e.dir, e.file, by)
	return nil
}

// keep writes mine to a new file, unless it is the starter or the solution.
func (w workshop) keep(e exercise, mine []byte) error {
	if text := unix(mine); text == e.starter || text == e.solution {
		return nil
	}
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s.bak%d", e.file, n)
		file, err := os.OpenFile(e.path(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(w.out, "Your file is kept as %s/%s.\n", e.dir, name)
		_, err = file.Write(mine)
		return errors.Join(err, file.Close())
	}
}

// unix returns a text with the line endings of Unix, whatever git has made of them.
func unix(text []byte) string { return strings.ReplaceAll(string(text), "\r\n", "\n") }
