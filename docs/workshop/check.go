package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A result is what go test said of one package.
type result struct {
	ran    []string            // the rules tried
	failed []string            // those that failed
	output map[string][]string // what each test wrote
	logged []string            // what our own checks wrote, of whatever test
	rest   []string            // what was written outside of any test: of a build that fails, of a panic
	passed bool                // the package as a whole
	hangs  int                 // in how many of those that failed the loop hung
	begun  []string            // the tests that have not ended
}

const check = "TestCheck"

// ownLog is a line that check_test.go itself has logged.
var ownLog = regexp.MustCompile(`^\s*check_test\.go:\d+: (.*)`)

// add takes in one event, and returns the rule that has failed by it.
func (r *result) add(e event) (failed string) {
	rule, isRule := strings.CutPrefix(e.Test, check+"/")
	switch e.Action {
	case "run":
		r.begun = append(r.begun, rule)
	case "pass", "fail", "skip":
		r.begun = slices.DeleteFunc(r.begun, func(begun string) bool { return begun == rule })
	}
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

// diedOf returns what the tests wrote that have not ended, when all has: a panic on
// another goroutine ends the process in the middle of a test.
func (r *result) diedOf() []string {
	const most = 30 // the first stack is in it
	var lines []string
	for _, test := range r.begun {
		for _, line := range r.output[test] {
			if !strings.HasPrefix(line, "=== ") && len(lines) < most {
				lines = append(lines, line)
			}
		}
	}
	return lines
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

// hung reports whether a rule was given up: looptest has waited in vain, and
// accuses the loop of nothing but that it hangs.
func (r *result) hung(rule string) bool {
	return slices.ContainsFunc(r.output[rule], func(line string) bool { return strings.Contains(line, ", in vain, for ") })
}

// doing returns where the goroutines of a loop that hangs are in the learner's
// file, one a line: timers.go:77, in timerLoop.turn.
func (r *result) doing(rule string, e exercise) []string {
	stacks := slices.IndexFunc(r.output[rule], func(line string) bool { return strings.HasSuffix(line, " its goroutines:") })
	if stacks < 0 {
		return nil
	}
	var all []string
	found := false
	for _, line := range r.output[rule][stacks+1:] {
		frame := strings.Fields(line)
		if len(frame) != 2 {
			break
		}
		if frame[1] == "×" { // so many goroutines are where the next lines say
			found = false
			continue
		}
		file, number, _ := cutLast(frame[1], ":")
		if found || !strings.HasSuffix(strings.ReplaceAll(file, `\`, "/"), "/"+e.dir+"/"+e.file) {
			continue
		}
		found = true // the innermost is enough
		all = append(all, fmt.Sprintf("%s:%s, in %s", e.file, number, functionName(frame[0])))
	}
	return all
}

// functionName returns timerLoop.turn for example.com/wakeup.(*timerLoop).turn.
func functionName(name string) string {
	_, name, _ = strings.Cut(name[strings.LastIndex(name, "/")+1:], ".")
	return strings.NewReplacer("(*", "", ")", "").Replace(name)
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
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
func (w workshop) try(ctx context.Context, e exercise, flags ...string) (*result, error) {
	r := &result{}
	slow := newWatch(w.progress, 10*time.Second)
	defer slow.stop()
	err := w.goTest(ctx, func(ev event) {
		if ev.Action == "run" {
			slow.now(ev.Test)
		}
		if rule := r.add(ev); rule != "" {
			w.tell(r, e, rule)
		}
	}, append(flags, "-count=1", "-timeout=5m", "-run=^"+check+"$", "./"+e.dir)...)
	if err != nil {
		return nil, err
	}
	if !r.passed && (len(r.failed) == 0 || len(r.begun) > 0) {
		// It does not compile, or has ended in the middle, or is no loop at all.
		for _, line := range slices.Concat(r.logged, r.diedOf(), r.rest) {
			fmt.Fprintln(w.out, " ", line)
		}
	}
	return r, nil
}

// tell writes what a rule that has failed has said.
func (w workshop) tell(r *result, e exercise, rule string) {
	how := "broken: " + rule
	if r.hung(rule) {
		r.hangs++
		how = "hangs:  while it was asked for " + rule
	}
	fmt.Fprintf(w.out, "  %s\n", how)
	if said := r.said(rule); said != "" {
		fmt.Fprintf(w.out, "          %s\n", said)
	}
	for _, at := range r.doing(rule, e) {
		fmt.Fprintf(w.out, "          %s\n", at)
	}
}

// check tests an exercise and says what comes next.
func (w workshop) check(ctx context.Context, e exercise) error {
	fmt.Fprintf(w.out, "%s/%s\n", e.dir, e.file)
	r, err := w.try(ctx, e, "-short")
	if err != nil {
		return err
	}
	if !r.passed {
		if r.hangs > 0 {
			fmt.Fprintln(w.out, "Begin where it hangs: what else it breaks can be told when it goes on.")
		}
		if len(r.failed) > 0 {
			fmt.Fprintf(w.out, "%d of the %d rules asked are not kept. A hint: go run . hint %s\n", len(r.failed), len(r.ran), e.name())
		} else {
			fmt.Fprintln(w.out, "No rule was tried to its end: see above.")
		}
		return errBroken
	}
	for _, line := range r.logged {
		fmt.Fprintln(w.out, " ", line)
	}
	// An exercise that is not a loop has only rules of its own, and none is large.
	if slices.ContainsFunc(r.logged, func(line string) bool { return strings.Contains(line, "(-short)") }) {
		fmt.Fprintf(w.out, "All %d rules asked are kept, the largest at a tenth of their size.\n", len(r.ran))
		fmt.Fprintf(w.out, "In full: go test ./%s (with -race, also what only that sees)\n", e.dir)
	} else {
		fmt.Fprintf(w.out, "All %d rules asked are kept. (What only the race detector sees: go test -race ./%s)\n", len(r.ran), e.dir)
	}
	fmt.Fprintf(w.out, "Another way to do it: %s/solution/%s\n", e.dir, e.file)
	if err := w.compare(e); err != nil {
		return err
	}
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
					fmt.Fprintf(out, "  (%s takes long. One that hangs is given up after a minute; Ctrl-C ends the check.)\n", name)
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
