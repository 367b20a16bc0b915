package event

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The callback loop is woken when something comes to wait, not for each, and
// not for nothing.
func TestAddWakesForTheFirstOnly(t *testing.T) {
	one := soon(func() {})
	for name, add := range map[string]func(*callbackLoop){
		"add":    func(l *callbackLoop) { l.add(one) },
		"addAll": func(l *callbackLoop) { l.addAll([]callback{one, one}) },
	} {
		t.Run(name, func(t *testing.T) {
			l := &New().callbacks
			woken := func() bool {
				select {
				case <-l.wake:
					return true
				default:
					return false
				}
			}
			l.addAll(nil)
			assert.False(t, woken(), "for nothing")
			add(l)
			assert.True(t, woken(), "for the first")
			add(l)
			assert.False(t, woken(), "it is awake, and has not looked yet")
			l.take()
			l.addAll(nil)
			assert.False(t, woken(), "for nothing")
			add(l)
			assert.True(t, woken(), "for the first after it has looked")
		})
	}
}
