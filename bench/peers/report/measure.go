package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"time"

	"example.com/eventloop/internal/benchrun"
	"example.com/eventloop/internal/benchtext"
)

// A suite is what is measured together, and what is made of its figures.
type suite struct {
	name     string // its raw output is kept as name.txt
	dir      string // relative to this folder
	packages []string
	match    string // of their benchmarks: those that tell loops apart
	draw     func(*results, map[string][]byte)
}

var suites = []suite{
	{"stages", "../../..", []string{"./bench", "./bench/tuned"}, "^Benchmark(Idle|Waiting|Firing|SetStop|CallSoon|Lateness|Loop)$/^impl=", stages},
	{"peers", "..", []string{"."}, ".", peers},
}

// A line about the machine, which stands before the benchmarks.
var config = regexp.MustCompile(`^[a-z]+: `)

// measure builds the suite and runs it as many times as there are passes. It returns
// the output, and tells on progress how far it is.
func (s suite) measure(ctx context.Context, passes int, progress io.Writer) ([]byte, error) {
	fmt.Fprintf(progress, "building %s\n", s.name)
	bin, err := os.MkdirTemp("", "eventloop-report-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(bin)
	version, err := benchrun.Go(ctx, s.dir, "env", "GOVERSION")
	if err != nil {
		return nil, err
	}
	binaries, err := benchrun.Build(ctx, s.dir, bin, nil, s.packages...)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "date: %s\ngo: %s\ncores: %d\n", time.Now().Format(time.DateOnly), version, runtime.NumCPU())

	results := 0
	var tasks []benchrun.Task
	for _, b := range binaries {
		var reader benchtext.Reader
		tasks = append(tasks, benchrun.Task{Binary: b, Match: s.match, Each: func(line string) {
			if result, ok := reader.Line(line); ok {
				result.Name = benchtext.Canonical(result.Name)
				fmt.Fprintln(&out, result)
				results++
			} else if config.MatchString(line) && results == 0 {
				fmt.Fprintln(&out, line)
			} else if !config.MatchString(line) && line != "PASS" {
				fmt.Fprintln(progress, line)
			}
		}})
	}
	err = benchrun.Rounds(ctx, passes, "100ms", tasks, progress, func(n int, left time.Duration) {
		fmt.Fprintf(progress, "%s: pass %d of %d%s\n", s.name, n, passes, benchrun.ToGo(left))
	})
	return out.Bytes(), err
}
