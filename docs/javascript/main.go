// Command javascript runs JavaScript on the loops of this project.
//
//	go run -C docs/javascript . -stage 1              a built-in script on stage 1
//	go run -C docs/javascript . -stage 3 script.js    a script of yours on stage 3
//	go run -C docs/javascript . -stage 3 -            a script from standard input
//	go run -C docs/javascript . -stage all script.js  on each loop in turn, compared
//
// (With -C the go command changes to docs/javascript, and the path of the script
// counts from there.)
//
// What the script prints goes to the standard output, and at the end what it
// cost to the error output. With -stage all both go to the standard output. The
// program ends when nothing is pending. The exit codes are Node.js's where it
// has one: 0; 1 if an error or a rejected promise was caught by nobody; 130 after
// Ctrl-C. A bad flag, a missing file and an error of syntax are 2. (go run says
// "exit status 2", and itself exits with 1.)
//
// How JavaScript gets onto a loop is in package bridge.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"example.com/eventloop"
	"example.com/eventloop/bench/tuned"
	polling "example.com/eventloop/stage1_polling"
	queue "example.com/eventloop/stage2_queue"
	event "example.com/eventloop/stage3_event"
)

// The exit codes.
const (
	done        = 0
	uncaught    = 1
	badUsage    = 2
	interrupted = 130 // 128 + 2, the number of SIGINT
)

// A loop is what a script can run on.
type loop struct {
	stage string // what -stage calls it
	name  string
	new   func() eventloop.Loop
}

var loops = []loop{
	{"1", "stage 1, polling", func() eventloop.Loop { return polling.New() }},
	{"2", "stage 2, queue", func() eventloop.Loop { return queue.New() }},
	{"3", "stage 3, event", func() eventloop.Loop { return event.New() }},
	{"tuned", "tuned", func() eventloop.Loop { return tuned.New() }},
}

// stages lists what -stage may be.
func stages() string {
	var all []string
	for _, l := range loops {
		all = append(all, l.stage)
	}
	return strings.Join(append(all, "all"), "|")
}

func usage() string {
	return "usage: javascript -stage " + stages() + ` [script.js | -]
  -stage  the loop to run on; all is each in turn, compared
  Without a script a built-in one runs; - reads it from standard input.
`
}

// builtIn is what runs without a script.
//
//go:embed scripts/question.js
var builtIn string

func main() {
	// Until the script is there, Ctrl-C ends the program as it ends any other.
	request, code := read(os.Args[1:], os.Stdin, os.Stderr)
	if request == nil {
		os.Exit(code)
	}
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, restore) // a second Ctrl-C ends the program at once
	os.Exit(request.run(ctx, os.Stdout, os.Stderr))
}

// A request is what the command line asks for.
type request struct {
	loops   []loop // to run on, one after the other
	compare bool
	script  *goja.Program
}

// read makes a request of the command line. Where it can't it says why, and what
// the exit code is.
func read(args []string, stdin io.Reader, stderr io.Writer) (*request, int) {
	r := &request{}
	flags := flag.NewFlagSet("javascript", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage()) }
	flags.Func("stage", "", func(stage string) error {
		if r.compare = stage == "all"; r.compare {
			r.loops = loops
			return nil
		}
		i := slices.IndexFunc(loops, func(l loop) bool { return l.stage == stage })
		if i < 0 {
			return errors.New("there is only " + stages())
		}
		r.loops = loops[i : i+1]
		return nil
	})
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil, done
	case err != nil:
		return nil, badUsage // Parse has said why
	case flags.NArg() > 1:
		fmt.Fprintf(stderr, "unexpected argument %q: there is one script, and flags come before it\n%s", flags.Arg(1), usage())
		return nil, badUsage
	case r.loops == nil:
		fmt.Fprintf(stderr, "no stage chosen: add -stage %s\n%s", stages(), usage())
		return nil, badUsage
	}
	name, source, err := readScript(flags.Arg(0), stdin)
	if err == nil {
		r.script, err = goja.Compile(name, source, false)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return nil, badUsage
	}
	return r, done
}

func readScript(path string, stdin io.Reader) (name, source string, err error) {
	var raw []byte
	switch path {
	case "":
		return "question.js", builtIn, nil
	case "-":
		name = "standard input"
		raw, err = io.ReadAll(stdin)
	default:
		name = path
		raw, err = os.ReadFile(path)
	}
	if errors.Is(err, os.ErrNotExist) && !filepath.IsAbs(path) {
		here, _ := os.Getwd()
		err = fmt.Errorf("there is no %s in %s", path, here)
	}
	return name, string(raw), err
}
