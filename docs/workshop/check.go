package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A result is what go test said of one package.
type result struct {
	ran    []string            // the rules tried
	failed []string            // the broken ones, in the order in which it was found out
	output map[string][]string // the lines of each test, and of the package under ""
	begun  []string            // the tests that have not ended
	logged []string            // lines that check_test.go has logged
	passed bool                // the package as a whole
}

const checkName = "TestCheck"

var (
	// heading is a line of go test itself.
	heading = regexp.MustCompile(`^\s*(===|---) `)

	// place is how package testing begins a text: with where it was logged.
	place = regexp.MustCompile(`^ *\w+\.go:\d+: ?`)

	ownLog = regexp.MustCompile(`^ *check_test\.go:\d+: (.*)`)
)

// add takes in one event, and returns the rule that has failed by it.
func (r *result) add(e event) (failed string) {
	rule, isRule := strings.CutPrefix(e.Test, checkName+"/")
	switch e.Action {
	case "run":
		r.begun = append(r.begun, rule)
		if isRule {
			r.ran = append(r.ran, rule)
		}
	case "pass", "fail":
		r.begun = slices.DeleteFunc(r.begun, func(begun string) bool { return begun == rule })
		r.passed = r.passed || e.Test == "" && e.Action == "pass"
		if isRule && e.Action == "fail" {
			r.failed = append(r.failed, rule)
			return rule
		}
	case "output", "build-output":
		if r.output == nil {
			r.output = make(map[string][]string)
		}
		line := strings.TrimRight(e.Output, "\r\n")
		if !heading.MatchString(line) {
			r.output[rule] = append(r.output[rule], line)
		}
		if match := ownLog.FindStringSubmatch(line); match != nil {
			r.logged = append(r.logged, match[1])
		}
	}
	return ""
}

// said returns the first failure of a rule, without the places in the tests.
func (r *result) said(rule string) []string {
	const most = 12 // a stack may be longer
	var lines []string
	for _, line := range r.output[rule] {
		if place.MatchString(line) && len(lines) > 0 || len(lines) == most {
			break
		}
		line = place.ReplaceAllString(strings.TrimPrefix(line, "        "), "")
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// rest returns what remains to be read where no rule has ended as broken: the package does
// not compile, or a panic on another goroutine has ended it in the middle of a test.
func (r *result) rest() []string {
	lines := slices.Clone(r.logged)
	for _, test := range append(r.begun, "") {
		lines = append(lines, r.output[test]...)
	}
	return lines[:min(40, len(lines))]
}

// try tests one exercise and writes what is broken, as it shows.
func (w workshop) try(ctx context.Context, e exercise, flags ...string) (*result, error) {
	fmt.Fprintf(w.out, "%s/%s\n", e.dir, e.file)
	r := &result{}
	args := append([]string{"test", "-json"}, flags...)
	args = append(args, "-count=1", "-timeout=5m", "-run=^"+checkName+"$", "./"+e.dir)
	err := w.events(ctx, w.goCommand(ctx, args...), func(ev event) {
		if rule := r.add(ev); rule != "" {
			fmt.Fprintf(w.out, "  broken: %s\n", rule)
			for _, line := range r.said(rule) {
				fmt.Fprintf(w.out, "          %s\n", line)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	if !r.passed && (len(r.failed) == 0 || len(r.begun) > 0) {
		for _, line := range r.rest() {
			fmt.Fprintln(w.out, " ", line)
		}
	}
	return r, nil
}

// check tests an exercise and says what comes next.
func (w workshop) check(ctx context.Context, e exercise, all []exercise) error {
	r, err := w.try(ctx, e, "-short")
	if err != nil {
		return err
	}
	if !r.passed && len(r.failed) == 0 {
		fmt.Fprintln(w.out, "No rule was tried to its end: see above.")
		return errBroken
	}
	if !r.passed {
		fmt.Fprintf(w.out, "Not kept: %d of %d rules asked. A hint: go run . hint %s\n", len(r.failed), len(r.ran), e.name())
		return errBroken
	}
	for _, line := range r.logged {
		fmt.Fprintln(w.out, " ", line)
	}
	fmt.Fprintf(w.out, "All %d rules asked are kept. In full, and with what only the race detector sees: go test -race ./%s\n", len(r.ran), e.dir)
	fmt.Fprintf(w.out, "Another way to do it: %s/solution/%s. What others did: the end of %[1]s/README.md\n", e.dir, e.file)
	if i := slices.Index(all, e); i+1 < len(all) {
		fmt.Fprintf(w.out, "Next: %s/README.md\n", all[i+1].dir)
	}
	return nil
}
