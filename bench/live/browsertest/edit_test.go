package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mine is somebody's own loop: one of ours, run in another way.
const mine = `package mine

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"example.com/eventloop"
	event "example.com/eventloop/stage3_event"
)

type Loop struct{ *event.Loop }

func New() eventloop.Loop { return &Loop{event.New()} }

func (l *Loop) Run(ctx context.Context) error {
	_, _, _ = fmt.Println, runtime.Gosched, time.Sleep
	for {
		%s
	}
}
`

// A lane is edited: it blocks, does not compile, prints without end, ignores its end.
func TestLaneFollowsTheEditor(t *testing.T) {
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	write("go.mod", "module mine\n\ngo 1.26\n\nrequire example.com/eventloop v0.0.0\n\nreplace example.com/eventloop => "+filepath.ToSlash(root)+"\n")
	save := func(run string) { write("loop.go", fmt.Sprintf(mine, run)) }

	save("return l.Loop.Run(ctx)")
	address, _ := startServer(t, "0", "-loop", dir)
	p := open(t, address)
	p.until("a lane for it, and a verdict", `state(5) === "asleep" && text(5, ".verdict").includes("waits like stage 3") && text(5, "pre.code").includes("return l.Loop.Run(ctx)")`)
	p.turnOn(3)
	first, other := p.process(5), p.process(3)

	save("return l.Loop.Run(ctxt)")
	p.until("the compiler's words, with file and line, and the last loop goes on",
		`text(5, ".problem") === "loop.go:20:21: undefined: ctxt" && / does not compile\. The loop of [\d:]+ goes on\.$/.test(text(5, ".built p")) && state(5) === "asleep"`)
	assert.Equal(t, first, p.process(5))
	p.press(callSoon)
	p.until("it does run callbacks", `text(5, ".calls").includes("CallSoon")`)
	p.do(chromedp.EmulateViewport(390, 844))
	p.fits(390)
	p.do(chromedp.EmulateViewport(1440, 900))

	save("for { fmt.Println(ctx) }")
	p.until("one that prints without end is stopped", `state(5) === "ended" && text(5, ".why").includes("it printed more than 1 MB, and was stopped") && !shown("#lane5 .problem")`)
	save("for range 1 << 62 { time.Sleep(time.Millisecond) }")
	p.until("one that is deaf", `["asleep", "naps"].includes(state(5)) && text(5, "pre.code").includes("1 << 62")`)
	save("return l.Loop.Run(ctx)")
	p.until("it had to be killed", `state(5) === "asleep" && text(5, ".built p").includes("did not end within 2s of being told to, and was killed")`)
	assert.Equal(t, other, p.process(3), "no other lane is touched")
}

func TestLoopsAreDrawn(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	const words = `const words = (n) => [...lane(n).querySelectorAll(".loops .word")].map((e) => e.textContent).join();
		const dots = (n) => lane(n).querySelectorAll(".loops :is(.timer, .first)").length;`
	p.until("all asleep, nothing in queue or heap", `(() => {`+words+` return [2, 3].every((n) => words(n) === "asleep,asleep" && dots(n) === 0); })()`)
	p.press(`.choice label:last-of-type`)
	p.setDelay("600000")
	p.press("#set")
	p.until("stage 2's timer loop spins, its queue is full, and so is the heap", `(() => {`+words+` return words(2) === "spins,asleep" && words(3) === "asleep,asleep"
		&& dots(2) === 100 && dots(3) === 15 && lane(2).querySelector(".count").textContent === "+ 9,900"
		&& /^The timer loop waits at timers\.go:\d+\. The callback loop waits at callbacks\.go:\d+\. Pending, in a heap: 10,000\.$/.test(lane(3).querySelector(".loops svg").ariaLabel); })()`)
}

// All five scenes, with the keyboard alone.
func TestGuidedPath(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	key := func(selector, key string) {
		p.until(selector+" is there", fmt.Sprintf(`shown(%q)`, selector))
		for range 100 {
			p.do(chromedp.KeyEvent(kb.Tab))
			if eval[bool](p, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
				p.do(chromedp.KeyEvent(key))
				return
			}
		}
		require.Fail(t, "the Tab key never comes to "+selector)
	}
	const scene = ".scene:not([hidden]) "
	key("#guide", kb.Enter)
	p.until("a question, and no figures", `shown("`+scene+`legend") && !shown("#lane3 .cpu") && !shown("`+scene+`.told span") && !shown("#controls")`)
	p.do(chromedp.EmulateViewport(390, 844)) // on a phone, from here on
	key(scene+".act", kb.Enter)
	p.until("guess first", `document.querySelector("#message").innerText.includes("Guess first") && document.activeElement.matches("`+scene+`input")`)
	for n, after := range []string{
		`state(2) === "asleep" && state(3) === "asleep"`,
		`state(2) === "spins" && state(3) === "asleep"`,
		`text(3, ".pending .value") === "10,000"`,
		`text(4, ".doing").startsWith("Asleep, though a timer was due") && text(3, ".pending .value") === "1" && text(4, ".timers .left").endsWith("overdue")`,
		`text(3, ".doing").includes("the alarm of one that was stopped may ring before")`,
	} {
		if n > 0 {
			key(fmt.Sprintf(".steps button:nth-of-type(%d)", n+1), kb.Enter)
		}
		if n == 3 {
			p.until("2½ is on", `state(4) === "asleep"`)
		}
		p.until("nothing is being built", `[1, 2, 3, 4].every((n) => state(n) !== "starting")`)
		key(scene+"input", " ")
		key(scene+".act", kb.Enter)
		p.until(fmt.Sprintf("scene %d is told, and shown", n+1), `shown("`+scene+`.told span") && document.querySelector("`+scene+`.told").innerText.startsWith("You said “")
			&& shown("#lane3 .cpu") && `+after)
		p.fits(390)
	}
	key("#guide", kb.Enter)
	p.until("the buttons are back", `shown("#controls") && !shown("#path")`)
}

func TestPresentersViewIsOneScreen(t *testing.T) {
	address, _ := startServer(t, "0")
	for _, size := range []struct{ width, height int64 }{{1440, 900}, {1920, 1080}} {
		p := open(t, address, chromedp.EmulateViewport(size.width, size.height))
		p.press("#guide")
		p.press(".steps button:nth-of-type(2)")
		p.press(".scene:not([hidden]) label")
		p.press("#present")
		p.until("both are on", `state(2) !== "starting" && state(3) !== "starting"`)
		p.press(".scene:not([hidden]) .act")
		p.until("told", `shown(".scene:not([hidden]) .told span") && state(2) === "spins"`)
		outside := eval[[]string](p, `[...document.querySelectorAll(":is(#lane2, #lane3) :is(.cpu, .doing, .loops, .code), .told")].filter((e) => e.checkVisibility()
			&& (e.getBoundingClientRect().bottom > innerHeight || e.closest(".source") && e.closest(".source").scrollHeight > e.closest(".source").clientHeight + 1)).map((e) => e.className)`)
		assert.Empty(t, outside, "figure, sentence and code at %d×%d", size.width, size.height)
	}
}
