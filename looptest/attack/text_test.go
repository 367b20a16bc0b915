package attack

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/eventloop/internal/loops"
)

// A panic says what was wrong, and with whom: not that a pointer was nil. The contract
// asks for a text, the stages have these.
func TestPanicsSayWhatIsWrong(t *testing.T) {
	for _, stage := range loops.Stages {
		t.Run(stage.Dir, func(t *testing.T) {
			l := stage.New()
			var none context.Context
			assert.PanicsWithValue(t, "eventloop: nil context", func() { _ = l.Run(none) })
			assert.PanicsWithValue(t, "eventloop: nil callback", func() { l.CallSoon(nil) })
			assert.PanicsWithValue(t, "eventloop: nil callback", func() { l.SetTimeout(time.Hour, nil) })
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var second any
			l.CallSoon(func() {
				defer func() {
					second = recover()
					cancel()
				}()
				_ = l.Run(ctx)
			})
			assert.ErrorIs(t, l.Run(ctx), context.Canceled)
			assert.Equal(t, "eventloop: Run called while the loop is running", second)
		})
	}
}
