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
	"reflect"
	"regexp"
	"strings"
	"time"

	"example.com/eventloop"
	"example.com/eventloop/bench"
)

// module is the path of the module of the loops, whatever it is called here.
var module = reflect.TypeFor[eventloop.Loop]().PkgPath()

// A runner runs the go command; the tests have one that only pretends.
type runner interface {
	// output returns what it wrote, without the space around it.
	output(dir string, args ...string) (string, error)
	// lines calls each with every line it writes, as it comes.
	lines(dir string, stderr io.Writer, each func(line string), args ...string) error
}

// patterns returns what go test -bench has to be told for the scenarios that
// match: in our own benchmarks a loop is below its scenario, in those that call
// bench.Run a scenario is below its loop.
func patterns(scenarios []string) (ours, others string) {
	var a, b []string
	for _, s := range scenarios {
		name, size, sized := strings.Cut(s, "/")
		first, second := "^Benchmark"+name+"$/^impl=", "^Benchmark/^impl=/^"+name+"$"
		if sized {
			first, second = first+"/^"+size+"$", second+"/^"+size+"$"
		}
		a, b = append(a, first), append(b, second)
	}
	return strings.Join(a, "|"), strings.Join(b, "|")
}

// matching returns the scenarios that match the expression.
func matching(expression *regexp.Regexp) (scenarios []string) {
	for _, s := range bench.Scenarios() {
		if expression.MatchString(s) {
			scenarios = append(scenarios, s)
		}
	}
	return scenarios
}

// measure runs the rounds, and adds what they say to m. It shows the lines on
// stdout and keeps those of benchmarks in file. What was measured when it fails
// is in m.
func measure(ctx context.Context, c config, goTool runner, root string, m *medians, file *os.File, stdout, stderr io.Writer) error {
	ours, others := patterns(c.scenarios)
	flags := []string{"test", "-run=^$", "-count=1", "-cpu=", "-json=false", "-benchtime=" + c.benchtime}
	begin := time.Now()
	for round := range c.count {
		fmt.Fprintf(stderr, "round %d of %d%s\n", round+1, c.count, remaining(round, c.count, time.Since(begin)))
		keep := func(line string) {
			m.add(line)
			if noise.MatchString(line) || round > 0 && machine.MatchString(line) {
				return
			}
			fmt.Fprintln(stdout, line)
			fmt.Fprintln(file, canonical(line)) // an error shows in Close
		}
		err := goTool.lines(root, stderr, keep, append(flags, "-bench="+ours, "./bench")...)
		if err == nil && len(c.packages) > 0 {
			err = goTool.lines("", stderr, keep, append(append(flags, "-bench="+others), c.packages...)...)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("round %d: go test: %w", round+1, err)
		}
		if silent := m.silent(); round == 0 && len(silent) > 0 {
			fmt.Fprintln(stderr, notMeasured(silent))
		}
	}
	return nil
}

// notMeasured says of which packages nothing is in the table, and why.
func notMeasured(packages []string) string {
	return "not measured: " + strings.Join(packages, ", ") + ": no benchmark there calls bench.Run within b.Run(\"impl=...\"), or it leaves out these scenarios"
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
	noise   = regexp.MustCompile(`^(PASS$|ok\s|\?\s)`)
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

// tool is the runner that does run it.
type tool struct{}

func command(dir string, args []string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	if dir != "" {
		// The module of the loops, by its own go.mod alone. A flag that changes
		// nothing keeps out those of go env -w.
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-count=1")
	}
	return cmd
}

func (tool) output(dir string, args ...string) (string, error) {
	cmd := command(dir, args)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	text := strings.TrimSpace(string(out))
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, strings.TrimSpace(stderr.String()+"\n"+text))
	}
	return text, err
}

func (tool) lines(dir string, stderr io.Writer, each func(string), args ...string) error {
	cmd := command(dir, args)
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
