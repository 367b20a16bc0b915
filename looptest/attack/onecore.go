package attack

import (
	"context"
	"runtime"
	"testing"
	"time"

	"example.com/eventloop"
)

// OneCore sees that the loops of newLoop give way on one core, to each other and to
// their callers. The runtime takes the core away from a loop that does not, but only
// after 10 ms and many thousands of turns; in WebAssembly it never does.
//
// No rule says how late a timer or a caller may be. How often the loop goes round
// meanwhile does not depend on the machine, so that is what is counted.
func OneCore(t *testing.T, newLoop func() eventloop.Loop) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	t.Run("timers", func(t *testing.T) { timersBesideChain(t, newLoop()) })
	t.Run("callers of a loop that waits", func(t *testing.T) {
		l := newLoop()
		l.SetTimeout(time.Hour, func() {})
		givesWay(t, l)
	})
	t.Run("callers of a loop that is busy", func(t *testing.T) {
		l := newLoop()
		var link func()
		link = func() { l.CallSoon(link) }
		link()
		givesWay(t, l)
	})
}

const (
	times   = 20
	allowed = 500 // turns for each time; without giving way, 20,000 and more
)

// timersBesideChain sets one timer after the other beside an endless chain of
// callbacks.
func timersBesideChain(t *testing.T, l eventloop.Loop) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var due time.Time // of the next timer, or somewhat later
	links, ran := 0, 0
	var link, next func()
	link = func() {
		if time.Now().After(due) {
			links++
		}
		l.CallSoon(link)
	}
	next = func() {
		if ran++; ran > times {
			cancel()
			return
		}
		l.SetTimeout(time.Millisecond, next)
		due = time.Now().Add(time.Millisecond)
	}
	next()
	l.CallSoon(link)
	_ = l.Run(ctx)
	t.Logf("%d links of the chain ran while one of %d timers was due", links, times)
	if links > times*allowed {
		t.Error("the callback loop does not give way to the timer loop")
	}
}

// givesWay lets others run for a moment, again and again, and counts turns.
func givesWay(t *testing.T, l eventloop.Loop) {
	_, end := serve(l)
	running := make(chan struct{})
	l.CallSoon(func() { close(running) })
	<-running
	before := l.Turns()
	for range times {
		runtime.Gosched()
	}
	turns := l.Turns() - before
	end() // before anything is written: WebAssembly can't while a loop spins
	t.Logf("%d turns while a caller let others run %d times", turns, times)
	if turns > times*allowed {
		t.Error("the loop does not give way to its callers")
	}
}
