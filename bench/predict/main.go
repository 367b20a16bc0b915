// Command predict asks what each stage will cost, measures it on this machine,
// and shows guess and truth side by side.
//
//	go run ./bench/predict                     a person, or a room
//	go run ./bench/predict -window 3s          measure each cell for longer
//	go run ./bench/predict -ask                only ask, and keep the guesses
//	go run ./bench/predict -guesses last       only measure, with the guesses kept last
//	go run ./bench/predict -guesses file.csv   or with those kept in that file
//
// There are six cells: three stages, each idle and with a timer pending. A guess
// is a percentage of one core. A room calls out several; they go on one line,
// and the median of them counts.
//
// The guesses are kept in a file in predict-out, below the folder in which this is
// run, each as soon as it is given, and the truth beside them in the end. Where nothing can be written the game goes on
// without, but for -ask. Each cell is measured in a process of its
// own, so that none is charged for what another left behind.
//
// Input may be piped, a line for each cell. What makes no sense is said to, and
// asked for again; if the input ends before all is answered, the exit code is
// 2, as for bad usage. It is 1 if measuring fails. (go run says “exit status 2”
// and exits with 1 for both.)
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == measureArg {
		os.Exit(child(os.Args[2:], os.Stdout, os.Stderr))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	// A line that is being read can't be interrupted. Nothing is lost by ending
	// here: each guess is in the file already.
	game := game{in: os.Stdin, out: os.Stdout, echo: !terminal(os.Stdin), cores: runtime.GOMAXPROCS(0), measure: inProcess, dir: outDir}
	done := make(chan int, 1)
	go func() { done <- run(ctx, os.Args[1:], game, os.Stderr) }()
	select {
	case code := <-done:
		os.Exit(code)
	case <-ctx.Done():
		fmt.Fprintln(os.Stderr, "\npredict: stopped")
		os.Exit(130)
	}
}

// A game is where guesses come from, where the answers go to, and who knows
// the truth.
type game struct {
	in      io.Reader
	out     io.Writer
	echo    bool // whether what comes in does not show by itself
	cores   int  // how many cores the loops can use
	measure func(ctx context.Context, c cell, window time.Duration) (percent float64, err error)
	dir     string // where the guesses are kept
}

// errEnded is the error of an input that ends before all is answered.
var errEnded = errors.New("the input has ended")

func run(ctx context.Context, args []string, g game, stderr io.Writer) int {
	flags := flag.NewFlagSet("predict", flag.ContinueOnError)
	flags.SetOutput(stderr)
	window := flags.Duration("window", time.Second, "how long to measure each cell")
	onlyAsk := flags.Bool("ask", false, "only ask: keep the guesses, and measure another time")
	given := flags.String("guesses", "", "take the guesses from this `file`, which an earlier run has kept; last is the newest")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "predict: unexpected argument %q: guesses are asked for, or come from a pipe\n", flags.Arg(0))
		return 2
	case *onlyAsk && *given != "":
		fmt.Fprintln(stderr, "predict: -ask asks for guesses and -guesses has them: choose one")
		return 2
	case *window < 100*time.Millisecond || *window > time.Minute:
		fmt.Fprintf(stderr, "predict: -window is %v: it must be 100ms to 1m\n", *window)
		return 2
	}
	if *onlyAsk {
		*window = 0
	}
	err = g.play(ctx, *window, *given)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errEnded):
		fmt.Fprintln(stderr, "predict:", err)
		return 2
	}
	fmt.Fprintln(stderr, "predict:", err)
	return 1
}

// play is the whole of it: ask, measure, show. With a window of zero it only
// asks.
func (g game) play(ctx context.Context, window time.Duration, given string) error {
	var r *record
	var err error
	switch given {
	case "":
		r, err = create(g.dir)
		if err != nil && window > 0 { // what is kept is only for another time
			fmt.Fprintf(g.out, "The guesses can't be kept: %v\n\n", err)
			r, err = &record{}, nil
		}
		if err == nil {
			err = g.ask(r)
		}
	case newest:
		r, err = loadNewest(g.dir, g.cores, func(err error) { fmt.Fprintf(g.out, "passed over: %v\n", err) })
	default:
		r, err = load(given, g.cores)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(g.out)
	if r.file != "" {
		fmt.Fprintf(g.out, "The guesses are kept in %s\n", r.file)
	}
	if window == 0 {
		fmt.Fprintln(g.out, "To see the truth: go run ./bench/predict -guesses last")
		return nil
	}
	for i, c := range cells {
		fmt.Fprintf(g.out, "measuring %d of %d: %s ...\n", i+1, len(cells), c)
		truth, err := g.measure(ctx, c, window)
		if err != nil {
			return fmt.Errorf("measuring %s: %w", c, err)
		}
		r.truths = append(r.truths, truth)
	}
	g.show(r)
	if err := r.save(); err != nil {
		fmt.Fprintf(g.out, "\nThe truth can't be kept beside the guesses: %v\n", err)
	}
	return nil
}

const intro = `What does waiting cost? Guess the CPU time of each, in percent of one core, as
top shows it: 0 is asleep, 100 is one core busy all the time, and %d is all
that this machine has.
"Idle" is with nothing to do; "pending" is with one timer, due in an hour.
Several guesses may go on one line: the median counts.

`

// ask asks for each cell until there is a guess that makes sense.
func (g game) ask(r *record) error {
	fmt.Fprintf(g.out, intro, 100*g.cores)
	lines := bufio.NewScanner(g.in)
	for len(r.guesses) < len(cells) {
		c := cells[len(r.guesses)]
		fmt.Fprintf(g.out, "%-28s ", c.String()+"?")
		if !lines.Scan() {
			fmt.Fprintln(g.out)
			err := fmt.Errorf("%w after %d of %d guesses", errEnded, len(r.guesses), len(cells))
			if r.file != "" {
				err = fmt.Errorf("%w, which are kept in %s", err, r.file)
			}
			return errors.Join(err, lines.Err())
		}
		if g.echo {
			fmt.Fprintln(g.out, lines.Text())
		}
		guesses, err := parse(lines.Text(), g.cores)
		if err != nil {
			fmt.Fprintf(g.out, "  %v\n", err)
			continue
		}
		r.guesses = append(r.guesses, guesses)
		if err := r.save(); err != nil {
			return err
		}
	}
	return nil
}

// terminal reports whether somebody types there, as far as one can tell.
func terminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// outDir is where the guesses are kept, below the folder in which this is run.
const outDir = "predict-out"
