//go:build !go1.27

package looptest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/eventloop/looptest"
)

// Where there are no bubbles no loop is to blame.
func TestWithoutBubbles(t *testing.T) {
	t.Setenv("GODEBUG", "asynctimerchan=1") // which Go 1.27 has no more
	for _, test := range []string{"TestRun$/^TiesInOrderSet", "TestRunVirtual", "TestWaitsOnce"} {
		_, output := try(t, test, "none")
		assert.Contains(t, output, "looptest can't try this, since it has no bubble: ")
		for _, text := range looptest.Rules() {
			assert.NotContains(t, output, ": "+text)
		}
	}
}
