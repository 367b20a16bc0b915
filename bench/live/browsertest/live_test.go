package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	scriptButton = `[data-do*="script"]`
	thirty       = `[data-do*="30000"]`
	callSoon     = `[data-do*="soon"]`
)

func TestTheArticlesScriptRunsInOrderInEveryStage(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	for stage := 1; stage <= 3; stage++ {
		p.turnOn(stage)
	}
	p.press(scriptButton)
	for stage := 1; stage <= 3; stage++ {
		p.until(fmt.Sprintf("four callbacks in stage %d", stage),
			fmt.Sprintf(`lane(%d).querySelectorAll(".calls li").length === 4`, stage))
		calls := eval[[]string](p, fmt.Sprintf(`[...document.querySelectorAll("#lane%d .calls .what")].map((e) => e.textContent)`, stage))
		assert.Equal(t, []string{"#4 CallSoon", "#2 setTimeout 1 s", "#1 setTimeout 2 s", "#3 setTimeout 3 s"}, calls, "stage %d", stage)
	}
}

func TestIdleOnlyStage1Spins(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	for stage := 1; stage <= 3; stage++ {
		p.turnOn(stage)
	}
	p.until("only stage 1 spins", `state(1) === "spins" && state(2) === "asleep" && state(3) === "asleep"
		&& text(1, ".doing").includes("is there anything yet?") && text(2, ".doing").startsWith("Asleep.") && text(3, ".doing").startsWith("Asleep.")`)
}

func TestTimerPendingStage2SpinsAndStage3Sleeps(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	again := func() {
		if eval[bool](p, `[2, 3].some((n) => document.querySelector("#lane" + n + " .pending .value").textContent === "0")`) {
			p.press(thirty) // the machine was so busy that the last one is over
			p.until("a timer is pending", `[2, 3].some((n) => text(n, ".pending .value") !== "0")`)
		}
	}
	p.untilElse("stage 2 spins and stage 3 sleeps", `state(2) === "spins" && state(3) === "asleep"
		&& /^Put the same (timer|\d+ timers) back [\d,]+ times this second\.$/.test(text(2, ".doing"))
		&& /^Asleep\. The next timer is due at \d\d:\d\d:\d\d\.\d\d\d\.$/.test(text(3, ".doing"))
		&& parseFloat(text(2, ".cpu .value")) > parseFloat(text(3, ".cpu .value"))`, again)
	if *pictures != "" {
		takePictures(t, p)
	}

	p.press(`[data-do*="stop-all"]`)
	p.until("both sleep once it is stopped", `state(2) === "asleep" && text(2, ".pending .value") === "0"
		&& state(3) === "asleep" && text(3, ".pending .value") === "0"`)
}

// takePictures shows the page, to its end, after somebody has tried a few
// things: the plots have room for stage 1 idle and alone, the script, and a
// timer that is still pending.
func takePictures(t *testing.T, p *page) {
	t.Helper()
	require.NoError(t, os.MkdirAll(*pictures, 0o755))
	wait := func(ms int) {
		p.until("there is something to see", fmt.Sprintf(`performance.now() - (window.since%d ??= performance.now()) > %d`, ms, ms))
	}
	p.do(chromedp.EmulateViewport(1440, 900))
	p.press(`[data-do*="stop-all"]`)
	p.turnOn(1)
	wait(20_000)
	p.press(scriptButton)
	p.until("the script has run", `[1, 2, 3].every((n) => lane(n).querySelectorAll(".calls li").length === 4)`)
	p.press(thirty)
	wait(14_000)
	for file, scheme := range map[string]string{"live.png": "light", "live-dark.png": "dark"} {
		p.do(prefer("prefers-color-scheme", scheme))
		p.picture(filepath.Join(*pictures, file))
	}
}

func TestKilledProcessIsReportedAndStartedAgain(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	p.turnOn(3)
	pid := p.process(3)
	victim, err := os.FindProcess(pid)
	require.NoError(t, err)
	require.NoError(t, victim.Kill())
	p.until("the lane says so", `state(3) === "ended" && text(3, ".why").includes("Its process has ended")`)

	p.press("#lane3 .again")
	p.until("it is on again", `state(3) === "asleep"`)
	assert.NotEqual(t, pid, p.process(3))
	p.press(callSoon)
	p.until("and runs callbacks", `text(3, ".calls").includes("CallSoon")`)
}

// A browser opens no more than six connections to one server. Tabs that nobody
// sees must not take them. (Headless, all tabs are seen: here they are told
// otherwise.)
func TestTenTabs(t *testing.T) {
	address, _ := startServer(t, "0")
	const show = `(hidden) => {
		Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
		document.dispatchEvent(new Event("visibilitychange"));
	}`
	first := open(t, address)
	tabs := []*page{first}
	for i := range 9 {
		eval[any](tabs[i], "("+show+")(true)")
		tabs = append(tabs, first.openBeside(address))
	}
	last := tabs[9]
	last.press(callSoon)
	last.until("the one that is seen hears", `[2, 3].every((n) => text(n, ".calls").includes("#1 CallSoon"))`)
	assert.False(t, eval[bool](first, `document.querySelector("#lane3 .calls").textContent.includes("CallSoon")`), "the others don't listen")
	eval[any](first, "("+show+")(false)")
	first.until("one that is seen again is told everything", `[2, 3].every((n) => text(n, ".calls").includes("#1 CallSoon"))`)
}

func TestServerThatComesBackIsFoundAgain(t *testing.T) {
	address, server := startServer(t, "0")
	p := open(t, address)
	p.press(thirty)
	p.until("a timer is pending", `[2, 3].every((n) => text(n, ".pending .value") === "1")`)
	p.expectLoss()
	require.NoError(t, server.Process.Kill())
	server.Wait()
	p.until("the page says that it hears nothing", `document.querySelector("#message").innerText.includes("can’t be heard")`)
	p.until("no lane looks as if it were live", `[2, 3].every((n) => state(n) === "lost" && text(n, ".title .word") === "no word"
		&& text(n, ".why").startsWith("The server can’t be heard") && !shown("#lane" + n + " .again")
		&& [".cpu", ".doing", ".turns", ".late", ".timers li"].every((s) => !shown("#lane" + n + " " + s))
		&& text(n, ".pending .value") === "–")`)
	startServer(t, address[strings.LastIndex(address, ":")+1:])
	p.until("it hears again", `document.querySelector("#message").innerText === "" && state(3) === "asleep"
		&& shown("#lane3 .cpu") && text(3, ".pending .value") === "0"`)
}

func TestTheCaseInWhichALoopStandsIsLit(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	for stage := 1; stage <= 3; stage++ {
		p.turnOn(stage)
	}
	const lit = `const lit = (n) => all("#lane" + n + " pre [aria-current]").map((e) => e.dataset.case).join(" ");`
	is := func(stage1, stage2, stage3 string) string {
		return fmt.Sprintf(`(() => {%s return lit(1) === %q && lit(2) === %q && lit(3) === %q; })()`, lit, stage1, stage2, stage3)
	}
	const queued, wake = "case pending := <-l.pending.items:", "case <-l.wake:"
	p.until("nothing pending: stage 3 has no alarm", is("default:", queued, wake))
	p.setDelay("600000")
	p.press("#set")
	p.until("a timer pending: stage 3 has one", is("default:", queued, "case <-ring: "+wake))
	p.press("#predict")
	p.until("it would give the answer away", is("", "", ""))
	p.press("#predict")
	p.until("and is there again", is("default:", queued, "case <-ring: "+wake))
	p.press("#lane3 .switch")
	p.until("a loop that is off stands nowhere", is("default:", queued, ""))
}

func TestPlotOfALaneThatIsOffMovesOn(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	p.turnOn(3)
	p.until("there is a plot", `/^M.*L/.test(lane(3).querySelector(".line").getAttribute("d"))`)
	p.press("#lane3 .switch")
	p.until("it ends ever longer ago", `state(3) === "off" && shown("#lane3 .line")
		&& parseFloat(lane(3).querySelector(".line").getAttribute("d").split(/[ML]/).at(-1)) < 228`) // of 240: three seconds
}

func TestReloadTellsOfALaneThatIsOffWhatItRan(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	p.press(scriptButton)
	p.until("four have run", `[2, 3].every((n) => text(n, ".ran .value") === "4")`)
	p.press("#lane3 .switch")
	p.until("stage 3 is off", `state(3) === "off"`)
	p.reload(address)
	p.until("four ran", `state(3) === "off" && text(3, ".ran .value") === "4" && all("#lane3 .calls li").length === 4`)
	p.press("#lane3 .again")
	p.until("a new process has run none", `state(3) === "asleep" && text(3, ".ran .value") === "0" && shown("#lane3 .ran .none")
		&& all("#lane3 .calls li").length === 0`)
}

func TestLatenessStandsBesideTheCost(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	p.press(callSoon)
	p.until("a call has no lateness", `[2, 3].every((n) => text(n, ".ran .value") === "1" && !text(n, ".late").includes("Lateness")
		&& lane(n).querySelector(".dots").getAttribute("d") === "")`)
	p.press(scriptButton)
	const there = `[2, 3].every((n) => text(n, ".ran .value") === "5" && lane(n).querySelector(".dots").getAttribute("d").startsWith("M"))`
	p.until("a dot for each timer", there+`&& /^Lateness [\d.]+ m?s\. While it spins/.test(text(2, ".late"))
		&& /^Lateness [\d.]+ m?s\. Both loops have to be woken: the price of sleeping\.$/.test(text(3, ".late"))`)
	p.reload(address)
	p.until("also after a reload", there)
}

func TestInputOutOfBoundsIsRefusedInWords(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	for _, wrong := range []string{"600001", "-1", "1.5", ""} {
		p.setDelay(wrong)
		p.press("#set")
		p.until("a message about "+wrong, `document.querySelector("#message").innerText.includes("from 0 to 600,000")`)
		p.setDelay("600000")
		p.press("#set")
		p.until("it goes when the next thing is done", `document.querySelector("#message").innerText === ""`)
	}
	p.until("what was within bounds was done, and nothing else", `text(3, ".pending .value") === "4"`)
}

func TestStoppingOneTimerStopsItInEveryStage(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	p.setDelay("600000")
	p.press("#set")
	p.press("#set")
	p.until("two are pending", `[2, 3].every((n) => text(n, ".pending .value") === "2")`)
	p.press(`#lane3 [aria-label="Stop timer 2"]`)
	p.until("one is left", `[2, 3].every((n) => text(n, ".pending .value") === "1" && text(n, ".timers .id") === "#1")`)
	p.press(`[data-do*="stop-next"]`)
	p.until("none is left", `[2, 3].every((n) => text(n, ".pending .value") === "0")`)
}

func TestTenThousandTimers(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	p.press(`.choice label:last-of-type`)
	p.setDelay("600000")
	p.press("#set")
	p.until("all are pending", `[2, 3].every((n) => text(n, ".pending .value") === "10,000" && text(n, ".more") === "and 9,996 more")`)
	p.press(`[data-do*="stop-all"]`)
	p.until("none is left", `[2, 3].every((n) => text(n, ".pending .value") === "0")`)
	p.setDelay("0")
	p.press("#set")
	p.until("all have run", `[2, 3].every((n) => text(n, ".ran .value") === "10,000")`)
}

func TestPredictFirst(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	const hidden = `[2, 3].every((n) => [".cpu", ".doing", ".turns", ".late", ".plots", ".state"].every((s) => !shown("#lane" + n + " " + s)))`
	const asks = `[2, 3].every((n) => text(n, ".guess p") === %q)`
	p.press("#predict")
	p.until("the figures are hidden", hidden+"&&"+fmt.Sprintf(asks, "The article’s script: what will it cost?"))
	p.press("#look")
	p.until("no look without a guess", `document.querySelector("#message").innerText.includes("Guess first: Stage 2") && `+hidden)
	p.press(`#lane2 [data-guess="100"]`)
	p.do(chromedp.SendKeys(chromedp.CSS("#lane3 .guess input"), "7"))
	p.press(thirty)
	p.until("another question", fmt.Sprintf(asks, "setTimeout 30 s: what will it cost?"))
	p.press(scriptButton)
	p.until("and back, with the guesses as they were", fmt.Sprintf(asks, "The article’s script: what will it cost?")+`
		&& lane(2).querySelector(".guess input").value === "100" && lane(3).querySelector(".guess input").value === "7" && `+hidden)
	assert.Equal(t, []string{"0", "0", "0", "0"},
		eval[[]string](p, `[...document.querySelectorAll(":is(#lane2, #lane3) :is(.pending, .ran) .value")].map((e) => e.textContent)`),
		"nothing has been done yet")

	p.press("#look")
	p.until("what was asked about is over, and both sleep", `[2, 3].every((n) => text(n, ".ran .value") === "4" && state(n) === "asleep")`)
	const it = `const it = (n) => Number(/^you said (?:100|7) %, it was ([\d.]+) %$/.exec(text(n, ".guessed"))?.[1] ?? NaN);`
	p.until("beside each guess stands what it cost meanwhile", `(() => {`+it+` return it(2) > it(3) && shown("#lane2 .cpu") && shown("#lane3 .doing"); })()`)

	p.press(callSoon)
	p.until("the next thing pressed is a new question", hidden+"&&"+fmt.Sprintf(asks, "CallSoon: what will it cost?")+`
		&& [2, 3].every((n) => text(n, ".ran .value") === "4" && lane(n).querySelector(".guess input").value === "")`)
	p.press("#predict")
	p.until("the figures are back", `[2, 3].every((n) => shown("#lane" + n + " .cpu") && shown("#lane" + n + " .state") && !shown("#lane" + n + " .guessed"))`)
}

// What is over before a second has passed is compared too, and what is stopped.
func TestPredictWhatIsSoonOver(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	p.press("#predict")
	p.press("#lane2 .switch")
	p.until("one lane is enough", `state(2) === "off"`)
	guess := func(button string) {
		p.press(button)
		p.press(`#lane3 [data-guess="0"]`)
		p.press("#look")
		p.until("a comparison", `/^you said 0 %, it was [\d.]+ %$/.test(text(3, ".guessed"))`)
	}
	p.setDelay("10")
	guess("#set")
	guess(callSoon)
	p.setDelay("600000")
	guess("#set")
	p.until("one is pending", `text(3, ".pending .value") === "1"`)
	guess(`[data-do*="stop-all"]`)
	p.until("none is pending", `text(3, ".pending .value") === "0"`)
}

func TestKeyboardAlone(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	focus := func(selector string) {
		for range 100 {
			p.do(chromedp.KeyEvent(kb.Tab))
			if eval[bool](p, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
				require.True(t, eval[bool](p, `document.activeElement.matches(":focus-visible")`))
				return
			}
		}
		require.Fail(t, "the Tab key never comes to "+selector)
	}
	focus(callSoon)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until("CallSoon ran", `text(3, ".calls").includes("CallSoon")`)
	focus("[name=count]")
	p.do(chromedp.KeyEvent(kb.ArrowRight))
	focus("#set")
	p.do(chromedp.KeyEvent(" "))
	p.until("a hundred timers", `text(3, ".pending .value") === "100"`)
	focus("#lane3 .switch")
	p.do(chromedp.KeyEvent(" "))
	p.until("stage 3 is off", `state(3) === "off" && text(3, ".why") === "Switched off."`)
}

func TestFocusIsNeverLost(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	focus := func(selector string) { eval[any](p, fmt.Sprintf(`document.querySelector(%q).focus()`, selector)) }
	const onSwitch = `document.activeElement === lane(3).querySelector(".switch")`
	p.press("#lane3 .switch")
	p.until("stage 3 is off", `state(3) === "off"`)
	focus("#lane3 .again")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until("Start it is gone, the switch is there", `state(3) === "asleep" && `+onSwitch)

	p.press(thirty)
	p.until("a timer is pending", `text(3, ".pending .value") === "1"`)
	focus("#lane3 .timers button")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until("the timer is gone", `text(3, ".pending .value") === "0" && `+onSwitch)

	p.press("#predict")
	focus("#lane3 .guess input")
	eval[any](p, `ask({ do: "off", stage: 3 })`) // as from another tab
	p.until("a lane that is off asks for no guess", `state(3) === "off" && `+onSwitch)
	p.press("#predict")
}

func TestWhatChangesTogetherIsAllSaid(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	p.until("both lanes", `["Stage 2: queue: asleep", "Stage 3: event: asleep"].every((line) => all("[role=log] > p").some((p) => p.textContent === line))`)
	p.press("#lane2 .switch")
	p.press("#lane3 .switch")
	p.until("both are off", `["Stage 2: queue: off", "Stage 3: event: off"].every((line) => all("[role=log] > p").some((p) => p.textContent === line))`)
	for range 10 {
		p.press("#predict")
		p.press("#predict")
	}
	assert.LessOrEqual(t, eval[int](p, `document.querySelectorAll("[role=log] > p").length`), 12, "what was said long ago goes")
}

func TestForcedColours(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address, prefer("forced-colors", "active"))
	p.press("#predict")
	const colour = `const colour = (selector, what) => getComputedStyle(document.querySelector(selector))[what];`
	for stage, state := range map[int]string{1: "false", 3: "true"} {
		if state == "false" && eval[string](p, `document.querySelector("#lane1 .switch").ariaChecked`) == "true" {
			p.press("#lane1 .switch")
		}
		p.until("a switch has a knob", fmt.Sprintf(`(() => {%s
			const s = "#lane%d .switch[aria-checked='%s']", on = %[3]s;
			return document.querySelector(s) && colour(s + " span", on ? "backgroundColor" : "borderTopColor") !== colour(s, "backgroundColor");
		})()`, colour, stage, state))
	}
	p.until("what is pressed looks so", `(() => {`+colour+` return matchMedia("(forced-colors: active)").matches
		&& colour("#predict", "backgroundColor") !== colour(".again, #set", "backgroundColor"); })()`)
}

func TestWithoutJavaScriptThereIsNoDeadButton(t *testing.T) {
	address, _ := startServer(t, "0")
	ctx, cancel := chromedp.NewContext(chrome, chromedp.WithNewBrowserContext())
	p := visit(t, ctx, cancel, address, call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	p.until("a sentence and the code, and nothing to press", `shown("noscript p") && document.querySelector("noscript").innerText.includes("needs JavaScript")
		&& all("pre.code").length === 4 && all("pre.code").every((e) => e.checkVisibility())
		&& all("button, input").length > 0 && !all("button, input").some((e) => e.checkVisibility())`)
}

// A browser may be on another machine, through a tunnel, and its clock another.
func TestClockThatIsAnother(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{
			Source: `{ const now = Date.now; Date.now = () => now() - 3_600_000; }`,
		})
		return err
	}))
	p.setDelay("599000")
	p.press("#set")
	p.until("the time that is left is right", `shown("#lane3 .timers .left") && /^9 min \d+ s$/.test(text(3, ".timers .left"))`)
	p.until("the plot ends now", `parseFloat(lane(3).querySelector(".line").getAttribute("d").split(/[ML]/).at(-1)) > 200`)
}

func TestFigureSentenceAndCodeAreOnOneScreen(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address, chromedp.EmulateViewport(1440, 900))
	p.turnOn(1)
	p.press(`.choice label:last-of-type`)
	p.setDelay("600000")
	p.press("#set")
	for _, script := range []bool{false, true} {
		if script { // a lane has all its lines when timers have run as well
			p.press(scriptButton)
			p.until("lateness", `[2, 3].every((n) => text(n, ".late").includes("Lateness"))`)
		}
		assert.LessOrEqual(t, eval[float64](p, `Math.max(...[...document.querySelectorAll("pre.code")].map((e) => e.getBoundingClientRect().bottom))`), 900.0)
	}
}

func TestNothingIsCutOff(t *testing.T) {
	address, _ := startServer(t, "0")
	for _, width := range []int64{1440, 1024, 390, 320} {
		p := open(t, address, chromedp.EmulateViewport(width, 900))
		p.press(`.choice label:last-of-type`)
		p.setDelay("599999")
		p.press("#set")
		p.until("timers", `text(3, ".more").startsWith("and ")`)
		// What would come in ten minutes, and with more timers than a test can wait for.
		eval[any](p, `lanes.at(-1).addCalls([{ id: 1234567, what: "setTimeout 599.999 s", at: Date.now(), late_ms: 12345 }], 0)`)
		cut := eval[[]string](p, `[...document.querySelectorAll(".lane p, .lane span:not(.unseen), .lane h2, .lane h3, .lane li > *")]
			.filter((e) => e.checkVisibility() && !e.closest(".unseen, .way, svg") && (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
				|| e.getBoundingClientRect().right > e.closest(".lane").getBoundingClientRect().right))
			.map((e) => e.className + ": " + e.textContent)`)
		assert.Empty(t, cut, "cut off at a width of %d", width)
		p.press(`[data-do*="stop-all"]`)
		p.until("none", `text(3, ".pending .value") === "0"`)
	}
}

func TestReducedMotion(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address, prefer("prefers-reduced-motion", "reduce"))
	p.press(thirty)
	p.until("a timer is on its way", `lane(3).querySelector(".dot")`)
	assert.Zero(t, eval[int](p, `document.getAnimations().length`), "animations")
}

func TestNothingSticksOutAtAnySize(t *testing.T) {
	address, _ := startServer(t, "0")
	for _, size := range []struct{ width, height int64 }{{1920, 1080}, {1366, 768}, {1024, 768}, {390, 844}, {320, 640}} {
		p := open(t, address, chromedp.EmulateViewport(size.width, size.height))
		for _, button := range []string{scriptButton, thirty} {
			p.press(button)
		}
		p.until("timers", `lane(3).querySelector(".dot")`)
		p.fits(size.width)
	}
}
