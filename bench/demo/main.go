// Command demo runs the article's own script on one of the stages: three
// timers, set in an order that is not the one they fire in, and a callback with
// arguments that is to run soon.
//
//	go run ./bench/demo -stage 1     polling: both loops spin
//	go run ./bench/demo -stage 2     queue: the timer loop spins
//	go run ./bench/demo -stage 3     event: both loops sleep
//	go run ./bench/demo -stage 1 -long    and a timer of 30 s: time to look at top
//
// It prints what happens when it happens, and at the end what it cost. Ctrl-C stops
// it cleanly: the cost so far is printed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"example.com/eventloop/bench/cputime"
	"example.com/eventloop/internal/loops"
)

// The exit codes. That of an interruption is 128 + 2, the number of SIGINT.
const done, badUsage, interrupted = 0, 2, 130

const usage = `usage: demo -stage 1|2|3 [-long]
  -stage  the loop to run: 1 (polling), 2 (queue) or 3 (event)
  -long   set a timer of 30 s too, so that there is time to look at top
`

// texts are what to say of each stage: how it waits, and what the figures show.
var texts = []struct{ waits, lesson string }{
	{"both loops look, and look again, without pause",
		"Both loops spun all the time. They would with nothing to do, too."},
	{"callbacks are waited for asleep, timers by looking again and again",
		"The timer loop spun while a timer was pending; the callback loop slept."},
	{"both loops sleep until there is something to do",
		"Both loops slept, and woke up only for what had to be done."},
}

func main() {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, restore) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], cputime.Busy, os.Stdout, os.Stderr))
}

// run is the program, with args as its command line; ctx is done when the user
// has had enough, and busy warns of a busy machine. It returns the exit code.
func run(ctx context.Context, args []string, busy func() string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage) }
	stage := flags.Int("stage", 0, "")
	long := flags.Bool("long", false, "")

	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return done
	case err != nil:
		return badUsage // Parse has said why
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "unexpected argument %q: there are only flags\n%s", flags.Arg(0), usage)
		return badUsage
	case *stage < 1 || *stage > len(loops.Stages):
		fmt.Fprintf(stderr, "no stage chosen: add -stage 1, 2 or 3\n%s", usage)
		return badUsage
	}

	delays := []time.Duration{2000 * time.Millisecond, 1000 * time.Millisecond, 3000 * time.Millisecond}
	if *long {
		delays = append(delays, 30_000*time.Millisecond)
	}
	if left := play(ctx, stdout, stderr, *stage-1, delays, busy); left > 0 {
		return interrupted
	}
	return done
}
