//go:build js

package attack

import (
	"context"
	"syscall/js"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/eventloop"
)

// In WebAssembly Go and JavaScript share one thread, and Go gives it back only
// when every goroutine sleeps. So while a loop spins, the page around it stands
// still. That is nothing a stage could do better: it is what spinning means.
func TestSpinningLoopHoldsUpJavaScript(t *testing.T) {
	tests := map[string]struct{ idle, pending bool }{ // does JavaScript run?
		"stage1_polling": {false, false},
		"stage2_queue":   {true, false},
		"stage3_event":   {true, true},
	}
	for _, stage := range stages {
		t.Run(stage.name, func(t *testing.T) {
			assert.Equal(t, tests[stage.name].idle, javaScriptRuns(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				_ = stage.new().Run(ctx)
			}), "idle")
			assert.Equal(t, tests[stage.name].pending, javaScriptRuns(func() {
				waitFor(stage.new(), 50*time.Millisecond)
			}), "a timer is pending")
		})
	}
}

// waitFor runs l until a timer of it has run.
func waitFor(l eventloop.Loop, delay time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	l.SetTimeout(delay, cancel)
	_ = l.Run(ctx)
}

// javaScriptRuns reports whether a timer of JavaScript ticks during f.
func javaScriptRuns(f func()) bool {
	ticking := js.Global().Call("eval", `(() => {
		const ticking = { ticks: 0 };
		ticking.id = setInterval(() => ticking.ticks++, 1);
		return ticking;
	})()`)
	defer js.Global().Call("clearInterval", ticking.Get("id"))
	f()
	return ticking.Get("ticks").Int() > 0
}
