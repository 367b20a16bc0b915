// Command predict asks what each stage will cost, measures it on this machine,
// and shows guess and truth side by side.
//
//	go run ./bench/predict                     a person, or a room
//	go run ./bench/predict -window 3s          measure each cell for longer
//	go run ./bench/predict -ask                only ask, and keep the guesses
//	go run ./bench/predict -guesses last       only measure, with the guesses kept last
//	go run ./bench/predict -guesses file.txt   or with those kept in that file
//
// There are six cells: three stages, each idle and with a timer pending. A guess
// is a percentage of one core. A room calls out several; they go on one line with
// spaces between them, and the median of them counts.
//
// The guesses are kept in a file in predict-out, below the folder in which this is
// run: each as soon as it is given, a line for each cell, and the truth in the end.
//
// Input may be piped, as it is kept. A line that makes no sense is asked for again.
// The exit code is 2 for bad usage and where the input ends too early, and 1 if
// measuring fails. (go run says “exit status 2” and exits with 1 for both.)
package main

import (
	"bufio"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"example.com/eventloop/bench/cputime"
	"example.com/eventloop/internal/keep"
)

func main() {
	g := game{
		in: os.Stdin, out: os.Stdout, echo: !terminal(os.Stdin), dir: "predict-out",
		cores: runtime.GOMAXPROCS(0), measure: cell.cost, busy: cputime.Busy,
	}
	os.Exit(run(os.Args[1:], g, os.Stderr)) // Ctrl-C loses nothing: each guess is in the file
}

// A game is where guesses come from, where the answers go to, and how the truth is
// found.
type game struct {
	in      io.Reader
	out     io.Writer
	echo    bool // whether what comes in does not show by itself
	cores   int  // how many cores the loops can use
	measure func(c cell, window time.Duration) (percent float64, err error)
	busy    func() string // warns if something else uses the cores
	dir     string        // where the guesses are kept
}

// errEnded is the error of an input that ends before all is answered.
var errEnded = errors.New("the input has ended")

func run(args []string, g game, stderr io.Writer) int {
	flags := flag.NewFlagSet("predict", flag.ContinueOnError)
	flags.SetOutput(stderr)
	window := flags.Duration("window", time.Second, "how long to measure each cell")
	onlyAsk := flags.Bool("ask", false, "only ask: keep the guesses, and measure another time")
	given := flags.String("guesses", "", "take the guesses from this `file`, which an earlier run has kept; last is the newest")
	err := flags.Parse(args)
	bad := ""
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		bad = fmt.Sprintf("unexpected argument %q: guesses are asked for, or come from a pipe", flags.Arg(0))
	case *onlyAsk && *given != "":
		bad = "-ask asks for guesses and -guesses has them: choose one"
	case *window < 100*time.Millisecond || *window > time.Minute:
		bad = fmt.Sprintf("-window is %v: it must be 100ms to 1m", *window)
	}
	if bad != "" {
		fmt.Fprintln(stderr, "predict:", bad)
		return 2
	}
	r := &record{}
	if *given != "" {
		r, err = load(g, *given)
	} else {
		err = g.ask(r)
	}
	if err == nil && *onlyAsk {
		fmt.Fprintln(g.out, "To see the truth: go run ./bench/predict -guesses last")
	} else if err == nil {
		err = g.tell(r, *window)
	}
	if r != nil && r.file != nil {
		r.file.Close() // each line is written already
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "predict:", err)
	if errors.Is(err, errEnded) {
		return 2
	}
	return 1
}

const intro = `What does waiting cost? Guess the CPU time of each, in percent of one core, as
top shows it: 0 is asleep, 100 is one core busy all the time, and %d is all
that this machine has.
"Idle" is with nothing to do; "pending" is with one timer, due in an hour.
Several guesses may go on one line, with spaces between them: the median counts.

`

// ask asks for each cell until there is a guess that makes sense, and keeps it.
func (g game) ask(r *record) error {
	if err := keep.Folder(g.dir); err != nil {
		return fmt.Errorf("the guesses can't be kept: %w", err)
	}
	fmt.Fprintf(g.out, intro, 100*g.cores)
	lines := bufio.NewScanner(g.in)
	for len(r.guesses) < len(cells) {
		fmt.Fprintf(g.out, "%-28s ", cells[len(r.guesses)].String()+"?")
		if !lines.Scan() {
			fmt.Fprintln(g.out)
			err := fmt.Errorf("%w after %d of %d guesses", errEnded, len(r.guesses), len(cells))
			if r.file != nil {
				err = fmt.Errorf("%w, which are kept in %s", err, r.file.Name())
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
		if err := r.add(g.dir, guesses); err != nil {
			return err
		}
	}
	fmt.Fprintf(g.out, "\nThe guesses are kept in %s\n", r.file.Name())
	return r.complete(g.dir)
}

// tell measures each cell, and shows the truth beside the guesses.
func (g game) tell(r *record, window time.Duration) error {
	fmt.Fprintln(g.out)
	var truths []float64
	busy := g.busy()
	for i, c := range cells {
		fmt.Fprintf(g.out, "measuring %d of %d: %s ...\n", i+1, len(cells), c)
		truth, err := g.measure(c, window)
		if err != nil {
			return fmt.Errorf("measuring %s: %w", c, err)
		}
		truths = append(truths, truth)
	}
	g.show(r, truths, cmp.Or(busy, g.busy()))
	_, err := fmt.Fprintf(r.file, "The truth, in the same order: %.1f\n", truths)
	return err
}

// terminal reports whether somebody types there, as far as one can tell.
func terminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
