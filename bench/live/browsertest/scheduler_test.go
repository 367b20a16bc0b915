package browsertest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// openScheduler opens the page of docs/pages on which the reader is the scheduler. It
// is a file, and nobody serves it.
func openScheduler(t *testing.T, before ...step) *page {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("..", "..", "..", "docs", "pages", "scheduler.html"))
	require.NoError(t, err)
	return open(t, "file:///"+strings.TrimPrefix(filepath.ToSlash(file), "/"), before...)
}

// chooseByKeyboard chooses a loop and goes on to the first button.
func (p *page) chooseByKeyboard(variant int) {
	p.t.Helper()
	for !eval[bool](p, `document.activeElement.matches("input")`) {
		p.do(chromedp.KeyEvent(kb.Tab))
	}
	for range variant {
		p.do(chromedp.KeyEvent(kb.ArrowDown))
	}
	p.do(chromedp.KeyEvent("l")) // none of the page's keys yet
	p.do(chromedp.KeyEvent(kb.Tab))
	require.True(p.t, eval[bool](p, `document.activeElement.matches("#step-loop:focus-visible")`))
	require.Equal(p.t, "Who goes first?", p.said())
}

func (p *page) said() string {
	p.t.Helper()
	return eval[string](p, `document.querySelector("#said").textContent`)
}

// Each wake-up that can be lost is lost by keyboard alone, and by the same steps
// stage 3 loses none. (L is a step of the loop, C one of the code.)
func TestSchedulerByKeyboard(t *testing.T) {
	for variant, c := range []struct{ keys, end string }{
		{"lllccccll", "lost"}, // between saying that it is asleep and sleeping
		{"lllcccclllllll", "kept"},
		{"lllcccclll", "lost"}, // before the clear
		{"lcccllll", "lost"},   // before the look
	} {
		p := openScheduler(t)
		p.chooseByKeyboard(variant)
		p.do(chromedp.KeyEvent(c.keys))
		assert.Equal(t, c.end, eval[string](p, `document.querySelector("#said").className`), "loop %d: %s", variant, p.said())

		end := p.said()
		p.do(chromedp.KeyEvent(kb.ArrowLeft))
		assert.NotEqual(t, end, p.said(), "a step back")
		p.do(chromedp.KeyEvent(kb.ArrowRight))
		assert.Equal(t, end, p.said(), "and forward again")
		p.do(chromedp.KeyEvent(kb.Enter)) // on the button of the loop, which still has the focus
		assert.Contains(t, p.said(), "The timer loop can’t make a step: it sleeps for")
		p.do(chromedp.KeyEvent(kb.Tab))
		p.do(chromedp.KeyEvent(kb.Enter))
		assert.Contains(t, p.said(), "Your code can’t make a step: it has set its timer")
	}
}

// The button finds what the table says, and what it has found can be played.
func TestSchedulerTriesAllOrders(t *testing.T) {
	p := openScheduler(t, prefer("prefers-reduced-motion", "reduce"))
	for variant := range 4 {
		p.press(fmt.Sprintf("fieldset label:nth-of-type(%d) input", variant+1))
		p.press("#all")
		row := eval[[]int](p, fmt.Sprintf(`[...document.querySelectorAll("#counts tbody tr:nth-child(%d) td")].map((td) => Number(td.textContent))`, variant+1))
		orders, losing := row[0], row[1]
		assert.True(t, strings.HasPrefix(eval[string](p, `document.querySelector("#found").textContent`), fmt.Sprintf("%d orders. ", orders)))
		assert.Equal(t, orders, eval[int](p, `document.querySelectorAll("#orders button").length`))
		assert.Equal(t, losing, eval[int](p, `document.querySelectorAll("#orders button.lost").length`))

		end := "kept"
		if losing > 0 {
			end = "lost"
		}
		steps := eval[int](p, `document.querySelector("#orders .letters").textContent.length`)
		p.press("#orders button") // the first, which loses if any does
		for range steps {
			assert.Empty(t, eval[string](p, `document.querySelector("#said").className`), "not at the end yet")
			p.do(chromedp.KeyEvent(kb.ArrowRight))
		}
		assert.Equal(t, end, eval[string](p, `document.querySelector("#said").className`), p.said())
	}
}

func TestSchedulerPlaysByItself(t *testing.T) {
	p := openScheduler(t)
	p.press("#all")
	p.press("#orders button.lost")
	p.until("it has come to the end", `document.querySelector("#said").className === "lost" && document.querySelector("#play").ariaDisabled === "true"`)
}

func TestSchedulerFitsAnySize(t *testing.T) {
	for _, width := range []int64{1200, 390, 320} {
		p := openScheduler(t, chromedp.EmulateViewport(width, 844))
		p.press("#all")
		p.until("the orders", `document.querySelector("#orders button")`)
		eval[any](p, `document.querySelectorAll("details").forEach((d) => d.open = true)`)
		assert.LessOrEqual(t, eval[int64](p, "document.documentElement.scrollWidth"), width)
	}
}
