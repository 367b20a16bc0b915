// Command tricks measures what each trick of package tuned buys: the same benchmark
// with it and without it, in turn, in one run.
//
//	go run ./bench/tuned/tricks             # two minutes, on a quiet machine
//	go run ./bench/tuned/tricks -passes 3   # fewer times
//	go run ./bench/tuned/tricks -write      # and keep the raw text: docs/results/tuned.txt
//
// It prints the medians in ns/op, with and without, and how many times as much it is
// without. In the raw text each benchmark has the trick in its name, as in
// SetStop/goroutines=4/shards=without. So benchstat -col /shards compares the two.
//
// To leave a trick out is a change of a few lines (tricks.go), laid over the source
// for one build. The loop keeps the contract all the same: a test sees to that.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"example.com/eventloop/internal/benchrun"
	"example.com/eventloop/internal/benchtext"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	passes := flag.Int("passes", 7, "how often to run each benchmark")
	write := flag.Bool("write", false, "keep the raw text in docs/results/tuned.txt")
	flag.Parse()
	log.SetFlags(0)
	if flag.NArg() > 0 || *passes < 1 {
		log.Fatal("tricks: -passes is at least 1, and there are no other arguments")
	}
	if err := run(ctx, *passes, *write); err != nil {
		log.Fatalf("tricks: %v", err)
	}
}

func run(ctx context.Context, passes int, write bool) error {
	dir, err := os.MkdirTemp("", "tricks")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	root, err := benchrun.ModuleRoot(ctx)
	if err != nil {
		return err
	}

	var raw strings.Builder
	fmt.Fprintf(&raw, "date: %s\ngo: %s\ncores: %d\n", time.Now().Format(time.DateOnly), runtime.Version(), runtime.NumCPU())
	var tasks []benchrun.Task
	for _, trick := range tricks {
		for loop, edits := range trick.loops() {
			built, err := build(ctx, root, filepath.Join(dir, trick.name+loop), edits)
			if err != nil {
				return fmt.Errorf("%s: %w", trick.name, err)
			}
			for _, row := range trick.rows {
				match := "^Benchmark" + strings.ReplaceAll(row, "/", "$/^") + "$"
				tasks = append(tasks, benchrun.Task{Binary: built[0], Match: match, Each: keep(&raw, trick.benchmark(row, loop))})
			}
		}
	}
	err = benchrun.Rounds(ctx, passes, "200ms", tasks, os.Stderr, func(pass int, _ time.Duration) {
		fmt.Fprintf(os.Stderr, "pass %d of %d\n", pass, passes)
	})
	if err != nil {
		return err
	}
	if write {
		if err := os.WriteFile(filepath.Join(root, "docs", "results", "tuned.txt"), []byte(raw.String()), 0o666); err != nil {
			return err
		}
	}
	return show(raw.String())
}

// benchmark returns the name of a row in the raw output, where trick=with and
// trick=without are its two loops.
func (t trick) benchmark(row, loop string) string { return row + "/" + t.name + "=" + loop }

var config = regexp.MustCompile(`^(goos|goarch|cpu): `)

// keep returns a function that writes to raw each result, under the given name, and what
// the machine is.
func keep(raw *strings.Builder, name string) func(line string) {
	var reader benchtext.Reader
	return func(line string) {
		if result, ok := reader.Line(line); ok {
			result.Name = name
			fmt.Fprintln(raw, result)
		} else if config.MatchString(line) && !strings.Contains(raw.String(), line) {
			fmt.Fprintln(raw, line)
		}
	}
}

// show prints the medians of raw.
func show(raw string) error {
	text, err := benchtext.Parse(strings.NewReader(raw))
	if err != nil {
		return err
	}
	fmt.Println(text.Provenance())
	for _, trick := range tricks {
		for _, row := range trick.rows {
			with, err := text.Median(trick.benchmark(row, "with"), "ns/op")
			without, missing := text.Median(trick.benchmark(row, "without"), "ns/op")
			if err = errors.Join(err, missing); err != nil {
				return err
			}
			fmt.Printf("%-8s%-26s%6.0f%6.0f%8.2f\n", trick.name, row, with, without, without/with)
		}
	}
	return nil
}

// build builds the benchmarks in dir, with edits laid over the source of package tuned.
func build(ctx context.Context, root, dir string, edits []edit) ([]benchrun.Binary, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	overlay := map[string]map[string]string{"Replace": {}}
	for _, e := range edits {
		file, edited := filepath.Join(root, "bench", "tuned", e.file), filepath.Join(dir, e.file)
		src, err := os.ReadFile(cmp.Or(overlay["Replace"][file], file))
		if err != nil {
			return nil, err
		}
		text := strings.ReplaceAll(string(src), "\r\n", "\n")
		old := cmp.Or(e.old, text)
		if n := strings.Count(text, old); n != 1 {
			return nil, fmt.Errorf("%s has %q %d times, not once", e.file, old, n)
		}
		if err := os.WriteFile(edited, []byte(strings.Replace(text, old, e.new, 1)), 0o666); err != nil {
			return nil, err
		}
		overlay["Replace"][file] = edited
	}
	table, err := json.Marshal(overlay)
	file := filepath.Join(dir, "overlay.json")
	if err = errors.Join(err, os.WriteFile(file, table, 0o666)); err != nil {
		return nil, err
	}
	return benchrun.Build(ctx, root, dir, []string{"-vet=off", "-overlay=" + file}, "./bench/tuned/tricks")
}
