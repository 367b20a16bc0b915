package attack

import (
	"fmt"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// An account is kept of every callback that is added through it: how often it has run,
// whether it was stopped, and whether anything about it broke the contract. It is safe
// for concurrent use. Its figures are final when settled reports true and the loop has
// ended.
type account struct {
	loop eventloop.Loop // the loop that all is added to

	start                    time.Time
	added, ran, stopped      atomic.Int64
	twice, early, outOfOrder atomic.Int64
	longest                  atomic.Int64  // of the timed calls, in nanoseconds
	passed                   time.Duration // each timer surely due before has had its turn; only callbacks touch it
}

func newAccount(loop eventloop.Loop) *account { return &account{loop: loop, start: time.Now()} }

// An entry is one callback. If it is a timer's, its deadline is between earliest and
// latest.
type entry struct {
	account  *account
	earliest time.Duration
	latest   atomic.Int64 // 0: no deadline, or SetTimeout has not returned
	over     atomic.Bool  // ran or stopped
	callback func()
}

func (e *entry) run() {
	a := e.account
	now := time.Since(a.start)
	if e.over.Swap(true) {
		a.twice.Add(1)
	}
	if now < e.earliest {
		a.early.Add(1)
	}
	// One timer was surely due before another if the spans in which their deadlines lie
	// do not overlap. Callbacks run one at a time: passed needs no lock.
	if latest := e.latest.Load(); latest != 0 && latest < int64(a.passed) {
		a.outOfOrder.Add(1)
	}
	a.passed = max(a.passed, e.earliest)
	defer a.ran.Add(1) // last, also after a panic: whatever the callback adds has been counted before
	if e.callback != nil {
		e.callback()
	}
}

// setTimeout calls SetTimeout and returns the timer's Stop. The callback may be nil:
// then only the account is kept.
func (a *account) setTimeout(delay time.Duration, callback func()) (stop func()) {
	a.added.Add(1)
	e := &entry{account: a, callback: callback}
	e.earliest = time.Since(a.start) + max(delay, 0)
	timer := a.loop.SetTimeout(delay, e.run)
	e.latest.Store(int64(time.Since(a.start) + max(delay, 0)))
	return func() {
		if !timer.Stop() {
			return
		}
		if e.over.Swap(true) {
			a.twice.Add(1) // it has run, and was stopped
		}
		a.stopped.Add(1)
	}
}

// callSoon calls CallSoon. The callback may be nil.
func (a *account) callSoon(callback func()) {
	a.added.Add(1)
	e := &entry{account: a, callback: callback}
	a.loop.CallSoon(e.run)
}

// timed makes a call and remembers how long the longest one took. Only one goroutine
// calls it.
func (a *account) timed(call func()) {
	begun := time.Now()
	call()
	a.longest.Store(max(a.longest.Load(), int64(time.Since(begun))))
}

// settled reports whether each callback has run or was stopped.
func (a *account) settled() bool { return a.ran.Load()+a.stopped.Load() >= a.added.Load() }

// await waits until done and returns true. It returns false if nothing has happened for
// as long as patience: then something is lost.
func (a *account) await(done func() bool) bool {
	var over int64
	for moved := time.Now(); !done(); {
		if now := a.ran.Load() + a.stopped.Load(); now != over {
			over, moved = now, time.Now()
		}
		if time.Since(moved) > patience {
			return false
		}
		time.Sleep(100 * time.Microsecond)
	}
	return true
}

// String returns the balance. Callbacks that are pending count as lost.
func (a *account) String() string {
	s := fmt.Sprintf("%d callbacks added, %d ran, %d stopped; %d lost, %d twice, %d early, %d out of order",
		a.added.Load(), a.ran.Load(), a.stopped.Load(), a.lost(), a.twice.Load(), a.early.Load(), a.outOfOrder.Load())
	if longest := time.Duration(a.longest.Load()); longest > 0 {
		s += fmt.Sprintf("; longest call %v", longest)
	}
	return s
}

func (a *account) lost() int64 {
	return a.added.Load() - a.ran.Load() - a.stopped.Load() + a.twice.Load()
}

// balances reports whether nothing was lost, ran twice or though stopped, ran early or
// out of order.
func (a *account) balances() bool {
	return a.lost() == 0 && a.twice.Load() == 0 && a.early.Load() == 0 && a.outOfOrder.Load() == 0
}
