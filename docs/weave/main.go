// Command weave makes the chapters, the pages and the slides of docs from their
// sources, so that they cannot go stale.
//
//	go run -C docs/weave .             write anew what has drifted
//	go run -C docs/weave . -fresh      and take all outputs of commands again
//	go run -C docs/weave . -zh         list the Chinese that is behind the English
//	go -C docs/weave test -count=1 .   fail, with a diff, if anything has drifted
//
// (Without -count=1 Go may answer from its cache: it does not know that this
// test reads files of another module.)
//
// Whatever a page quotes (code, a diff, a measured figure, the output of a
// command) stands between two comments that Markdown does not show. The first
// says where it comes from, and what is between them is made of that:
//
//	<!-- code stage1_polling/timers.go timerLoop.run -->
//	...
//	<!-- end -->
//
// These are the directives; a path is relative to the root of the repository.
//
//	code FILE DECL...                        declarations
//	diff OLD NEW DECL                        how a declaration differs in two files
//	table PAGE UNIT rows="A|B" [cols="C|D"]  rows of a table in docs/results
//	figure PAGE UNIT ROW COLUMN              one cell of it, within a sentence
//	run COMMAND                              a command and what it prints
//	broken FILE [fails="TestName/Rule"]      wrong on purpose: must not be in FILE
//	timetable                                of the workshop's guide, of its own minutes
//	commands                                 the commands shown that are not tried as they stand
//	nav                                      links to the neighbours
//	behind                                   English, in a Chinese page (twin.go)
//
// Figures in the output of a command are compared as if they were all the same,
// so a page keeps the ones it has until the rest of the output changes.
//
// A snippet that is wrong on purpose is the only thing here that is written by
// hand. It must not occur in the file it is about, and if it names a test, it
// is put in the place of the right code and that test has to fail.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	os.Exit(run(os.Args[1:], filepath.Join("..", ".."), os.Stdout, os.Stderr))
}

// run is the program. Its exit codes are 0, 1 if a page is wrong in a way that
// weaving does not mend, and 2 for a bad command line.
func run(args []string, root string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("weave", flag.ContinueOnError)
	flags.SetOutput(stderr)
	fresh := flags.Bool("fresh", false, "take the output of every command again, even if only figures have changed")
	zh := flags.Bool("zh", false, "only list what is wrong with the Chinese pages: the blocks whose English has changed, above all")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "weave: unexpected argument %q\n", flags.Arg(0))
		return 2
	}
	b, err := open(root, goTool{root})
	if err != nil {
		fmt.Fprintln(stderr, "weave:", err)
		return 1
	}
	if *zh {
		problems := b.behind()
		for _, p := range problems {
			fmt.Fprintln(stdout, p)
		}
		return min(len(problems), 1)
	}
	b.fresh = *fresh
	b.progress = func(what string) { fmt.Fprintln(stderr, what) }
	made, problems := b.weave()
	for _, path := range made.drifted(b) {
		if err := b.write(path, made[path]); err != nil {
			problems = append(problems, err)
			continue
		}
		fmt.Fprintln(stdout, "wrote", path)
	}
	for _, p := range problems {
		fmt.Fprintln(stderr, "weave:", p)
	}
	if len(problems) > 0 {
		return 1
	}
	return 0
}
