package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// A suite is a package of benchmarks, and what is made of its figures.
type suite struct {
	name string // its raw output is kept as name.txt
	dir  string // relative to this folder
	draw func(*results) (map[string][]byte, error)
}

var suites = []suite{
	{"stages", "..", func(r *results) (map[string][]byte, error) {
		files, err := stagePictures(r)
		if err != nil {
			return nil, err
		}
		files["stages.md"] = tables("The stages, measured", r, stageNotes)
		return files, nil
	}},
	{"peers", filepath.Join("..", "peers"), func(r *results) (map[string][]byte, error) {
		files, err := peerPictures(r)
		if err != nil {
			return nil, err
		}
		if files["goals.md"], err = goalsTable(r); err != nil {
			return nil, err
		}
		files["peers.md"] = tables("Stage 3 and its peers, measured", r, peerNotes)
		return files, nil
	}},
}

var stageNotes = map[string]string{
	"late-p50-µs": `The delays are odd, none of a whole millisecond. In a Go program that is otherwise
asleep, Linux waits for whole ones, so such timers are late by up to one. Those of
[lateness.svg](lateness.svg) are of 1, 2 or 3 ms, and lose less.`,
	"wakeups/s": `How often a thread of the process went to sleep, to be woken later (voluntary
context switches, by getrusage). The harness and Go's runtime are in it: compare
with no loop. Where a loop spins, by %cpu, the figure means nothing: what never
sleeps need not be woken.`,
}

var peerNotes = map[string]string{
	"late-p50-µs": `In the row "flow quiet" the delays are whole milliseconds, which Linux keeps best.
Of odd ones, which are later there, see Lateness in [stages.md](stages.md).`,
}

// measure builds the suites and runs them in turn, as many times as there are
// passes, so that a noisy minute does not fall on one of them alone. It returns
// their output by name, and tells on progress how far it is.
func measure(ctx context.Context, suites []suite, passes int, progress io.Writer) (map[string][]byte, error) {
	begin := time.Now()
	say := func(format string, args ...any) {
		t := time.Since(begin)
		fmt.Fprintf(progress, "%d:%02d  %s\n", int(t.Minutes()), int(t.Seconds())%60, fmt.Sprintf(format, args...))
	}
	bin, err := os.MkdirTemp("", "eventloop-report-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(bin)

	raw := map[string][]byte{}
	for _, s := range suites {
		say("building %s", s.name)
		version, err := command(ctx, s.dir, "go", "env", "GOVERSION").Output()
		if err != nil {
			return nil, fmt.Errorf("asking go for its version: %w", err)
		}
		build := command(ctx, s.dir, "go", "test", "-c", "-o", s.binary(bin), ".")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("building %s: %w\n%s", s.name, err, out)
		}
		raw[s.name] = fmt.Appendf(nil, "date: %s\ngo: %s\ncores: %d\n",
			begin.Format(time.DateOnly), bytes.TrimSpace(version), runtime.NumCPU())
	}
	measuring := time.Now()
	for pass := range passes {
		for _, s := range suites {
			out, err := s.run(ctx, bin, func(benchmark string) {
				say("pass %d of %d, %s: %s", pass+1, passes, s.name, benchmark)
			})
			if err != nil {
				return nil, err
			}
			raw[s.name] = append(raw[s.name], out...)
		}
		if left := passes - pass - 1; left > 0 {
			each := time.Since(measuring) / time.Duration(pass+1)
			say("about %v to go", (each * time.Duration(left)).Round(time.Second))
		}
	}
	return raw, nil
}

func (s suite) binary(dir string) string { return filepath.Join(dir, s.name+".test.exe") }

// run runs a suite once and returns its output. It calls begun when a
// benchmark's first line is there.
func (s suite) run(ctx context.Context, bin string, begun func(benchmark string)) ([]byte, error) {
	cmd := command(ctx, s.dir, s.binary(bin), "-test.run=^$", "-test.bench=.", "-test.benchtime=100ms", "-test.timeout=10m")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", s.name, err)
	}
	var out bytes.Buffer
	last := ""
	lines := bufio.NewReader(stdout)
	for {
		line, err := lines.ReadString('\n')
		out.WriteString(line)
		name, _, _ := strings.Cut(line, "/")
		if name, ok := strings.CutPrefix(name, "Benchmark"); ok && name != last {
			begun(name)
			last = name
		}
		if err != nil {
			break // the end, and Wait knows which
		}
	}
	if err := cmd.Wait(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%s: %w\n%s%s", s.name, err, &out, &complaint)
	}
	return out.Bytes(), nil
}

func command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	return cmd
}
