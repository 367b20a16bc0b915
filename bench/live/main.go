// Command live shows the three loops side by side in a browser: what each
// stage does about a timer, and what that costs, measured now.
//
//	go run ./bench/live
//
// It serves one page on this machine alone (127.0.0.1) and opens a browser on
// it. Ctrl-C ends it, and every process it started.
//
//	-port 8410    the port to listen on; 0 takes any free one
//	-open=false   print the address, open no browser
//
// To see it on another machine, run there "ssh -L 9000:127.0.0.1:8410 this-machine"
// and open http://localhost:9000.
//
// # How it is put together
//
//	browser ──POST /do──▶ server ──orders, a line each──▶ stage process
//	        ◀──/events───        ◀──reports, four a second──
//
// Each stage runs in a process of its own: this same program, started again
// as "live stage 1". So the CPU it reports is what the operating system
// charges that process, the figure that top shows beside the same process
// number. A stage's process reads orders from its standard input and ends
// when that closes; as the system closes it when the server dies, whatever of,
// nothing is left behind on any system.
//
// What is measured includes the measuring: each stage's process looks at its
// own clock and writes a report four times a second, which is why a loop that
// sleeps shows a tenth of a percent or two and not zero. A report costs the
// same however many timers are pending.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// Exit codes, as package flag has them: 2 is the caller's mistake.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// usage is what -h says, before the flags.
const usage = `usage: live [flags]

live shows the three loops side by side in a browser: what each stage does about
a timer, and what that costs, measured now. It serves one page, to this machine
alone, and goes on until Ctrl-C.

`

// stageCommand is the first argument of a stage's process. It is not a flag
// and not in the usage text: only this program says it, to itself.
const stageCommand = "stage"

func main() {
	if len(os.Args) == 3 && os.Args[1] == stageCommand {
		os.Exit(stageMain(os.Args[2]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(serverMain(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// stageMain runs one stage between standard input and standard output.
//
// Ctrl-C in a terminal goes to every process in it, this one too. It is
// ignored here: the server is told as well, closes our input, and so ends us in
// its own time.
func stageMain(number string) int {
	signal.Ignore(os.Interrupt)
	n, err := strconv.Atoi(number)
	if err == nil {
		err = runStage(n, os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitError
	}
	return exitOK
}

// serverMain serves the page until ctx is done. When it returns no process
// that it started is left, but the browser.
func serverMain(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("live", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	port := flags.Int("port", 8410, "listen on this `port` of 127.0.0.1; 0 takes any free one")
	open := flags.Bool("open", true, "open the page in a browser")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return exitOK
	} else if err != nil {
		return exitUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "live takes no arguments, only flags; %q is neither\n", flags.Arg(0))
		return exitUsage
	}
	if *port < 0 || *port > 65535 {
		fmt.Fprintf(stderr, "-port must be from 0 to 65535; %d is not\n", *port)
		return exitUsage
	}
	if badPort(*port) {
		fmt.Fprintf(stderr, "-port %d is one at which no browser opens a page, since something else is expected there; "+
			"choose another, or any free one with -port 0\n", *port)
		return exitUsage
	}

	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		fmt.Fprintf(stderr, "Port %d can't be had: %v.\nIf the page is running already, use that one; "+
			"otherwise choose another port with -port, or any free one with -port 0.\n", *port, err)
		return exitError
	}
	exe, err := os.Executable()
	if err != nil {
		fmt.Fprintf(stderr, "This program can't find itself, and so can't start the stages: %v\n", err)
		return exitError
	}

	lanes := newLanes(func(ctx context.Context, n int) *exec.Cmd {
		return exec.CommandContext(ctx, exe, stageCommand, strconv.Itoa(n))
	})
	defer lanes.close()
	for _, n := range firstOn(runtime.GOMAXPROCS(0)) {
		lanes.start(n)
	}

	address := "http://" + listener.Addr().String()
	fmt.Fprintf(stdout, "The three loops, live: %s (Ctrl-C ends it)\n", address)
	if *open {
		openBrowser(address)
	}
	if err := serve(ctx, listener, lanes); err != nil {
		fmt.Fprintln(stderr, err)
		return exitError
	}
	return exitOK
}

// serve answers requests until ctx is done.
func serve(ctx context.Context, listener net.Listener, lanes *lanes) error {
	server := &http.Server{
		Handler:           newHandler(lanes),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		// An event stream ends with ctx, so that Shutdown need not wait for it.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	failed := make(chan error, 1) // 1: Serve returns whether or not somebody listens
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if server.Shutdown(patience) != nil {
		server.Close()
	}
	<-failed
	return nil
}

// firstOn returns the stages to start with. Stage 1 keeps two cores busy from
// the first moment, with nothing to do: on a machine that has no more than
// about that, it would starve the other two, this server and the browser.
func firstOn(cores int) []int {
	if cores < 4 {
		return []int{2, 3}
	}
	return []int{1, 2, 3}
}
