package browsertest

import (
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
		&& /^Asleep until \d\d:\d\d:\d\d\.\d\d\d\.$/.test(text(3, ".doing"))
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

func TestTenTabs(t *testing.T) {
	address, _ := startServer(t, "0")
	first := open(t, address)
	tabs := []*page{first}
	for range 9 {
		tabs = append(tabs, first.openBeside(address))
	}
	tabs[9].press(callSoon)
	for i, tab := range tabs {
		tab.until(fmt.Sprintf("tab %d sees what the tenth did", i+1), `[2, 3].every((n) => text(n, ".calls").includes("#1 CallSoon"))`)
	}
	for _, tab := range tabs[1:] {
		tab.close()
	}
	first.press(callSoon)
	first.until("the first still hears when the others are closed", `[2, 3].every((n) => text(n, ".calls").includes("#2 CallSoon"))`)
}

func TestServerThatComesBackIsFoundAgain(t *testing.T) {
	address, server := startServer(t, "0")
	p := open(t, address)
	require.NoError(t, server.Process.Kill())
	server.Wait()
	p.until("the page says that it hears nothing", `document.querySelector("#message").innerText.includes("can’t be heard")`)
	startServer(t, address[strings.LastIndex(address, ":")+1:])
	p.until("it hears again", `document.querySelector("#message").innerText === "" && state(3) === "asleep"`)
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
	p.until("all are pending", `[2, 3].every((n) => text(n, ".pending .value") === "10,000" && text(n, ".crowd p") === "and 9,996 more")`)
	p.press(`[data-do*="stop-all"]`)
	p.until("none is left", `[2, 3].every((n) => text(n, ".pending .value") === "0")`)
	p.setDelay("0")
	p.press("#set")
	p.until("all have run", `[2, 3].every((n) => text(n, ".ran .value") === "10,000")`)
}

func TestPredictFirst(t *testing.T) {
	address, _ := startServer(t, "0")
	p := open(t, address)
	p.press("#predict")
	p.until("the figures are hidden", `[".cpu", ".doing", ".turns", ".plot", ".figures .state"].every((s) => !shown("#lane2 " + s) && !shown("#lane3 " + s))`)
	p.press("#look")
	p.until("no look without a guess", `document.querySelector("#message").innerText.includes("Guess first: stage 2") && !shown("#lane2 .cpu")`)
	p.press(`#lane2 [data-guess="100"]`)
	p.do(chromedp.SendKeys(chromedp.CSS("#lane3 .guess input"), "7"))
	p.press("#look")
	p.until("guess and truth stand together", `text(2, ".guessed") === "you said 100 %" && text(3, ".guessed") === "you said 7 %"
		&& shown("#lane2 .cpu") && shown("#lane3 .doing")`)
	p.press(thirty)
	p.until("the next thing done is a new question", `!shown("#lane2 .cpu") && !shown("#lane3 .cpu")`)
	p.press("#predict")
	p.until("the figures are back", `shown("#lane2 .cpu") && shown("#lane3 .cpu")`)
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
		assert.LessOrEqual(t, eval[int64](p, "document.documentElement.scrollWidth"), size.width, "at %d×%d", size.width, size.height)
	}
}
