package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

// An event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64 // in seconds
}

// goTest runs go test -json in the workshop's folder and calls each with what
// happens, as it happens. The error says why there may be less than all of it,
// and not that a test failed.
func (w workshop) goTest(ctx context.Context, each func(event), args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, args...)...)
	cmd.Dir = w.dir
	cmd.WaitDelay = 10 * time.Second
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewReader(out)
	events := 0
	for {
		line, readErr := lines.ReadBytes('\n')
		var e event
		if json.Unmarshal(line, &e) == nil {
			events++
			each(e)
		}
		if readErr != nil {
			break
		}
	}
	err = cmd.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && events == 0 {
		return fmt.Errorf("go test: %w\n%s", err, complaints.String())
	}
	return nil
}

// A result is what go test said of one package.
type result struct {
	ran    []string            // the rules tried
	failed []string            // those that failed
	output map[string][]string // what each test wrote
	logged []string            // what our own checks wrote, of whatever test
	rest   []string            // what was written outside of any test: of a build that fails, of a panic
	passed bool                // the package as a whole
}

const check = "TestCheck"

// ownLog is a line that check_test.go itself has logged.
var ownLog = regexp.MustCompile(`^\s*check_test\.go:\d+: (.*)`)

// add takes in one event, and returns the rule that has failed by it.
func (r *result) add(e event) (failed string) {
	rule, isRule := strings.CutPrefix(e.Test, check+"/")
	switch e.Action {
	case "run":
		if isRule {
			r.ran = append(r.ran, rule)
		}
	case "fail":
		if isRule {
			r.failed = append(r.failed, rule)
			return rule
		}
	case "pass":
		if e.Test == "" {
			r.passed = true
		}
	case "output", "build-output":
		if e.Test == "" {
			r.rest = append(r.rest, strings.TrimRight(e.Output, "\n"))
			break
		}
		if r.output == nil {
			r.output = make(map[string][]string)
		}
		line := strings.TrimRight(e.Output, "\n")
		r.output[rule] = append(r.output[rule], line)
		if match := ownLog.FindStringSubmatch(line); match != nil {
			r.logged = append(r.logged, match[1])
		}
	}
	return ""
}

// said returns the first of what a rule has said, without the names of files.
func (r *result) said(rule string) string {
	for _, line := range r.output[rule] {
		if strings.HasPrefix(line, "=== ") || strings.HasPrefix(strings.TrimSpace(line), "--- ") {
			continue
		}
		if _, text, found := strings.Cut(line, ".go:"); found {
			if _, text, found = strings.Cut(text, ": "); found {
				return shorten(text)
			}
		}
	}
	return ""
}

// shorten leaves out the middle of what is too long to read. At the end of a
// failure is the rule.
func shorten(text string) string {
	const most = 300
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most/2]) + " ... " + string(runes[len(runes)-most/2:])
}

// try tests one exercise and writes what is broken, as it shows.
func (w workshop) try(ctx context.Context, e exercise) (*result, error) {
	r := &result{}
	slow := newWatch(w.progress, 10*time.Second)
	defer slow.stop()
	err := w.goTest(ctx, func(ev event) {
		if ev.Action == "run" {
			slow.now(ev.Test)
		}
		if rule := r.add(ev); rule != "" {
			fmt.Fprintf(w.out, "  broken: %s\n", rule)
			if said := r.said(rule); said != "" {
				fmt.Fprintf(w.out, "          %s\n", said)
			}
			if ev.Elapsed > 30 {
				fmt.Fprintln(w.progress, "  (It hung. What has hung once may do so again: Ctrl-C ends the check here.)")
			}
		}
	}, "-short", "-count=1", "-run=^"+check+"$", "./"+e.dir)
	if err != nil {
		return nil, err
	}
	if !r.passed && len(r.failed) == 0 {
		// It does not compile, or has ended in the middle, or is no loop at all.
		for _, line := range slices.Concat(r.logged, r.rest) {
			fmt.Fprintln(w.out, " ", line)
		}
	}
	return r, nil
}

// check tests an exercise and says what comes next.
func (w workshop) check(ctx context.Context, e exercise) error {
	fmt.Fprintf(w.out, "%s/%s\n", e.dir, e.file)
	r, err := w.try(ctx, e)
	if err != nil {
		return err
	}
	if !r.passed {
		if len(r.failed) > 0 {
			fmt.Fprintf(w.out, "%d of %d rules broken. A hint: go run . hint %s\n", len(r.failed), len(r.ran), e.name())
		} else {
			fmt.Fprintln(w.out, "No rule was tried to its end: see above.")
		}
		return errBroken
	}
	for _, line := range r.logged {
		fmt.Fprintln(w.out, " ", line)
	}
	fmt.Fprintf(w.out, "All %d rules kept. Another way to do it: %s/solution/%s\n", len(r.ran), e.dir, e.file)
	all, err := w.exercises()
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(all, func(other exercise) bool { return other.dir == e.dir }); i+1 < len(all) {
		fmt.Fprintf(w.out, "Next: %s/README.md\n", all[i+1].dir)
	}
	return nil
}

// A watch says what is being waited for when nothing has happened for a while.
type watch struct {
	names chan string
	done  chan struct{}
}

func newWatch(out io.Writer, patience time.Duration) watch {
	w := watch{names: make(chan string), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		name := ""
		timer := time.NewTimer(patience)
		defer timer.Stop()
		for {
			select {
			case next, ok := <-w.names:
				if !ok {
					return
				}
				name = next
				timer.Reset(patience)
			case <-timer.C:
				if name != "" {
					fmt.Fprintf(out, "  (%s takes long. One that hangs is given up after a minute.)\n", name)
				}
			}
		}
	}()
	return w
}

func (w watch) now(name string) { w.names <- name }

func (w watch) stop() {
	close(w.names)
	<-w.done
}
