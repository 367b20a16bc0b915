package tuned

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// A caller that hands something over wakes the loop if it sleeps: once, and if it hands
// over a timer, only if the loop would sleep for too long.
func TestSleeperIsWokenOnce(t *testing.T) {
	s := &sleeper{event: make(event, 1)}
	woken := func() bool {
		select {
		case <-s.event:
			return true
		default:
			return false
		}
	}
	s.wake()
	assert.False(t, woken(), "it is awake")
	s.asleep.Store(true)
	s.wake()
	s.wake()
	assert.True(t, woken())
	assert.False(t, woken(), "once is enough")
	s.event.set()
	s.event.set() // never waits
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
