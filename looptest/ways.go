package looptest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"example.com/eventloop"
)

// What the cases share: ways to add a callback, and how callbacks tell a case that
// something has happened.

// A way is one in which a callback is added to a loop.
type way struct {
	call string
	add  func(l eventloop.Loop, callback func())
}

var callSoon = way{"CallSoon", eventloop.Loop.CallSoon}

func setTimeout(delay time.Duration) way {
	return way{fmt.Sprintf("SetTimeout(%v)", delay), func(l eventloop.Loop, callback func()) { l.SetTimeout(delay, callback) }}
}

// ways takes a callback by every road to the loop: at once, due at once, and due later.
var ways = []way{callSoon, setTimeout(0), setTimeout(time.Millisecond)}

// runs adds a callback and waits until it runs. It returns how long after the call
// that was. The text, which may be empty, says in which circumstances.
func (t *trial) runs(l eventloop.Loop, w way, circumstances string) (after time.Duration) {
	if circumstances != "" {
		circumstances = ", " + circumstances
	}
	ran := newSignal()
	called := time.Now()
	w.add(l, func() {
		after = time.Since(called)
		ran.give()
	})
	t.await(ran.done, "the callback of %s%s", w.call, circumstances)
	return after
}

// A signal is given once; to give it again changes nothing.
type signal struct {
	once sync.Once
	done chan struct{} // closed when the signal is given
}

func newSignal() *signal { return &signal{done: make(chan struct{})} }
func (s *signal) give()  { s.once.Do(func() { close(s.done) }) }

func (s *signal) given() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// A list may be appended to from any goroutine, should a broken loop run
// callbacks on several.
type list[T any] struct {
	mu    sync.Mutex // protects items
	items []T
}

func (l *list[T]) add(item T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items = append(l.items, item)
}

func (l *list[T]) all() []T {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.items) // the caller's own: to sort, say
}

func (l *list[T]) len() int { return len(l.all()) }
