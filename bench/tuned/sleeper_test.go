package tuned

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Whoever hands something over wakes the loop if it sleeps: once, and if it is a
// timer, only if the loop would sleep for too long.
func TestSleeperIsRousedOnce(t *testing.T) {
	s := &sleeper{wake: make(event, 1)}
	woken := func() bool {
		select {
		case <-s.wake:
			return true
		default:
			return false
		}
	}
	s.rouse()
	assert.False(t, woken(), "it is awake")
	s.asleep.Store(true)
	s.rouse()
	s.rouse()
	assert.True(t, woken())
	assert.False(t, woken(), "once is enough")
	s.wake.set()
	s.wake.set() // never waits
	assert.True(t, woken())

	s.until.Store(int64(3 * time.Hour))
	s.asleep.Store(true)
	s.lookBy(4 * time.Hour)
	s.lookBy(3 * time.Hour)
	assert.False(t, woken(), "it wakes up in time anyway")
	s.lookBy(2 * time.Hour)
	assert.True(t, woken())
	s.lookBy(time.Hour)
	assert.False(t, woken(), "it is awake already")
	assert.EqualValues(t, time.Hour, s.until.Load(), "and finds the soonest")
}
