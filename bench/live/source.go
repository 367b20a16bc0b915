package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
	"example.com/eventloop/internal/source"
)

// A workshop makes a lane's programs of a folder of Go code.
type workshop struct {
	name string                              // of the programs, as top shows them
	dir  string                              // the source, absolute
	out  string                              // for what is built
	show string                              // the declaration that the page shows; "" for the first method Run or run
	edit func(timers string) (string, error) // of timers.go before it is built; nil if it is built as it is

	built int // a program that runs can't be replaced on every system: each has a folder of its own
}

// A program is built from a source. Each run of it is a process of its own, and its one
// argument is the file of the code.
type program struct {
	exe  string
	code excerpt
}

// print returns a text that differs whenever a file of the source has been saved:
// polling times of modification is slow, simple, and works everywhere.
func (w *workshop) print() string {
	var b strings.Builder
	for _, name := range w.files() {
		if info, err := os.Stat(name); err == nil {
			fmt.Fprintln(&b, name, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}

// files returns the source's Go files, but for tests, in order. If there is no such
// folder, the build says so.
func (w *workshop) files() []string {
	files, _ := filepath.Glob(filepath.Join(w.dir, "*.go"))
	return slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

// read returns the text of one of the source's files as it is built.
func (w *workshop) read(file string) (string, error) {
	src, err := os.ReadFile(file)
	if err == nil && w.edit != nil && filepath.Base(file) == "timers.go" {
		return w.edit(string(src))
	}
	return string(src), err
}

// mainFile is a lane's program. Package lane is all that it knows of us, so a source
// may be in any module that requires this one.
const mainFile = `package main

import (
	"%[1]s"
	"%[1]s/bench/live/lane"

	loop %[2]q
)

func main() {
	lane.Main(func() eventloop.Loop { return loop.New() })
}
`

// module is the path of the module of the loops, whatever it is called here.
var module = reflect.TypeFor[eventloop.Loop]().PkgPath()

// one is held while something is built: a machine with two cores has enough to do
// with that.
var one sync.Mutex

// build returns the program, or what the compiler says.
func (w *workshop) build(ctx context.Context) (program, error) {
	one.Lock()
	defer one.Unlock()
	importPath, err := goCommand(ctx, w.dir, "list", "-f={{.ImportPath}}", ".")
	if err != nil {
		return program{}, err
	}
	w.built++
	folder := func(n int) string { return filepath.Join(w.out, fmt.Sprint(n)) }
	os.RemoveAll(folder(w.built - 2)) // the one before may still run
	exe := filepath.Join(folder(w.built), w.name)
	if runtime.GOOS == "windows" {
		exe += ".exe"
	}
	main, timers, overlay := exe+".go", exe+"_timers.go", exe+".json"
	err = errors.Join(os.MkdirAll(folder(w.built), 0o777),
		os.WriteFile(main, fmt.Appendf(nil, mainFile, module, importPath), 0o666))
	replaced := map[string]string{}
	if w.edit != nil {
		original := filepath.Join(w.dir, "timers.go")
		edited, unread := w.read(original)
		err = errors.Join(err, unread, os.WriteFile(timers, []byte(edited), 0o666))
		replaced[original] = timers
	}
	replace, _ := json.Marshal(map[string]any{"Replace": replaced}) // strings
	if err := errors.Join(err, os.WriteFile(overlay, replace, 0o666)); err != nil {
		return program{}, err
	}
	code := w.excerpt()
	_, err = goCommand(ctx, w.dir, "build", "-overlay", overlay, "-o", exe, main)
	return program{exe, code}, err
}

// goCommand returns what the go command printed or, as an error, what it complained
// of.
func goCommand(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	printed, err := cmd.Output()
	if err == nil {
		return strings.TrimSpace(string(printed)), nil
	}
	var words []string
	for line := range strings.Lines(complaints.String()) {
		if !strings.HasPrefix(line, "# ") { // that is the package
			line = strings.TrimRight(line, "\r\n")
			words = append(words, strings.TrimPrefix(strings.TrimPrefix(line, "./"), `.\`))
		}
	}
	if len(words) == 0 {
		return "", err
	}
	return "", errors.New(strings.Join(words, "\n"))
}

// findModule returns the folder of the module of the loops. We must be in that module,
// or in one that requires it.
func findModule(ctx context.Context) (string, error) {
	dir, err := goCommand(ctx, "", "list", "-m", "-f={{.Dir}}", module)
	if err != nil {
		return "", fmt.Errorf("the lanes follow the source of the loops, which can't be found: run this in the repository, or in a module that requires it (%w)", err)
	}
	return dir, nil
}

// unwoken takes the wake-up out of stage 3's timers.go: a loop that sleeps is woken
// only if it had no timer at all. The lines keep their numbers.
func unwoken(timers string) (string, error) {
	const sooner = "if t.deadline < l.until {"
	if strings.Count(timers, sooner) != 1 {
		return "", fmt.Errorf("timers.go: %q is not there once, and so there is no wake-up to take out", sooner)
	}
	return strings.Replace(timers, sooner, "if l.until == never { // the wake-up is gone: not if it is sooner", 1), nil
}

// An excerpt is the lines of a source that the page shows.
type excerpt struct {
	file  string // as in stage1_polling/timers.go
	lines []int  // their numbers there
	text  []string
}

// lit returns which lines of the excerpt goroutines are at, one for each goroutine
// that is in it.
func (e excerpt) lit(stacks [][]int) (lit []int) {
	for _, stack := range stacks {
		for _, line := range stack {
			if i := slices.Index(e.lines, line); i >= 0 {
				lit = append(lit, i)
				break
			}
		}
	}
	return lit
}

// excerpt returns the lines that the page shows, all of one file. Lines that are comment
// and nothing else are left out: the page has no room for them. A file that can't be
// read has none: the build says why.
func (w *workshop) excerpt() excerpt {
	for _, name := range w.files() {
		src, _ := w.read(name)
		file, err := source.Parse(name, strings.ReplaceAll(src, "\r\n", "\n"))
		if err != nil {
			continue
		}
		for _, d := range file.Decls() {
			isRun := w.show == "" && strings.HasSuffix(strings.ToLower(d.Names[0]), ".run")
			if !isRun && d.Names[0] != w.show {
				continue
			}
			e := excerpt{file: path.Join(filepath.Base(w.dir), filepath.Base(name))}
			number := file.Fset.Position(d.Node.Pos()).Line
			for line := range strings.Lines(file.Text(d.Node)) {
				if !strings.HasPrefix(strings.TrimSpace(line), "//") {
					e.lines = append(e.lines, number)
					e.text = append(e.text, strings.TrimRight(line, "\n"))
				}
				number++
			}
			return e
		}
	}
	return excerpt{}
}
