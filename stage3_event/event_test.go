package event

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An event that is set before the sleeper sleeps wakes it; and however often it was
// set, it wakes the sleeper once.
func TestEventIsSetOnce(t *testing.T) {
	e := newEvent()
	assert.Empty(t, e)
	for range 3 {
		e.set() // never waits
	}
	require.Len(t, e, 1)
	<-e
	assert.Empty(t, e)
}
