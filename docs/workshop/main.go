// Command workshop is a learner's one command: it checks an exercise, gives a hint, puts
// back the starter, and judges a loop of your own. "go run . help" lists its commands.
//
// Run it in this folder, or from the top of the repository with
// "go run -C docs/workshop . list". It needs the go command, no shell and no network.
//
// The exit code is 1 if a rule is broken or something went wrong, 2 for bad usage, and
// 130 after Ctrl-C. (go run says “exit status 2” and exits with 1 for all of them.)
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path"
	"strconv"
)

const usage = `usage: go run . <command>
  list             the exercises, and a * where your file is no longer the starter
  check <name>     test your file, and say which rules it breaks
  hint <name> [n]  the n-th hint
  reset <name>     put the starter back; your file is kept beside it
  solve <name>     put the solution there; your file is kept beside it
  yours [-count n] test and measure your own loop, yours/loop.go;
                   n is the number of rounds of the benchmark, 0 for none
A name is that of an exercise, or its number: ties, 06_ties, 6. 0 is both warm-ups.
`

// errUsage is the error for a command line that makes no sense.
var errUsage = errors.New("bad usage")

// errBroken is the error of a check that has found a broken rule, and said which.
var errBroken = errors.New("broken")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	err := run(ctx, workshop{dir: ".", out: os.Stdout, progress: os.Stderr}, os.Args[1:])
	switch {
	case err == nil:
	case errors.Is(err, errBroken):
		os.Exit(1)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "workshop: stopped")
		os.Exit(130)
	case errors.Is(err, errUsage):
		fmt.Fprintf(os.Stderr, "%v\n%s", err, usage)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "workshop:", err)
		os.Exit(1)
	}
}

// A workshop is this folder and where to write to.
type workshop struct {
	dir           string
	out, progress io.Writer
}

func run(ctx context.Context, w workshop, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: which command?", errUsage)
	}
	all, err := w.exercises()
	if err != nil {
		return err
	}
	command, args := args[0], args[1:]
	switch command {
	case "list":
		return w.list(all)
	case "yours":
		flags := flag.NewFlagSet("yours", flag.ContinueOnError)
		flags.SetOutput(io.Discard)
		rounds := flags.Int("count", 1, "")
		if err := flags.Parse(args); err != nil {
			return fmt.Errorf("%w: %v", errUsage, err)
		}
		if flags.NArg() > 0 || *rounds < 0 {
			return fmt.Errorf("%w: yours takes only -count, and that not below zero", errUsage)
		}
		return w.yours(ctx, all[len(all)-1], *rounds)
	case "check", "hint", "reset", "solve":
	default:
		return fmt.Errorf("%w: there is no command %q", errUsage, command)
	}

	if len(args) == 0 {
		return fmt.Errorf("%w: %s which exercise?", errUsage, command)
	}
	chosen, err := find(all, args[0])
	if err != nil {
		return err
	}
	number := 1
	if command == "hint" && len(args) == 2 {
		if number, err = strconv.Atoi(args[1]); err != nil || number < 1 {
			return fmt.Errorf("%w: %q is not the number of a hint", errUsage, args[1])
		}
	} else if len(args) > 1 {
		return fmt.Errorf("%w: %s takes one exercise", errUsage, command)
	}
	for _, e := range chosen {
		switch command {
		case "check":
			err = w.check(ctx, e, all)
		case "hint":
			err = w.hint(e, number)
		case "reset":
			err = w.replace(e, "starter", e.starter)
		case "solve":
			err = w.replace(e, "solution", e.solution)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// list writes the exercises, one on a line, and which of them somebody has begun.
func (w workshop) list(all []exercise) error {
	for _, e := range all {
		title, err := e.title()
		if err != nil {
			return err
		}
		begun := " "
		if mine, err := os.ReadFile(e.path(e.file)); err != nil || unix(mine) != e.starter {
			begun = "*"
		}
		fmt.Fprintf(w.out, "%s %-13s %s\n", begun, path.Base(e.dir), title)
	}
	fmt.Fprintf(w.out, "\nA * marks a file that is no longer the starter.\nEach has a README.md and one file to work on. Then: go run . check %s\n", all[0].name())
	return nil
}
