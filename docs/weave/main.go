// Command weave makes the chapters of docs from their sources, and the web pages and
// slides from the chapters.
//
//	go run -C docs/weave .             write anew what has drifted
//	go run -C docs/weave . -fresh      and take all outputs of commands again
//	go run -C docs/weave . -zh         list the Chinese that is behind the English
//	go run -C docs/weave . -pages      build docs/pages and the slides, open the first page
//	go -C docs/weave test -count=1     fail, with a diff, if anything has drifted
//
// Everything that a chapter quotes (code, a diff, a measured figure, the output of a
// command) stands between two comments that Markdown does not show. The first says
// where it comes from. The lines between them are woven: never edit them.
//
//	<!-- code stage1_polling/timers.go timerLoop.run -->
//	<!-- end -->
//
// These are the directives. A path is relative to the root of the repository.
//
//	code FILE NAME...                declarations: func, type, Type.method, const, var
//	diff OLD NEW NAME                how a declaration differs in two files
//	table FILE UNIT BENCHMARK... KEY=VALUE,...   figures of go test -bench
//	figure FILE UNIT BENCHMARK       one of them, within a sentence
//	run COMMAND                      a command and its output
//	broken FILE [fails=Test/Rule]    wrong on purpose: must not be in FILE
//	play                             the board of "Be the scheduler"
//	nav                              links to the neighbours
//
// The file of a table or figure is raw text in docs/results, such as stages.txt. A
// benchmark is named as in there, without "Benchmark" and the number of processors:
//
//	<!-- table docs/results/stages.txt %cpu Idle Waiting/timers=1 impl=none,stage1_polling -->
//	It is <!-- figure docs/results/stages.txt %cpu Waiting/impl=none/timers=1 --><!-- end -->.
//
// A table has a row for each benchmark, in the order of the directive. Its last word,
// KEY=VALUE,VALUE…, says which part of the names makes the columns; the rows are named
// without that part. Each cell is the median of the passes.
//
// Figures in the output of a command are compared as if they were all the same. So a
// page keeps the output it has until something other than a figure changes, and its
// figures may be of an older run. With -fresh every output is taken again.
//
// A snippet that is wrong on purpose is written by hand, below its directive. It must
// not occur in the file. If the directive names a test, the snippet is put in the place
// of the declarations with its names, and that test has to fail.
//
// Chinese pages: see twin.go. A paragraph with the comment "not in pages" is left out of
// the web pages, and a path such as `docs/pages/index.html` is a link there.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

func main() {
	os.Exit(run(os.Args[1:], filepath.Join("..", ".."), os.Stdout, os.Stderr))
}

// run is the program. It returns 0, 1 if a page is wrong in a way that weaving does not
// mend, or 2 for a bad command line.
func run(args []string, root string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("weave", flag.ContinueOnError)
	flags.SetOutput(stderr)
	fresh := flags.Bool("fresh", false, "take the output of every command again, even if only figures have changed")
	zh := flags.Bool("zh", false, "only list what is wrong with the Chinese pages")
	pages := flags.Bool("pages", false, "build the web pages and the slides, and open the first page")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "weave: unexpected argument %q\n", flags.Arg(0))
		return 2
	}
	b, err := open(root)
	if err != nil {
		fmt.Fprintln(stderr, "weave:", err)
		return 1
	}
	b.fresh = *fresh
	b.progress = func(format string, args ...any) { fmt.Fprintf(stderr, format, args...) }
	var out made
	switch {
	case *zh:
		b.runner = nil
		out = b.english()
		b.problems = nil // of English pages
		b.weaveChinese(out)
		out, stderr = nil, stdout
	case *pages:
		out = b.build()
	default:
		out = b.weave()
	}
	for _, path := range out.drifted(b) {
		if err := b.write(path, out[path]); err != nil {
			b.problem(err)
		} else if !*pages {
			fmt.Fprintln(stdout, "wrote", path)
		}
	}
	for _, p := range b.problems {
		fmt.Fprintln(stderr, "weave:", p)
	}
	if len(b.problems) > 0 {
		return 1
	}
	if *pages {
		first := filepath.Join(b.root, filepath.FromSlash(pagesFolder), "index.html")
		fmt.Fprintln(stdout, "the first page is", first)
		show(first)
	}
	return 0
}

// show opens a file in the browser, if there is somebody to look at it.
func show(file string) {
	if os.Getenv("CI") != "" {
		return
	}
	cmd := exec.Command("xdg-open", file)
	switch runtime.GOOS {
	case "windows":
		cmd = exec.Command("rundll32", "url.dll,FileProtocolHandler", file)
	case "darwin":
		cmd = exec.Command("open", file)
	}
	_ = cmd.Start() // where there is none, the path has been printed
}
