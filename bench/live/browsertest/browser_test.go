// Package browsertest opens the page of bench/live in a real browser and does
// with it what people do. It needs Chromium or Chrome:
//
//	apt-get install -y chromium     (Debian)
//	go test ./...
//	go test -run TimerPending -picture ..     writes live.png and live-dark.png
//
// Nothing here has an upper bound on time but one generous watchdog: a test
// waits until the page shows what it must.
package browsertest

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var pictures = flag.String("picture", "", "write pictures of the page with a timer pending into this `folder`")

// watchdog ends a test that waits for what never comes.
const watchdog = 4 * time.Minute

var (
	program string          // the built command
	chrome  context.Context // the one browser of all tests
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "live")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	os.Setenv("TMPDIR", folder) // what servers that are killed leave behind goes as well
	program = filepath.Join(folder, "live")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	build := exec.Command("go", "build", "-o", program, "./bench/live")
	build.Dir = filepath.Join("..", "..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v: %v\n%s", build, err, out)
		return 1
	}

	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.UserDataDir(filepath.Join(folder, "profile")),
		chromedp.WindowSize(1920, 1080),
		// Nobody is there to ask the browser for anything but our page.
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("disable-gpu", true),
	)
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
func startServer(t *testing.T, port string, more ...string) (address string, server *exec.Cmd) {
	t.Helper()
	server = exec.Command(program, append(more, "-open=false", "-port", port)...)
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
	for _, word := range strings.Fields(line) {
		if strings.HasPrefix(word, "http://") {
			return word, server
		}
	}
	require.Fail(t, "no address in "+line)
	return "", nil
}

// A step is something done in a tab.
type step = chromedp.Action[chromedp.Void]

// expectLoss says that from now on the connection to the server may break.
func (p *page) expectLoss() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.loses = true
}

// call is the step that gives the browser a command of its protocol.
func call[P, R any](command cdp.Command[P, R], params P) step {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, command, params)
		return err
	})
}

// prefer is the step that sets what CSS calls a preference of the user.
func prefer(feature, value string) step {
	return call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
	})
}

// A page is one tab.
type page struct {
	t     *testing.T
	ctx   context.Context
	close func() // closes the tab; it may have been closed

	mu       sync.Mutex // guards all below: what the browser tells
	loses    bool       // the server is ended or stopped; that the connection breaks stands on the console
	console  []string
	requests []string
}

// open opens the page in a new tab of a browser that knows nothing of the
// other tests. When the test ends, nothing may stand on the tab's console, and
// the tab may have asked nobody but the server for anything.
func open(t *testing.T, address string, before ...step) *page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(chrome, chromedp.WithNewBrowserContext())
	return openIn(t, ctx, cancel, address, before...)
}

// openBeside opens the page in one more tab of the same browser.
func (p *page) openBeside(address string) *page {
	p.t.Helper()
	ctx, cancel := chromedp.NewContext(p.ctx)
	return openIn(p.t, ctx, cancel, address)
}

func openIn(t *testing.T, ctx context.Context, cancel func(), address string, before ...step) *page {
	t.Helper()
	p := visit(t, ctx, cancel, address, before...)
	p.until("the page is ready", `document.body.dataset.ready === "true"`)
	return p
}

// visit opens the page and does not wait for its JavaScript.
func visit(t *testing.T, ctx context.Context, cancel func(), address string, before ...step) *page {
	t.Helper()
	require.NoError(t, chromedp.Do(ctx), "a new tab") // binds the tab to ctx, and so comes before the timeout
	ctx, stop := context.WithTimeout(ctx, watchdog)
	p := &page{t: t, ctx: ctx, close: func() {
		stop()
		cancel()
	}}
	t.Cleanup(func() {
		p.close()
		p.mu.Lock()
		defer p.mu.Unlock()
		assert.Empty(t, p.console, "nothing on the console")
		for _, url := range p.requests {
			if !strings.HasPrefix(url, strings.TrimSuffix(address, "/scheduler.html")+"/") {
				assert.Fail(t, "the page asked for something elsewhere: "+url)
			}
		}
	})
	require.NoError(t, chromedp.Listen(ctx, p.listen))
	p.do(call(log.Enable, cdp.Empty{}), call(network.Enable, network.EnableParams{}))
	p.do(before...)
	p.do(chromedp.Navigate(address))
	return p
}

// reload loads the page anew.
func (p *page) reload(address string) {
	p.t.Helper()
	p.do(chromedp.Navigate(address))
	p.until("the page is ready again", `document.body.dataset.ready === "true"`)
}

func (p *page) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *cdpruntime.EventConsoleAPICalled:
		var said []string
		for _, arg := range e.Args {
			said = append(said, string(arg.Value)+arg.Description)
		}
		p.console = append(p.console, string(e.Type)+": "+strings.Join(said, " "))
	case *cdpruntime.EventExceptionThrown:
		p.console = append(p.console, fmt.Sprintf("%+v", e.ExceptionDetails))
	case *log.EventEntryAdded:
		if p.loses && strings.HasSuffix(e.Entry.URL, "/events") {
			return
		}
		p.console = append(p.console, e.Entry.Text+" "+e.Entry.URL)
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	}
}

func (p *page) do(steps ...step) {
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
// stage, state(n) what it is at, text(n, selector) what the page shows there.
func (p *page) until(what, expression string) {
	p.t.Helper()
	p.untilElse(what, expression, func() {})
}

// untilElse does otherwise each time that the expression is not true.
func (p *page) untilElse(what, expression string, otherwise func()) {
	p.t.Helper()
	const words = `
		const lane = (n) => document.getElementById("lane" + n);
		const state = (n) => lane(n).dataset.state;
		const text = (n, selector) => lane(n).querySelector(selector).innerText;
		const all = (selector) => [...document.querySelectorAll(selector)];
		const shown = (selector) => document.querySelector(selector)?.checkVisibility({ visibilityProperty: true });`
	for {
		is, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](fmt.Sprintf("(() => {%s return Boolean(%s); })()", words, expression)))
		if is {
			return
		}
		if err != nil {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), 10*time.Second)
			defer cancel()
			all, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
			require.Fail(p.t, "never came: "+what, "%s\n%v\nThe page:\n%s", expression, err, all)
		}
		otherwise()
		time.Sleep(100 * time.Millisecond)
	}
}

// press clicks on the first element that the selector finds.
func (p *page) press(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

// fits checks that nothing sticks out of a window so wide.
func (p *page) fits(width int64) {
	p.t.Helper()
	assert.LessOrEqual(p.t, eval[int64](p, "document.documentElement.scrollWidth"), width)
}

// setDelay types a delay.
func (p *page) setDelay(ms string) {
	p.t.Helper()
	eval[any](p, fmt.Sprintf(`document.querySelector("#delay").value = %q`, ms))
}

// turnOn switches a stage on, if it is off, and waits until it reports.
func (p *page) turnOn(stage int) {
	p.t.Helper()
	if eval[string](p, fmt.Sprintf(`document.querySelector("#lane%d .switch").ariaChecked`, stage)) == "false" {
		p.press(fmt.Sprintf("#lane%d .switch", stage))
	}
	p.until(fmt.Sprintf("stage %d is on", stage), fmt.Sprintf(`["spins", "asleep"].includes(state(%d))`, stage))
}

// process returns the number of a stage's process, as the page shows it.
func (p *page) process(stage int) int {
	p.t.Helper()
	word, number, _ := strings.Cut(eval[string](p, fmt.Sprintf(`document.querySelector("#lane%d .process").textContent`, stage)), " ")
	require.Equal(p.t, "process", word)
	pid, err := strconv.Atoi(number)
	require.NoError(p.t, err)
	return pid
}

func (p *page) picture(file string) {
	p.t.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	require.NoError(p.t, err)
	require.NoError(p.t, os.WriteFile(file, png, 0o644))
}
