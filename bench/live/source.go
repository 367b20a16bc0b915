package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"time"

	"example.com/eventloop"
)

// A source is a folder of Go code that a lane follows.
type source struct {
	dir string // absolute

	// The statements that the page shows: a method, and how each begins. With
	// none it is the first loop of a method named Run or run.
	parts [][2]string
}

// A program is what a source has been built into. Each run of it is a process of
// its own, to be killed if ctx is done and it does not end.
type program func(ctx context.Context, args ...string) *exec.Cmd

// print returns a string that differs whenever a file of the source has been
// saved: polling times of modification is slow, simple, and works everywhere.
func (s source) print() string {
	var b strings.Builder
	for _, name := range s.files() {
		if info, err := os.Stat(filepath.Join(s.dir, name)); err == nil {
			fmt.Fprintln(&b, name, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}

// files returns the names of its Go files, but for tests, in order.
func (s source) files() (names []string) {
	entries, _ := os.ReadDir(s.dir) // if there is no such folder, the build says so
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			names = append(names, e.Name())
		}
	}
	return names
}

// A workshop makes a lane's programs of a source.
type workshop struct {
	source
	stage int    // whose words suit it, 0 if none do
	dir   string // for what is built
	built int    // a program that runs can't be replaced on every system: each has a name of its own
}

func (w *workshop) words() int { return w.stage }

// mainFile is a lane's program. package lane is all that it knows of us, so a source
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

// build implements [maker].
func (w *workshop) build(ctx context.Context) (program, string, error) {
	one.Lock()
	defer one.Unlock()
	path, err := goCommand(ctx, w.source.dir, "list", "-f={{.ImportPath}}", ".")
	if err != nil {
		return nil, "", err
	}
	main := filepath.Join(w.dir, "main.go")
	err = errors.Join(os.MkdirAll(w.dir, 0o777), os.WriteFile(main, fmt.Appendf(nil, mainFile, module, path), 0o666))
	if err != nil {
		return nil, "", err
	}
	name := func(n int) string { return filepath.Join(w.dir, fmt.Sprintf("loop%d.exe", n)) } // Windows wants it so, others don't mind
	w.built++
	os.Remove(name(w.built - 2)) // the one before may still run
	exe, code := name(w.built), w.excerpt()
	if _, err := goCommand(ctx, w.source.dir, "build", "-o", exe, main); err != nil {
		return nil, "", err
	}
	return func(ctx context.Context, args ...string) *exec.Cmd { return exec.CommandContext(ctx, exe, args...) }, code, nil
}

// goCommand returns what the go command printed or, as an error, what it complained
// of.
func goCommand(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err == nil {
		return strings.TrimSpace(stdout.String()), nil
	}
	var words []string
	for line := range strings.Lines(stderr.String()) {
		line = strings.TrimRight(line, "\r\n")
		line = strings.TrimPrefix(strings.TrimPrefix(line, "./"), `.\`)
		if strings.HasPrefix(line, "# ") { // the package
			continue
		}
		if words = append(words, line); len(words) == maxWords {
			break
		}
	}
	if len(words) == 0 {
		return "", err
	}
	return "", errors.New(strings.Join(words, "\n"))
}

// maxWords is how many lines a compiler may say on a page. (Go's stops after ten
// mistakes.)
const maxWords = 12

// findModule returns the folder of the module of the loops, which must be that in
// which we are or one that it requires.
func findModule(ctx context.Context) (string, error) {
	dir, err := goCommand(ctx, "", "list", "-m", "-f={{.Dir}}", module)
	if err != nil {
		return "", fmt.Errorf("the lanes follow the source of the loops, which can't be found: run this in the repository, or in a module that requires it (%w)", err)
	}
	return dir, nil
}

// checkLoop returns the folder of somebody's own loop.
func checkLoop(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(dir); err != nil {
		return "", errors.Unwrap(err)
	} else if !info.IsDir() {
		return "", errors.New("it is no folder")
	}
	if len((source{dir: dir}).files()) == 0 {
		return "", errors.New("there is no Go file in it")
	}
	return dir, nil
}

// excerpt returns the lines of the source that the page shows. Lines that are
// comment and nothing else are left out: the page has no room for them. So is what
// can't be found, or read.
func (s source) excerpt() string {
	parts := s.parts
	if len(parts) == 0 {
		parts = [][2]string{{"", "for "}}
	}
	var excerpts []string
	for _, part := range parts {
		for _, name := range s.files() {
			src, err := os.ReadFile(filepath.Join(s.dir, name))
			if err != nil {
				continue
			}
			if lines := statement(src, part[0], part[1]); lines != "" {
				excerpts = append(excerpts, lines)
				break
			}
		}
	}
	return strings.Join(excerpts, "\n")
}

// statement returns the first statement of a method that begins so, under its name.
// With no method it is that of any named Run or run.
func statement(src []byte, method, begins string) string {
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", src, parser.SkipObjectResolution)
	if err != nil {
		return ""
	}
	offset := func(p token.Pos) int { return files.Position(p).Offset }
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv == nil || f.Body == nil {
			continue
		}
		t := f.Recv.List[0].Type
		name := strings.TrimPrefix(string(src[offset(t.Pos()):offset(t.End())]), "*") + "." + f.Name.Name
		if method != name && !(method == "" && strings.EqualFold(f.Name.Name, "run")) {
			continue
		}
		var found ast.Stmt
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if s, ok := n.(ast.Stmt); ok && found == nil && bytes.HasPrefix(src[offset(s.Pos()):], []byte(begins)) {
				found = s
			}
			return found == nil
		})
		if found == nil {
			continue
		}
		return "// " + name + "\n" + dedent(string(src[offset(found.Pos()):offset(found.End())]), files.Position(found.Pos()).Column-1)
	}
	return ""
}

// dedent removes so many tabs from each line but the first, and lines that are
// comment and nothing else.
func dedent(code string, tabs int) string {
	var b strings.Builder
	for line := range strings.Lines(code + "\n") {
		if line = strings.TrimPrefix(line, strings.Repeat("\t", tabs)); !strings.HasPrefix(strings.TrimSpace(line), "//") {
			b.WriteString(line)
		}
	}
	return b.String()
}
