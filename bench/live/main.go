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
	"flag"
	"fmt"
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
	port := flag.Int("port", 8410, "listen on this `port` of 127.0.0.1; 0 takes any free one")
	loop := flag.String("loop", "", "one lane more, for the loop of the package in this `folder`")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "live takes no arguments, only flags; %q is neither\n", flag.Arg(0))
		os.Exit(2)
	}
	endings := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(hangUp) { // as nohup has it
		endings = append(endings, hangUp)
	}
	ctx, stop := signal.NotifyContext(context.Background(), endings...)
	defer stop()
	if err := serve(ctx, *port, *loop); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve serves the page until ctx is done. No process that it started is left then.
func serve(ctx context.Context, port int, loop string) error {
	root, err := findModule(ctx)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return fmt.Errorf("port %d can't be had: %w\nIf the page is running already, use that one; "+
			"otherwise choose another port with -port, or any free one with -port 0", port, err)
	}
	programs, err := os.MkdirTemp("", "live")
	if err != nil {
		return fmt.Errorf("there is no folder for the lanes' programs: %w", err)
	}
	defer os.RemoveAll(programs)

	lanes := newLanes(views(root, programs, loop, runtime.GOMAXPROCS(0)))
	defer lanes.close()
	for _, v := range lanes.views {
		if v.FirstOn {
			lanes.start(v.Lane)
		}
	}

	fmt.Printf("Open http://%s in a browser. Ctrl-C ends it.\n", listener.Addr())
	server := &http.Server{Handler: newHandler(lanes), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}
