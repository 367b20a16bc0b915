// Package browsertest opens the page of bench/live in a real browser and does
// with it what people do. It needs Chromium or Chrome:
//
//	apt-get install -y chromium     (Debian)
//	go test ./...
//	go test -run=Figures -picture=..     writes live.png
//
// Nothing here has an upper bound on time but one generous watchdog: a test
// waits until the page shows what it must.
package browsertest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// watchdog ends a test that waits for what never comes.
const watchdog = 4 * time.Minute

var (
	program string          // the built command
	chrome  context.Context // the one browser of all tests
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "live")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	os.Setenv("TMPDIR", folder) // what servers that are killed leave behind goes as well
	program = filepath.Join(folder, "live")
	build := exec.Command("go", "build", "-o", folder, ".")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v: %v\n%s", build, err, out)
		return 1
	}

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.UserDataDir(filepath.Join(folder, "profile")))
	if os.Getuid() == 0 { // as in CI's containers, where Chromium's sandbox can't work
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	defer stopAllocator()
	browser, stopBrowser := chromedp.NewContext(allocator)
	defer stopBrowser()
	if err := chromedp.Do(browser); err != nil {
		fmt.Fprintf(os.Stderr, "no browser: %v\n", err)
		return 1
	}
	chrome = browser
	return m.Run()
}

// startServer starts the program and returns its address.
func startServer(t *testing.T, more ...string) (address string, server *exec.Cmd) {
	t.Helper()
	server = exec.Command(program, append([]string{"-port=0"}, more...)...)
	server.Dir = filepath.Join("..", "..", "..")
	stdout, err := server.StdoutPipe()
	require.NoError(t, err)
	server.Stderr = os.Stderr
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, "the program prints its address")
	_, after, found := strings.Cut(line, "http://")
	require.True(t, found, line)
	return "http://" + strings.Fields(after)[0], server
}

// A page is one tab.
type page struct {
	t   *testing.T
	ctx context.Context

	console chan string // 100: what stands there; more is dropped
}

// open opens the page in a new tab of a browser that knows nothing of the
// other tests. When the test ends, nothing may stand on the tab's console. If the
// page asked anybody but the server for anything, its security policy would say so there.
func open(t *testing.T, address string, width, height int64) *page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(chrome, chromedp.WithNewBrowserContext())
	require.NoError(t, chromedp.Do(ctx), "a new tab") // binds the tab to ctx, and so comes before the timeout
	ctx, stop := context.WithTimeout(ctx, watchdog)
	p := &page{t, ctx, make(chan string, 100)}
	t.Cleanup(func() {
		stop()
		cancel()
		for len(p.console) > 0 {
			assert.Contains(t, <-p.console, "ERR_", "on the console is more than that a server was ended")
		}
	})
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		if e, is := event.(*log.EventEntryAdded); is && len(p.console) < cap(p.console) {
			p.console <- e.Entry.Text
		}
	}))
	p.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, log.Enable, cdp.Empty{})
		return err
	}))
	p.do(chromedp.EmulateViewport(width, height))
	p.load(address)
	return p
}

// load loads the page, anew if it is there.
func (p *page) load(address string) {
	p.t.Helper()
	p.do(chromedp.Navigate(address))
	p.until("the page is ready", `document.body.dataset.ready === "true"`)
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Do(p.ctx, steps...))
}

// eval returns the value of a JavaScript expression.
func eval[T any](p *page, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	require.NoError(p.t, err)
	return value
}

// until waits until the expression is true. In it, lane(n) is the element of a
// lane, state(n) its word, text(n, selector) what the page shows there.
func (p *page) until(what, expression string) {
	p.t.Helper()
	const words = `
		const lane = (n) => document.getElementById("lane" + n);
		const state = (n) => lane(n).dataset.state;
		const text = (n, selector) => lane(n).querySelector(selector)?.innerText ?? "";
		const shown = (selector) => document.querySelector(selector)?.checkVisibility({ visibilityProperty: true });
		const message = document.querySelector("#message").innerText;`
	for {
		is, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](fmt.Sprintf("(() => {%s return Boolean(%s); })()", words, expression)))
		if is {
			return
		}
		require.NoError(p.t, err, "never came: %s: %s", what, expression)
		time.Sleep(100 * time.Millisecond)
	}
}

// press clicks on the first element that the selector finds.
func (p *page) press(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

// turnOn switches a lane on, if it is off, and waits until it reports.
func (p *page) turnOn(lane int) {
	p.t.Helper()
	if eval[bool](p, fmt.Sprintf(`document.querySelector("#lane%d").hidden`, lane)) {
		p.press(fmt.Sprintf("#switch%d", lane))
	}
	p.until(fmt.Sprintf("lane %d is on", lane), fmt.Sprintf(`["spins", "naps", "works", "asleep"].includes(state(%d))`, lane))
}
