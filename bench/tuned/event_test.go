package tuned

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
)

// What is set before the sleeper sleeps is what it is woken by; and however
// often it was set, it wakes up once.
func TestEventIsSetOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEvent()
		for range 3 {
			e.set() // never waits: else the bubble would be at an end here
		}
		woken := 0
		stop := make(chan struct{})
		go func() {
			for {
				select {
				case <-e:
					woken++
				case <-stop:
					return
				}
			}
		}()
		synctest.Wait()
		assert.Equal(t, 1, woken, "three sets before the sleeper slept")
		e.set()
		synctest.Wait()
		assert.Equal(t, 2, woken, "and one while it slept")
		close(stop)
	})
}
