// Command workshop is a learner's one command: it checks an exercise, gives a
// hint, puts back the starter, and says what a loop of your own is worth.
//
//	go run . list             the exercises
//	go run . check ties       which rules does exercises/06_ties break?
//	go run . hint ties        the first hint, then go run . hint ties 2
//	go run . reset ties       begin again; what you wrote is kept beside it
//	go run . solve ties       put the solution there; what you wrote is kept
//	go run . yours            the contract, a verdict and a benchmark of your own loop
//
// Run it in this folder, or from the top of the repository with "go -C
// docs/workshop run . list". It needs the go command and no shell, and no
// network.
//
// The go commands that it runs do not see the user's GOFLAGS.
//
// The exit code is 1 if a rule is broken or something went wrong, 2 for bad
// usage, and 130 after Ctrl-C. (go run says “exit status 2” and exits with 1 for
// all of them.)
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
)

const usage = `usage: go run . <command>
  list             the exercises
  check <name>     test what you wrote, and say which rules it breaks
  hint <name> [n]  the n-th hint
  reset <name>     put the starter back; what you wrote is kept beside it
  solve <name>     put the solution there; what you wrote is kept beside it
  yours [-count n] test and measure your own loop, yours/loop.go;
                   n is the number of rounds of the benchmark, 0 for none
A name is that of an exercise, or its number: ties, 06_ties, 6.
`

// errUsage is the error for a command line that makes no sense.
var errUsage = errors.New("bad usage")

// errBroken is the error of a check that has found what is broken, and said so.
var errBroken = errors.New("broken")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	dir, err := moduleDir(ctx, os.Stderr)
	if err == nil {
		err = run(ctx, workshop{dir: dir, out: os.Stdout, progress: os.Stderr}, os.Args[1:])
	}
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

// module is the path of the workshop's module, whatever it is called here.
func module() string {
	info, _ := debug.ReadBuildInfo()
	return info.Main.Path
}

// moduleDir returns the folder of the workshop's module. With a go.work there may
// be several modules at once, so it is asked for by name.
func moduleDir(ctx context.Context, progress io.Writer) (string, error) {
	cmd := workshop{progress: progress}.goCommand(ctx, "list", "-m", "-f", "{{.Dir}}", module())
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && ctx.Err() == nil {
		return "", fmt.Errorf("this is not the folder docs/workshop, and from here go can't find it (go list -m: %w)", err)
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", fmt.Errorf("go list -m: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

func run(ctx context.Context, w workshop, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: which command?", errUsage)
	}
	command, args := args[0], args[1:]
	switch command {
	case "list":
		return w.list(args)
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
		return w.yours(ctx, *rounds)
	case "check", "hint", "reset", "solve":
		if len(args) == 0 {
			return fmt.Errorf("%w: %s which exercise?", errUsage, command)
		}
		e, err := w.find(args[0])
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
		switch command {
		case "check":
			return w.check(ctx, e)
		case "hint":
			return w.hint(e, number)
		case "reset":
			return w.replace(e, "starter")
		default:
			return w.replace(e, "solution")
		}
	}
	return fmt.Errorf("%w: there is no command %q", errUsage, command)
}

// list writes the exercises, one on a line.
func (w workshop) list(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%w: list takes nothing", errUsage)
	}
	all, err := w.exercises()
	if err != nil {
		return err
	}
	for _, e := range all {
		title, err := e.title()
		if err != nil {
			return err
		}
		fmt.Fprintf(w.out, "%-13s %s\n", filepath.Base(e.dir), title)
	}
	fmt.Fprintf(w.out, "\nEach has a README.md and one file to work on. Then: go run . check %s\n", all[0].name())
	return nil
}
