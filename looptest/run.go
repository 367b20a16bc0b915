package looptest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"example.com/eventloop"
	"example.com/eventloop/internal/text"
)

// The cases about Run: how it begins, how it ends and what it leaves behind.

func returnsCause(t *trial) {
	cause := errors.New("a cause")
	for _, how := range []string{"cancelled", "cancelled before Run", "its deadline past"} {
		for _, pending := range []bool{false, true} {
			l := t.newLoop()
			if pending {
				l.SetTimeout(time.Hour, func() {})
			}
			ctx, cancel := context.WithCancelCause(context.Background())
			switch how {
			case "cancelled before Run":
				cancel(cause)
			case "its deadline past":
				late, end := context.WithTimeoutCause(ctx, 5*time.Millisecond, cause)
				defer end()
				ctx = late
			}
			r := t.call(l, ctx, nil)
			if how == "cancelled" {
				t.settle()
				cancel(cause)
			}
			t.await(r.done, "Run to return, its context being done (%s)", how)
			if r.err != cause {
				t.errorf("Run returned %v, the cause being %v (%s)", r.err, cause, how)
			}
			cancel(nil)
		}
	}
}

func nothingAfterRun(t *trial) {
	const n = 50
	l := t.newLoop()
	var returned atomic.Bool
	add := func() {
		for i := range n {
			later := setTimeout(time.Duration(i) * time.Millisecond / 10)
			for _, w := range []way{callSoon, setTimeout(0), later} {
				w.add(l, func() {
					if returned.Load() {
						t.errorf("the callback of %s started", w.call)
					}
				})
			}
		}
	}
	for range 3 {
		returned.Store(false)
		add()
		r := t.start(l)
		l.CallSoon(func() {
			add() // these are due and wait when Run returns
			r.cancel()
		})
		t.stop(r)
		returned.Store(true)
		add()
		time.Sleep(10 * time.Millisecond)
	}
}

func noGoroutineLeft(t *trial) {
	l := t.newLoop()
	add := func() {
		l.SetTimeout(0, func() {})
		l.SetTimeout(time.Hour, func() {})
		l.CallSoon(func() {})
	}
	for _, test := range []struct {
		how string
		end func(cancel func())
	}{
		{"returned, its context being done before", func(cancel func()) { cancel() }},
		{"returned, a callback having cancelled its context", func(cancel func()) { l.CallSoon(cancel) }},
		{"returned, its context being cancelled", func(cancel func()) { l.SetTimeout(5*time.Millisecond, func() { go cancel() }) }},
		{"panicked", func(func()) { l.CallSoon(func() { panic("on purpose") }) }},
		{"panicked in a timer's callback", func(func()) { l.SetTimeout(time.Millisecond, func() { panic("on purpose") }) }},
		{"ended its goroutine by Goexit", func(func()) { l.CallSoon(runtime.Goexit) }},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		add()
		test.end(cancel)
		t.await(t.call(l, ctx, nil).done, "Run to end")
		var n int
		var stacks string
		var err error
		if !t.becomes(func() bool {
			n, stacks, err = t.goroutines()
			return n == 1 || err != nil
		}) {
			t.reportWith(stacks, "Run has %s, and %s left", test.how, text.Plural(n-1, "goroutine"))
			return
		}
		if err != nil { // no fault of the loop
			t.report("looptest cannot tell whether the loop keeps this rule: " + err.Error())
			return
		}
	}
}

func alreadyDone(t *trial) { t.cancelled("before Run", 0, nil) }

func lastCallback(t *trial) {
	t.cancelled("by a callback", 0, func(_ context.Context, cancel func()) { cancel() })
}

func oneOnItsWay(t *trial) {
	// What is on its way is known surely only if all others wait for this one.
	t.cancelled("during a callback", 1, func(ctx context.Context, cancel func()) {
		go cancel()
		<-ctx.Done()
	})
}

// cancelled has the context of Run be done, if not before then by one of many
// callbacks, and counts those that start afterwards.
func (t *trial) cancelled(how string, most int64, callback func(ctx context.Context, cancel func())) {
	const n = 10
	for i := range 2 * n { // a select would choose at random
		l := t.newLoop()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		if callback == nil {
			cancel()
		}
		var after atomic.Int64
		for j := range 2 * n {
			if j == i/2 && callback != nil {
				ways[i%2].add(l, func() { callback(ctx, cancel) })
			}
			for _, w := range ways {
				w.add(l, func() {
					if ctx.Err() != nil {
						after.Add(1)
					}
				})
			}
		}
		t.expect("Run to return, its context having been cancelled %s", how)
		_ = callRun(l, ctx)
		if k := after.Load(); k > most {
			t.errorf("%d callbacks started after the context of Run had been cancelled %s", k, how)
		}
	}
}

func pendingStays(t *trial) {
	const n = 3
	l := t.newLoop()
	var soon, timers list[int]
	set := func(i int, delay time.Duration) { l.SetTimeout(delay, func() { timers.add(i) }) }

	// One Run ends in the middle of what is due. The next goes on there.
	for i := range n {
		set(i, 10*time.Millisecond)
	}
	set(n, 50*time.Millisecond)
	ctx, cancel := context.WithCancel(context.Background())
	l.CallSoon(cancel)
	for i := range n {
		l.CallSoon(func() { soon.add(i) })
	}
	t.expect("Run to return, a callback having cancelled its context")
	_ = callRun(l, ctx)
	if k := soon.len(); k > 0 {
		t.fatalf("%d callbacks ran that were given to CallSoon after the one that ended Run", k)
	}
	r := t.start(l)
	t.counts(soon.len, n, "the callbacks of %d CallSoon, pending from an earlier Run", n)
	t.stop(r)

	// Three deadlines pass while nothing runs the loop. The fourth delay does
	// not begin anew with the next Run, so it ends before that of a timer which
	// is set now.
	time.Sleep(20 * time.Millisecond)
	t.start(l)
	set(n+1, 35*time.Millisecond)
	t.counts(timers.len, n+2, "the callbacks of %d SetTimeout, all but one pending from an earlier Run", n+2)
	t.settle()

	// Between CallSoon and timers no order is promised; among each there is.
	if ran := soon.all(); len(ran) != n || !slices.IsSorted(ran) {
		t.errorf("%d CallSoon, during several Runs, ran in the order %v", n, ran)
	}
	if ran := timers.all(); len(ran) != n+2 || !slices.IsSorted(ran) {
		t.errorf("%d SetTimeout, during several Runs, ran in the order %v", n+2, ran)
	}
}

func oneRun(t *trial) {
	l := t.newLoop()
	t.expect("Run(nil) to panic")
	var none context.Context
	t.refuses(func() { _ = l.Run(none) }, "Run(nil)")
	r := t.start(l)
	t.runs(l, callSoon, "Run(nil) having panicked")

	check := func(where string) {
		// Its context is done, so that a loop that does not panic goes on.
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		t.refuses(func() { _ = l.Run(ctx) }, "a second Run, called "+where)
	}
	t.expect("a second Run to panic")
	check("while the first one was waiting")
	check("again")
	l.CallSoon(func() { check("in a callback") })

	// The first goes on, and when it has ended there may be another.
	for range 2 {
		t.runs(l, setTimeout(time.Millisecond), "a second Run having panicked")
		t.stop(r)
		r = t.start(l)
	}
}

// refuses reports it if f does not panic with a text of the loop's own.
func (t *trial) refuses(f func(), call string) {
	returned := false
	defer func() {
		said := fmt.Sprint(recover())
		if returned {
			t.errorf("%s returned", call)
		} else if said == "" || strings.Contains(said, "runtime error") {
			t.errorf("%s panicked with the text %q", call, said)
		}
	}()
	f()
	returned = true
}

func turnsCount(t *trial) {
	l := t.newLoop()
	r := t.start(l)
	for i := range 20 {
		t.runs(l, ways[i%len(ways)], "")
	}
	if !t.becomes(func() bool { return l.Turns() > 0 }) {
		t.errorf("Turns() = 0 after 20 callbacks have run")
	}
	t.stop(r)
	before := l.Turns()
	t.settle()
	if after := l.Turns(); after != before {
		t.errorf("Turns went from %d to %d after Run had returned", before, after)
	}
}

func turnsFew(t *trial) {
	const events, few = 100, 10 // per event; two loops that wake each other need two or three
	l := t.newLoop()
	t.start(l)
	count := func(what string, limit uint64, f func()) {
		t.settle()
		before := l.Turns()
		f()
		t.settle()
		if made := l.Turns() - before; made > limit {
			t.errorf("%s took %d turns", what, made)
		}
	}
	count("an idle hour", 0, func() { time.Sleep(time.Hour) })
	var timer eventloop.Timer
	count("SetTimeout(2h)", few, func() { timer = l.SetTimeout(2*time.Hour, func() {}) })
	count("an hour with a timer pending", 0, func() { time.Sleep(time.Hour) })
	count("Stop", few, func() { timer.Stop() })
	count("the alarm of what was stopped", few, func() { time.Sleep(2 * time.Hour) })
	for _, w := range ways {
		count("100 times "+w.call, events*few, func() {
			for range events {
				t.runs(l, w, "")
				t.settle()
			}
		})
	}
}
