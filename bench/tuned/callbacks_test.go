package tuned

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

// A slice moves to a smaller one when three quarters of it are empty; a small
// one stays.
func TestShrink(t *testing.T) {
	const large = 8 * spareSize
	for _, test := range []struct {
		len, cap int
		moves    bool
	}{
		{large/4 - 1, large, true},
		{large / 4, large, false},
		{large, large, false},
		{1, spareSize + 1, true},
		{1, spareSize, false},
	} {
		s := make([]int, test.len, test.cap)
		s[0] = 42
		got := shrink(s)
		assert.Equal(t, test.moves, cap(got) < test.cap, "len %d, cap %d", test.len, test.cap)
		assert.Equal(t, s, got)
	}
}

// An emptied slice keeps its room, but nothing of what was in it; a large one is
// let go of.
func TestRecycle(t *testing.T) {
	s := []*int{new(int), new(int)}
	got := recycle(s)
	assert.Empty(t, got)
	assert.Equal(t, 2, cap(got))
	assert.Equal(t, []*int{nil, nil}, got[:2])
	assert.NotNil(t, recycle(make([]int, spareSize)))
	assert.Nil(t, recycle(make([]int, spareSize+1)))
}
