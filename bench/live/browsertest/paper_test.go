package browsertest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a chapter folds away, its answers, is there when the chapter is printed: nobody
// can unfold paper.
func TestOnPaperNothingIsFolded(t *testing.T) {
	style, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "weave", "style.css"))
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(file, []byte("<!DOCTYPE html><style>"+string(style)+"</style>"+
		"<details><summary>Were you right?</summary><p>Yes.</p></details>"), 0o644))

	ctx, cancel := chromedp.NewContext(chrome, chromedp.WithNewBrowserContext())
	defer cancel()
	p := &page{t: t, ctx: ctx}
	p.do(chromedp.Navigate("file:///" + strings.TrimPrefix(filepath.ToSlash(file), "/")))
	const shown = `(() => { const p = document.querySelector("p"); return p.checkVisibility() && p.getBoundingClientRect().height > 0 })()`
	assert.False(t, eval[bool](p, shown), "on the screen it is folded")
	p.do(call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
	assert.True(t, eval[bool](p, shown), "on paper it is there")
}
