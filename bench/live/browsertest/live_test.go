package browsertest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The lanes, by their numbers on the page.
const polling, queue, unwoken, event, own = 1, 2, 3, 4, 5

const (
	thirty  = `[data-do*="30000"]`
	stopAll = `[data-do*="stop-all"]`
	many    = `button[value="10000"]`
)

var picture = flag.String("picture", "", "write live.png into this `folder`")

// What the page is for: a timer is pending, stage 2 spins, stage 3 sleeps, stage 1
// always spins, and a loop that nobody wakes is late.
func TestFiguresWordsAndCode(t *testing.T) {
	address, _ := startServer(t)
	p := open(t, address, 1440, 900)
	p.until("an off lane is said to be off, by its name", `document.querySelector("#switch3").textContent.includes("2½ unwoken") && document.querySelector("#switch3").ariaChecked === "false" && !shown("#lane3")`)
	for lane := polling; lane <= event; lane++ {
		p.turnOn(lane)
	}
	const lit = `const lit = (n) => [...lane(n).querySelectorAll("[data-lit]")].map((e) => e.innerText.trim()).join();`
	p.until("nothing is pending", `(() => {`+lit+` return state(1) === "spins" && state(3) === "asleep" && [2, 4].every((n) => state(n) === "asleep" && lit(n) === "select {"); })()`)
	p.press(many)
	p.until("a timer is pending", `state(2) === "spins" && state(3) === "asleep" && state(4) === "asleep"
		&& [1, 2, 3, 4].every((n) => text(n, ".pending .count") === "10,000" && text(n, ".pending").includes("and 9,996 more"))
		&& parseFloat(text(2, ".cpu .value")) > parseFloat(text(4, ".cpu .value"))
		&& /^[\d,]+ turns?\/s$/.test(text(4, ".turns")) && lane(2).querySelector(".line").getAttribute("d").startsWith("M")`)
	p.press(`[data-do*="3000,"]`)
	p.until("it is late where nobody wakes the loop", `text(3, ".pending li .alarm").endsWith("overdue")
		&& [1, 2, 4].every((n) => / #\d+ setTimeout 3 s [\d.]+ m?s late$/.test(text(n, ".ran li").replaceAll("\n", " ")))`)
	if *picture != "" {
		p.press("#switch3")
		p.until("there is a plot", `performance.now() > 25_000`)
		png, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(*picture, "live.png"), png, 0o644))
	}

	key := func(selector, key string) { // with the keyboard alone
		for !eval[bool](p, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			p.do(chromedp.KeyEvent(kb.Tab))
		}
		p.do(chromedp.KeyEvent(key))
	}
	key(`[data-do*="stop-next"]`, kb.Enter)
	key(stopAll, kb.Enter)
	p.until("none is left", `[1, 2, 4].every((n) => text(n, ".pending .count") === "0") && state(2) === "asleep"`)
	key("#switch1", " ")
	p.until("off", `!shown("#lane1") && document.querySelector("#switch1").ariaChecked === "false"`)
}

// mine is somebody's own loop: one of ours, run in another way.
const mine = `package mine

import (
	"context"

	"example.com/eventloop"
	event "example.com/eventloop/stage3_event"
)

type Loop struct{ *event.Loop }

func New() eventloop.Loop { return &Loop{event.New()} }

func (l *Loop) Run(ctx context.Context) error {
	%s
}
`

func TestLaneFollowsTheEditor(t *testing.T) {
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	write("go.mod", "module mine\n\ngo 1.26\n\nrequire example.com/eventloop v0.0.0\n\nreplace example.com/eventloop => "+filepath.ToSlash(root)+"\n")
	save := func(run string) { write("loop.go", fmt.Sprintf(mine, run)) }
	save("return l.Loop.Run(ctx)")
	address, _ := startServer(t, "-loop", dir)
	p := open(t, address, 1280, 720)
	p.until("it stands in its last line", `state(5) === "asleep" && text(5, "[data-lit]").includes("return l.Loop.Run(ctx)")`)
	save("return l.Loop.Run(ctxt)")
	p.until("the compiler's words, and the last loop goes on", `text(5, ".problem") === "loop.go:15:20: undefined: ctxt" && state(5) === "asleep" && text(5, ".built").startsWith("Process ")`)
	save("panic(1)")
	p.until("it has ended", `state(5) === "ended" && text(5, ".gone").includes("panic: 1") && !shown("#lane5 .problem")`)
	save("return nope")
	p.until("no loop goes on", `text(5, ".problem").includes("nope") && state(5) === "ended" && text(5, ".built").endsWith("does not compile:")`)
}

func TestPredictFirst(t *testing.T) {
	address, _ := startServer(t)
	p := open(t, address, 1280, 720)
	p.turnOn(queue)
	p.turnOn(event)
	const hidden = `[2, 4].every((n) => [".cpu", ".turns", ".plot", ".state", "[data-lit]"].every((s) => !shown("#lane" + n + " " + s)) && text(n, ".guess p") === %q)`
	p.press("#predict")
	p.until("the figures are hidden", fmt.Sprintf(hidden, "setTimeout 3 s: what will it cost?"))
	p.press("#look")
	p.until("no look without a guess, and none is needed for a lane that is off", `document.activeElement.matches("#lane2 .guess input")`)
	p.press(thirty)
	p.load(address)
	p.until("it is the question after a reload", fmt.Sprintf(hidden, "setTimeout 30 s: what will it cost?"))
	p.do(chromedp.SendKeys(chromedp.CSS("#lane2 .guess input"), "100"), chromedp.SendKeys(chromedp.CSS("#lane4 .guess input"), "7"))
	assert.Equal(t, "0", eval[string](p, `document.querySelector("#lane2 .ran .count").textContent`), "nothing has been done yet")
	p.press("#look")
	p.until("beside each guess stands what it cost", `(() => { const it = (n) => Number(/^You said (?:100|7) %, it was ([\d.]+) %$/.exec(text(n, ".guessed"))?.[1] ?? NaN);
		return it(2) > it(4) && shown("#lane2 .cpu"); })()`)
	p.press(stopAll)
	p.until("the next thing pressed is a new question", fmt.Sprintf(hidden, "Stop all: what will it cost?"))
	p.press("#predict")
	p.until("the figures are back", `[2, 4].every((n) => shown("#lane" + n + " .cpu") && !text(n, ".guessed"))`)
}

// Two people at one server are told of each other; an ordinary refusal is a sentence.
func TestTwoPages(t *testing.T) {
	address, server := startServer(t)
	p, other := open(t, address, 390, 844), open(t, address, 1280, 720)
	p.turnOn(event)
	p.press(thirty)
	other.until("told", `/^Another page, at [\d:]+: setTimeout 30 s\.$/.test(document.querySelector("#others").innerText)`)
	for _, wrong := range []string{"600001", "1.5", ""} {
		eval[any](p, fmt.Sprintf(`document.querySelector("#delay").value = %q`, wrong))
		p.press(many)
	}
	p.press(thirty)
	p.until("the browser has refused all between", `text(4, ".pending .count") === "2"`)
	assert.Empty(t, eval[string](p, `document.querySelector("#others").innerText`), "a page is not told of what it did itself")
	eval[any](p, `lanes.forEach(({ switch: s }) => s.ariaChecked === "true" && s.click())`)
	p.until("all are off", `!shown(".lane:not([hidden])")`)
	p.press(thirty)
	p.until("nothing runs", `message.includes("No loop is running: switch one on first.")`)

	p.press("#switch4")
	p.until("asleep", `state(4) === "asleep"`)
	require.NoError(t, server.Process.Kill())
	p.until("no lane looks as if it were live", `message.includes("can’t be heard") && state(4) === "unheard" && !shown("#lane4 .figures") && !shown("#lane4 .pending")`)
	startServer(t, "-port="+address[strings.LastIndex(address, ":")+1:])
	p.until("it is heard again", `message === "" && state(4) === "asleep"`)
}

// Nothing sticks out of the window or is cut off, at any size, with up to five lanes.
func TestFits(t *testing.T) {
	address, _ := startServer(t, "-loop=stage2_queue")
	p := open(t, address, 1280, 720)
	for _, lane := range []int{event, queue, unwoken, own} {
		p.turnOn(lane)
		p.press(many)
		p.until("timers", fmt.Sprintf(`text(%d, ".more, .pending").includes("more")`, lane))
		for _, size := range []struct{ width, height int64 }{{1920, 1080}, {1440, 900}, {1280, 720}, {390, 844}, {320, 640}} {
			p.do(chromedp.EmulateViewport(size.width, size.height))
			cut := eval[[]string](p, `[...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && !e.closest(".unseen, svg, .code")
				&& (e.getBoundingClientRect().right > innerWidth + 1 || e.closest(".lane") && e.getBoundingClientRect().right > e.closest(".lane").getBoundingClientRect().right))
				.map((e) => e.className + ": " + e.textContent)`)
			assert.Empty(t, cut, "cut off at %v", size)
		}
	}
}
