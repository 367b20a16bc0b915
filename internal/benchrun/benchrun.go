// Package benchrun builds the tests of packages, and runs their benchmarks in rounds.
package benchrun

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"example.com/eventloop"
	"example.com/eventloop/internal/benchtext"
)

// A Binary is the built tests of a package.
type Binary struct {
	Pkg  string // the package's import path
	Dir  string // its folder, in which the tests run
	File string // none if the package has no tests
}

// Build builds the tests of packages, each into a file in the folder into. The patterns
// are as go test would take them in dir, and so are the flags.
func Build(ctx context.Context, dir, into string, flags []string, patterns ...string) ([]Binary, error) {
	list := []string{"list", "-json=false", "-f", "{{.ImportPath}}\t{{.Dir}}"}
	listed, err := Go(ctx, dir, append(list, patterns...)...)
	if err != nil {
		return nil, err
	}
	var binaries []Binary
	for line := range strings.Lines(listed) {
		pkg, folder, _ := strings.Cut(strings.TrimSpace(line), "\t")
		file := filepath.Join(into, fmt.Sprintf("%d.test.exe", len(binaries)))
		args := append([]string{"test", "-json=false", "-c", "-o", file}, flags...)
		if _, err := Go(ctx, dir, append(args, pkg)...); err != nil {
			return nil, fmt.Errorf("building the tests of %s: %w", pkg, err)
		}
		if _, err := os.Stat(file); err != nil {
			file = "" // go says that there are none, and that this is no error
		}
		binaries = append(binaries, Binary{pkg, folder, file})
	}
	return binaries, nil
}

// Go runs the go command, and returns what it writes without the space around it. What
// it complains of is in the error. If there is a dir it runs in that one, by the go.mod
// there alone: without a workspace, and without the flags of go env -w.
func Go(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	if cmd.Dir = dir; dir != "" {
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-count=1") // a flag that changes nothing
	}
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	text := strings.TrimSpace(string(out))
	if err != nil {
		err = fmt.Errorf("go %s: %w\n%s", args[0], err, strings.TrimSpace(complaint.String()+"\n"+text))
	}
	return text, err
}

// ModuleRoot returns the folder of the module of the loops, in whatever module this
// runs.
func ModuleRoot(ctx context.Context) (string, error) {
	module := reflect.TypeFor[eventloop.Loop]().PkgPath() // whatever it is called here
	root, err := Go(ctx, "", "list", "-json=false", "-m", "-f", "{{.Dir}}", module)
	switch {
	case err != nil:
		err = fmt.Errorf("finding %s, which must be this module or one it requires: %w", module, err)
	case root == "":
		err = fmt.Errorf("the benchmarks of %s are not in the vendor folder, which has no tests: try GOFLAGS=-mod=mod", module)
	}
	return root, err
}

// Run runs the benchmarks that match, and calls each with every line of the output, as
// it comes. When ctx is done it ends the process, whatever that is doing.
func (b Binary) Run(ctx context.Context, match, benchtime string, stderr io.Writer, each func(line string)) error {
	if b.File == "" {
		return nil
	}
	file, err := filepath.Abs(b.File)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, file, "-test.run=^$", "-test.bench="+match, "-test.benchtime="+benchtime)
	cmd.Dir = b.Dir
	out, in := io.Pipe()
	cmd.Stdout, cmd.Stderr = in, stderr
	cmd.WaitDelay = time.Second // for output that a child of it still holds
	ended := make(chan error, 1)
	go func() {
		ended <- cmd.Run()
		in.Close()
	}()
	err = benchtext.Lines(out, each)
	if failed := <-ended; failed != nil {
		err = fmt.Errorf("the benchmarks of %s: %w", b.Pkg, failed)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// A Task is what a round has of one package.
type Task struct {
	Binary
	Match string // of the benchmarks, as -bench
	Each  func(line string)
}

// Rounds runs all tasks, so many times over: in turn, so that a minute in which the
// machine is busy with something else falls on all of them alike. Before each round it
// calls begin, with the number of the round and about how long the rest will take: zero
// where that is not known.
func Rounds(ctx context.Context, rounds int, benchtime string, tasks []Task, stderr io.Writer, begin func(round int, left time.Duration)) error {
	start := time.Now()
	for round := range rounds {
		left := time.Duration(0)
		if round > 0 {
			left = time.Since(start) / time.Duration(round) * time.Duration(rounds-round)
		}
		begin(round+1, left)
		for _, task := range tasks {
			if err := task.Run(ctx, task.Match, benchtime, stderr, task.Each); err != nil {
				return fmt.Errorf("round %d: %w", round+1, err)
			}
		}
	}
	return nil
}

// ToGo returns ", about 40s to go", or nothing where that is not known.
func ToGo(left time.Duration) string {
	if left == 0 {
		return ""
	}
	return fmt.Sprintf(", about %v to go", left.Round(time.Second))
}
