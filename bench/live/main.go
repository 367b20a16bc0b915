// Command live shows the three loops side by side in a browser: what each
// stage does about a timer, and what that costs, measured now.
//
//	go run ./bench/live
//
// It serves one page on this machine alone, and prints its address. Ctrl-C ends
// it, and every process it started.
//
//	-port 8410    the port to listen on; 0 takes any free one
//	-loop DIR     one lane more, for the loop of the package in that folder:
//	              any that has a New, such as ./docs/workshop/yours
//
// A lane follows its source. Save stage1_polling/timers.go with a change, and that
// lane alone is built and started anew; while it does not compile, the lane shows
// what the compiler says, and its last loop goes on. No code comes from the browser.
//
// To see the page on another machine, run there
// "ssh -L 9000:127.0.0.1:8410 this-machine" and open http://localhost:9000.
//
// # How it is put together
//
//	editor  ──saves──▶ source ──go build──▶ lane's process
//	browser ──POST /do──▶ server ──orders, a line each──▶ lane's process
//	        ◀──/events───        ◀──reports, four a second──
//
// Each lane runs in a process of its own (package lane), so its CPU is what top
// shows. It ends when its standard input closes, as it does when the server dies.
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
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// hangUp is SIGHUP, which not every system has: the terminal was closed.
const hangUp = syscall.Signal(1)

func main() {
	endings := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(hangUp) { // as nohup has it
		endings = append(endings, hangUp)
	}
	ctx, stop := signal.NotifyContext(context.Background(), endings...)
	defer stop()
	os.Exit(serverMain(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// serverMain serves the page until ctx is done. It returns the exit code, 2 for a
// mistake in args. No process that it started is left then.
func serverMain(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("live", flag.ContinueOnError)
	flags.SetOutput(stderr)
	port := flags.Int("port", 8410, "listen on this `port` of 127.0.0.1; 0 takes any free one")
	loop := flags.String("loop", "", "one lane more, for the loop of the package in this `folder`")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "live takes no arguments, only flags; %q is neither\n", flags.Arg(0))
		return 2
	}
	root, err := findModule(ctx)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		fmt.Fprintf(stderr, "Port %d can't be had: %v.\nIf the page is running already, use that one; "+
			"otherwise choose another port with -port, or any free one with -port 0.\n", *port, err)
		return 1
	}
	programs, err := os.MkdirTemp("", "live")
	if err != nil {
		fmt.Fprintf(stderr, "There is no folder for the lanes' programs: %v\n", err)
		return 1
	}
	defer os.RemoveAll(programs)

	views := views(root, programs, *loop, runtime.GOMAXPROCS(0))
	makers := make([]maker, len(views))
	for i, v := range views {
		makers[i] = newMaker(v.workshop)
	}
	lanes := newLanes(makers...)
	defer lanes.close()
	for _, v := range views {
		if v.FirstOn {
			lanes.start(v.Lane)
		}
	}

	address := "http://" + listener.Addr().String()
	fmt.Fprintf(stdout, "Open %s in a browser. Ctrl-C ends it.\n", address)
	if err := serve(ctx, listener, lanes, views); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// newMaker has the tests put something that needs no compiler in its place.
var newMaker = func(w *workshop) maker { return w }

// serve answers requests until ctx is done.
func serve(ctx context.Context, listener net.Listener, lanes *lanes, views []laneView) error {
	server := &http.Server{
		Handler:           newHandler(lanes, views),
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
