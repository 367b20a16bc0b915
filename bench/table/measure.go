package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

const module = "example.com/eventloop"

// A runner runs other programs; the tests have one that only pretends.
type runner interface {
	// output returns what the program wrote, without the space around it.
	output(dir, name string, args ...string) (string, error)
	// lines calls each with every line the program writes, as it comes.
	lines(dir string, stderr io.Writer, each func(line string), name string, args ...string) error
}

// measure runs the rounds. It shows the lines on stdout and keeps those of
// benchmarks in the file raw.
func measure(ctx context.Context, c config, goTool runner, root, raw string, stdout, stderr io.Writer) error {
	if err := os.MkdirAll(filepath.Dir(raw), 0o755); err != nil {
		return err
	}
	file, err := os.Create(raw)
	if err != nil {
		return err
	}
	defer file.Close()

	flags := []string{"test", "-run=^$", "-count=1", "-bench=" + c.bench, "-benchtime=" + c.benchtime}
	begin := time.Now()
	for round := range c.count {
		fmt.Fprintf(stderr, "round %d of %d%s\n", round+1, c.count, remaining(round, c.count, time.Since(begin)))
		keep := func(line string) {
			if noise.MatchString(line) || round > 0 && machine.MatchString(line) {
				return
			}
			fmt.Fprintln(stdout, line)
			fmt.Fprintln(file, canonical(line)) // an error shows in Close
		}
		err := goTool.lines(root, stderr, keep, "go", append(flags, "./bench")...)
		if err == nil && len(c.packages) > 0 {
			err = goTool.lines("", stderr, keep, "go", append(flags, c.packages...)...)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("round %d: go test: %w", round+1, err)
		}
	}
	return file.Close()
}

func remaining(done, all int, spent time.Duration) string {
	if done == 0 {
		return ""
	}
	left := spent / time.Duration(done) * time.Duration(all-done)
	return fmt.Sprintf(", about %v to go", left.Round(time.Second))
}

var (
	// What go test says around the benchmarks, and the machine, said once.
	noise   = regexp.MustCompile(`^(PASS$|ok\s)`)
	machine = regexp.MustCompile(`^(goos|goarch|pkg|cpu): `)

	// What bench.Run writes: the loop first, since it can't do otherwise.
	byLoop = regexp.MustCompile(`^Benchmark[^/\s]*/(impl=[^/\s]+)/([A-Z][A-Za-z]*)`)
)

// canonical gives a line written by bench.Run the name that the same scenario
// has in our own benchmarks, so that both are in one row of the table:
//
//	BenchmarkLoop/impl=yours/Waiting/timers=1 → BenchmarkWaiting/impl=yours/timers=1
func canonical(line string) string {
	return byLoop.ReplaceAllString(line, "Benchmark$2/$1")
}

// tool is the runner that does run them.
type tool struct{}

func (tool) output(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("%w\n%s", err, bytes.TrimSpace(exit.Stderr))
	}
	return strings.TrimSpace(string(out)), err
}

func (tool) lines(dir string, stderr io.Writer, each func(string), name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		each(scanner.Text())
	}
	return errors.Join(scanner.Err(), cmd.Wait())
}
