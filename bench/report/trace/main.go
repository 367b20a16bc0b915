// Command trace has Go's runtime write down what its goroutines do while each stage
// plays the article's script in small, and draws it: who was awake when.
//
//	go run -C bench/report ./trace
//
// It writes trace.md and a picture of each stage into docs/results. The pictures in
// docs/pictures show the idea, drawn by hand; these show what happened, and nothing in
// them is made up.
//
// What it counts is how often a goroutine changed its state: it began to run, gave way,
// fell asleep, was woken. Writing that down takes time, far more than to do it. So the
// counts are true, and fewer than without a trace; what a stage costs is for package
// bench to say.
//
// Exit codes are 0, 1 if something failed, and 2 for a bad command line.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/trace"
	"time"

	"example.com/eventloop"
	polling "example.com/eventloop/stage1_polling"
	queue "example.com/eventloop/stage2_queue"
	event "example.com/eventloop/stage3_event"
)

type stage struct {
	file    string // its picture
	title   string
	newLoop func() eventloop.Loop
}

var stages = []stage{
	{"trace_stage1.svg", "stage 1, polling", func() eventloop.Loop { return polling.New() }},
	{"trace_stage2.svg", "stage 2, queue", func() eventloop.Loop { return queue.New() }},
	{"trace_stage3.svg", "stage 3, event", func() eventloop.Loop { return event.New() }},
}

// second is what a second of the article's script takes here.
const second = 10 * time.Millisecond

// runs is how often each stage is recorded.
const runs = 10

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("trace", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dir := flags.String("dir", filepath.Join("..", "..", "docs", "results"), "the `folder` to write to")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2 // flags has said why
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "trace: unexpected argument %q: there are only flags\n", flags.Arg(0))
		return 2
	}
	if err := report(*dir, stdout); err != nil {
		fmt.Fprintln(stderr, "trace:", err)
		return 1
	}
	return 0
}

// report records each stage, and writes all that is made of it into dir.
func report(dir string, stdout io.Writer) error {
	files := map[string][]byte{}
	var stories []story
	for _, s := range stages {
		told, err := quietest(s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
		stories = append(stories, told)
		files[s.file] = draw(s.title, told)
	}
	about := fmt.Sprintf("%d cores · %s %s/%s · %s", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, time.Now().Format(time.DateOnly))
	files["trace.md"] = page(about, stories)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	_, err := stdout.Write(files["trace.md"])
	return err
}

// quietest records a stage some times and returns the story whose callbacks came soonest.
// What else runs on the machine takes cores away, and so only makes them later.
func quietest(s stage) (best story, err error) {
	for i := range runs {
		raw, err := record(s.newLoop(), second)
		if err != nil {
			return best, err
		}
		told, err := read(bytes.NewReader(raw))
		if err != nil {
			return best, err
		}
		if i == 0 || told.cameAt() < best.cameAt() {
			best = told
		}
	}
	return best, nil
}

// What the script writes into the trace, so that whoever reads it knows which
// goroutine is which, and when a callback ran.
const (
	whoIs    = "who"
	yourCode = "your code"
	callback = "callback"
)

// record plays the article's script on loop, with a shorter second, and returns the
// trace of it. (This is what bench/demo plays.)
func record(loop eventloop.Loop, second time.Duration) ([]byte, error) {
	var out bytes.Buffer
	if err := trace.Start(&out); err != nil {
		return nil, err
	}
	defer trace.Stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	left := 4
	says := func(name string) func() {
		return func() {
			trace.Log(ctx, callback, name)
			if left--; left == 0 {
				cancel()
			}
		}
	}
	trace.Log(ctx, whoIs, yourCode)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		loop.Run(ctx) // its error is that ctx is done, which is known
	}()
	loop.SetTimeout(2*second, says("a"))
	loop.SetTimeout(1*second, says("b"))
	loop.SetTimeout(3*second, says("c"))
	loop.CallSoon(says("add(3, 4)"))
	<-ended
	trace.Stop()
	return out.Bytes(), nil
}
