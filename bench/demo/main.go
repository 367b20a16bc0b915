// Command demo runs the article's own script on one of the stages: three
// timers, set in an order that is not the one they fire in, and a callback with
// arguments that is to run soon.
//
//	go run ./bench/demo -stage 1     polling: both loops spin
//	go run ./bench/demo -stage 2     queue: the timer loop spins
//	go run ./bench/demo -stage 3     event: both loops sleep
//	go run ./bench/demo -stage 1 -long    and a timer of 30 s: time to look at top
//
// It prints what happens when it happens, and at the end what it cost.
//
// Ctrl-C stops it cleanly: the cost so far is printed and the exit code is 130,
// as shells have it for a program that was interrupted. The exit code of a bad
// flag is 2. (go run says “exit status 2”, and itself exits with 1.)
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"time"

	"example.com/eventloop"
	polling "example.com/eventloop/stage1_polling"
	queue "example.com/eventloop/stage2_queue"
	event "example.com/eventloop/stage3_event"
)

// The exit codes.
const (
	done        = 0
	badUsage    = 2
	interrupted = 130 // 128 + 2, the number of SIGINT
)

const usage = `usage: demo -stage 1|2|3 [-long]
  -stage  the loop to run: 1 (polling), 2 (queue) or 3 (event)
  -long   set a timer of 30 s too, so that there is time to look at top
`

// A stage is one of the three loops, and what to say of it.
type stage struct {
	name    string
	waits   string // how it waits
	lesson  string // what the figures show
	newLoop func() eventloop.Loop
}

var stages = []stage{
	{
		name:    "Stage 1, polling",
		waits:   "both loops look, and look again, without pause",
		lesson:  "Both loops spun all the time. They would with nothing to do, too.",
		newLoop: func() eventloop.Loop { return polling.New() },
	},
	{
		name:    "Stage 2, queue",
		waits:   "callbacks are waited for asleep, timers by looking again and again",
		lesson:  "The timer loop spun as long as a timer was pending; the callback loop slept.",
		newLoop: func() eventloop.Loop { return queue.New() },
	},
	{
		name:    "Stage 3, event",
		waits:   "both loops sleep until there is something to do",
		lesson:  "Both loops slept, and woke up only for what had to be done.",
		newLoop: func() eventloop.Loop { return event.New() },
	},
}

func main() {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, restore) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program, with args as its command line; ctx is done when the user
// has had enough. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var chosen *stage
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage) }
	flags.Func("stage", "", func(number string) error {
		for i := range stages {
			if number == strconv.Itoa(i+1) {
				chosen = &stages[i]
				return nil
			}
		}
		return errors.New("there are stages 1, 2 and 3")
	})
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
	case chosen == nil:
		fmt.Fprintf(stderr, "no stage chosen: add -stage 1, 2 or 3\n%s", usage)
		return badUsage
	}

	delays := []time.Duration{2000 * time.Millisecond, 1000 * time.Millisecond, 3000 * time.Millisecond}
	if *long {
		delays = append(delays, 30_000*time.Millisecond)
	}
	if left := play(ctx, stdout, *chosen, delays); left > 0 {
		return interrupted
	}
	return done
}
