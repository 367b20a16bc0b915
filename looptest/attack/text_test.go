package attack

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A panic says what was wrong, and with whom: not that a pointer was nil.
func TestPanicsSayWhatIsWrong(t *testing.T) {
	for _, stage := range loops {
		t.Run(stage.name, func(t *testing.T) {
			l := stage.new()
			var none context.Context
			assert.PanicsWithValue(t, "eventloop: nil context", func() { _ = l.Run(none) })
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
