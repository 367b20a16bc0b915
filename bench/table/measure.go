package main

import (
	"context"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
	"time"

	"example.com/eventloop/internal/benchrun"
	"example.com/eventloop/internal/benchtext"
)

// patterns returns the -bench for the scenarios: in our own benchmarks a loop is
// below its scenario, in those that call bench.Run a scenario is below its loop.
func patterns(scenarios []string) (ours, others string) {
	for _, s := range scenarios {
		name, size, sized := strings.Cut(s, "/")
		first, second := "|^Benchmark"+name+"$/^impl=", "|^Benchmark/^impl=/^"+name+"$"
		if sized {
			first, second = first+"/^"+size+"$", second+"/^"+size+"$"
		}
		ours, others = ours+first, others+second
	}
	return ours[1:], others[1:]
}

// A measurement takes in what the benchmarks write.
type measurement struct {
	count          int
	benchtime      string
	scenarios      []string
	stdout, stderr io.Writer

	text    benchtext.Text
	owners  map[string]string // of each column: which benchmark of which package
	remarks string            // to be repeated below the table
}

var (
	machine    = regexp.MustCompile(`^(goos|goarch|pkg|cpu): `) // it is shown once
	processors = regexp.MustCompile(`-[0-9]+$`)                 // their number, behind a name
)

// measure runs the rounds. It shows all lines, and keeps those of loops in file.
func (m *measurement) measure(ctx context.Context, stages, others []benchrun.Binary, file io.Writer) error {
	ours, theirs := patterns(m.scenarios)
	m.owners = make(map[string]string)
	results := make(map[string]int) // by package
	var tasks []benchrun.Task
	round := 0
	for i, binary := range append(stages, others...) {
		match := theirs
		if i < len(stages) {
			match = ours
		}
		var reader benchtext.Reader
		tasks = append(tasks, benchrun.Task{Binary: binary, Match: match, Each: func(line string) {
			result, ok := reader.Line(line)
			switch {
			case ok && strings.Contains(result.Name, "impl="):
				result.Name = m.name(result)
				if err := m.text.Add(result); err != nil {
					m.remark(err.Error())
				}
				results[binary.Pkg]++
				fmt.Fprintln(file, result) // an error shows in Close
			case line == "PASS", machine.MatchString(line) && (round > 1 || i > 0):
				return
			case machine.MatchString(line):
				fmt.Fprintln(file, line)
			}
			fmt.Fprintln(m.stdout, line)
		}})
	}
	check := func() {
		for _, task := range tasks {
			if results[task.Pkg] == 0 {
				m.remark("not measured: " + task.Pkg + ": no benchmark there calls bench.Run within b.Run(\"impl=...\"), or it leaves out these scenarios")
			}
		}
	}
	err := benchrun.Rounds(ctx, m.count, m.benchtime, tasks, m.stderr, func(n int, left time.Duration) {
		if round = n; n == 2 {
			check() // at once, not after some minutes
		}
		fmt.Fprintf(m.stderr, "round %d of %d%s\n", n, m.count, benchrun.ToGo(left))
	})
	if err == nil && round == 1 {
		check()
	}
	return err
}

func (m *measurement) remark(s string) {
	fmt.Fprintln(m.stderr, s)
	m.remarks += s + "\n"
}

// name returns the name under which a result counts: that of the scenario in our
// own benchmarks, and of a loop that is no other one's.
func (m *measurement) name(r benchtext.Result) string {
	name, owner := benchtext.Canonical(r.Name), r.Pkg
	if name != r.Name {
		benchmark, _, _ := strings.Cut(r.Name, "/")
		owner += ".Benchmark" + benchmark
	}
	_, loop := benchtext.Split(processors.ReplaceAllString(name, ""))
	column := loop
	for _, more := range []string{path.Base(r.Pkg), path.Base(owner), owner} {
		if has, taken := m.owners[column]; !taken || has == owner {
			break
		}
		column = loop + "@" + strings.ReplaceAll(more, "/", ".")
	}
	if _, known := m.owners[column]; !known && column != loop {
		m.remark(fmt.Sprintf("two loops have the name impl=%s: that of %s is in the column %s", loop, r.Pkg, column))
	}
	m.owners[column] = owner
	return strings.Replace(name, "impl="+loop, "impl="+column, 1)
}
