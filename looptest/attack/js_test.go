//go:build js

package attack

import (
	"context"
	"syscall/js"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/eventloop"
	"example.com/eventloop/internal/loops"
)

// In WebAssembly Go and JavaScript share one thread, and Go gives it back only
// when every goroutine sleeps. So while a loop spins, the page around it stands
// still. That is nothing a stage could do better: it is what spinning means.
func TestSpinningLoopHoldsUpJavaScript(t *testing.T) {
	for _, stage := range loops.Stages {
		t.Run(stage.Dir, func(t *testing.T) {
			assert.Equal(t, !stage.SpinsIdle, javaScriptRuns(stage.New(), !stage.SpinsIdle), "idle")
			waiting := stage.New()
			waiting.SetTimeout(time.Hour, func() {})
			assert.Equal(t, !stage.SpinsPending, javaScriptRuns(waiting, !stage.SpinsPending), "a timer is pending")
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
