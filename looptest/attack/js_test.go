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
		"tuned":          {true, true},
	}
	for _, stage := range loops {
		t.Run(stage.name, func(t *testing.T) {
			assert.Equal(t, tests[stage.name].idle, javaScriptRuns(stage.new(), tests[stage.name].idle), "idle")
			waiting := stage.new()
			waiting.SetTimeout(time.Hour, func() {})
			assert.Equal(t, tests[stage.name].pending, javaScriptRuns(waiting, tests[stage.name].pending), "a timer is pending")
		})
	}
}

// javaScriptRuns runs l and reports whether a timer of JavaScript ticks beside it.
// If it is to tick, l runs until it does, else for a while: then no tick is lost
// to a slow machine.
func javaScriptRuns(l eventloop.Loop, expected bool) bool {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ticked := false
	tick := js.FuncOf(func(js.Value, []js.Value) any {
		ticked = true
		cancel()
		return nil
	})
	defer tick.Release()
	interval := js.Global().Call("setInterval", tick, 1)
	defer js.Global().Call("clearInterval", interval)
	if !expected {
		// A loop that spins gives way to goroutines, not to JavaScript.
		stop := time.AfterFunc(50*time.Millisecond, cancel)
		defer stop.Stop()
	}
	_ = l.Run(ctx)
	return ticked
}
