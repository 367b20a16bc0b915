// Command javascript runs JavaScript on the three loops of this project.
//
//	go run -C docs/javascript .                       the script of chapter 6 on each loop, compared
//	go run -C docs/javascript . script.js             a script of yours on each loop, compared
//	go run -C docs/javascript . -stage 3 script.js    a script of yours on stage 3
//	go run -C docs/javascript . -stage 3 -            a script from standard input
//
// With -C the go command changes to docs/javascript, and the path of the script
// counts from there. The first run downloads goja, the interpreter.
//
// On one stage, the output of the script goes to the standard output, and then
// its cost to the error output. With all of them, both go to the standard
// output. The program ends when nothing is pending.
//
// The exit codes are those of Node.js: 0, or 1 if nothing caught an error or a
// rejected promise. After Ctrl-C the code is 130. A bad flag, a missing file and
// an error of syntax are 2. (go run prints this code and exits with 1.)
//
// Package bridge puts JavaScript on a loop.
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"

	"github.com/dop251/goja"

	"example.com/eventloop/internal/loops"
)

// The exit codes.
const (
	done        = 0
	uncaught    = 1
	badUsage    = 2
	interrupted = 130 // 128 + 2, the number of SIGINT
)

// builtIn is the script that runs if none is given.
//
//go:embed scripts/question.js
var builtIn string

func main() {
	// While the script is read, Ctrl-C ends the program as it ends any other.
	request, err := read(os.Args[1:], os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "javascript:", err)
		os.Exit(badUsage)
	}
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, restore) // a second Ctrl-C ends the program at once
	os.Exit(request.run(ctx, os.Stdout, os.Stderr))
}

// A request is what the command line asks for.
type request struct {
	stages  []loops.Stage // to run on, one after the other
	compare bool
	script  *goja.Program
}

// read makes a request of the command line.
func read(args []string, stdin io.Reader) (*request, error) {
	r := &request{stages: loops.Stages, compare: true}
	flags := flag.NewFlagSet("javascript", flag.ExitOnError) // it says what is wrong, and exits with 2
	flags.Func("stage", "the `number` of the loop to run on; without it, or with all, each in turn", func(stage string) error {
		if r.compare = stage == "all"; r.compare {
			r.stages = loops.Stages
			return nil
		}
		n, err := strconv.Atoi(stage)
		if err != nil || n < 1 || n > len(loops.Stages) {
			return fmt.Errorf("the stages are 1 to %d, and all", len(loops.Stages))
		}
		r.stages = loops.Stages[n-1 : n]
		return nil
	})
	_ = flags.Parse(args)
	if flags.NArg() > 1 {
		return nil, fmt.Errorf("unexpected argument %q: there is one script, and flags come before it", flags.Arg(1))
	}
	name, source := "question.js", builtIn
	if flags.NArg() == 1 {
		var err error
		if name, source, err = readScript(flags.Arg(0), stdin); err != nil {
			return nil, err
		}
	}
	var err error
	r.script, err = goja.Compile(name, source, false)
	return r, err
}

func readScript(path string, stdin io.Reader) (name, source string, err error) {
	var raw []byte
	if path == "-" {
		path = "standard input"
		raw, err = io.ReadAll(stdin)
	} else if raw, err = os.ReadFile(path); err != nil {
		here, _ := os.Getwd()
		err = fmt.Errorf("%w (paths count from %s)", err, here)
	}
	return path, string(raw), err
}
