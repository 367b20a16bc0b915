package attack

import (
	"fmt"
	"sync/atomic"
	"time"

	"example.com/eventloop"
)

// An Account is kept of every callback that is added through it: how often it
// has run, whether it was stopped, and whether anything about it broke the
// contract. It is safe for concurrent use; what it counts is final when Settled
// reports true and the loop has ended.
type Account struct {
	Loop eventloop.Loop // of which the account is kept

	start                    time.Time
	added, ran, stopped      atomic.Int64
	twice, early, outOfOrder atomic.Int64
	passed                   time.Duration // each timer surely due before has had its turn; only callbacks touch it

	longest atomic.Int64 // of the calls that a load has timed
}

// NewAccount returns an account of what is added to loop from now on.
func NewAccount(loop eventloop.Loop) *Account {
	return &Account{Loop: loop, start: time.Now()}
}

// An added callback; its deadline is between earliest and latest.
type added struct {
	account  *Account
	earliest time.Duration
	latest   atomic.Int64 // 0: none, or SetTimeout has not returned
	over     atomic.Bool  // ran or stopped
	callback func()
}

func (c *added) run() {
	a := c.account
	now := time.Since(a.start)
	if c.over.Swap(true) {
		a.twice.Add(1)
	}
	if now < c.earliest {
		a.early.Add(1)
	}
	// Of two timers one was surely due first if the instants between which their
	// deadlines lie do not overlap. Callbacks run one at a time: no lock.
	if latest := c.latest.Load(); latest != 0 && latest < int64(a.passed) {
		a.outOfOrder.Add(1)
	}
	a.passed = max(a.passed, c.earliest)
	defer a.ran.Add(1) // last, also if it panics: what it adds has been counted before
	if c.callback != nil {
		c.callback()
	}
}

// SetTimeout calls SetTimeout. The callback may be nil: then only the account
// is kept.
func (a *Account) SetTimeout(delay time.Duration, callback func()) Stopper {
	a.added.Add(1)
	c := &added{account: a, callback: callback}
	c.earliest = time.Since(a.start) + max(delay, 0)
	timer := a.Loop.SetTimeout(delay, c.run)
	c.latest.Store(int64(time.Since(a.start) + max(delay, 0)))
	return Stopper{timer, c}
}

// CallSoon calls CallSoon. The callback may be nil.
func (a *Account) CallSoon(callback func()) {
	a.added.Add(1)
	c := &added{account: a, callback: callback} // latest stays 0: no deadline
	a.Loop.CallSoon(c.run)
}

// timed makes a call and remembers how long the longest one took.
func (a *Account) timed(call func()) {
	begun := time.Now()
	call()
	took := int64(time.Since(begun))
	for longest := a.longest.Load(); took > longest; longest = a.longest.Load() {
		if a.longest.CompareAndSwap(longest, took) {
			return
		}
	}
}

// Longest returns how long the longest call took that a load has timed: zero if it
// has timed none.
func (a *Account) Longest() time.Duration { return time.Duration(a.longest.Load()) }

// A Stopper is a timer of an Account.
type Stopper struct {
	timer eventloop.Timer
	added *added
}

// Stop calls Stop.
func (s Stopper) Stop() bool {
	answer := s.timer.Stop()
	if answer {
		if s.added.over.Swap(true) {
			s.added.account.twice.Add(1) // it has run, and was stopped
		}
		s.added.account.stopped.Add(1)
	}
	return answer
}

// Settled reports whether each callback has run or was stopped.
func (a *Account) Settled() bool { return a.ran.Load()+a.stopped.Load() >= a.added.Load() }

// A Tally is the balance of an account.
type Tally struct {
	Added, Ran, Stopped       int64
	Lost, Twice, Early, Order int64 // all zero if the contract holds
}

// Tally returns the balance. What is pending counts as lost.
func (a *Account) Tally() Tally {
	t := Tally{
		Added: a.added.Load(), Ran: a.ran.Load(), Stopped: a.stopped.Load(),
		Twice: a.twice.Load(), Early: a.early.Load(), Order: a.outOfOrder.Load(),
	}
	t.Lost = t.Added - t.Ran - t.Stopped + t.Twice
	return t
}

// Plus returns the sum.
func (t Tally) Plus(u Tally) Tally {
	return Tally{
		t.Added + u.Added, t.Ran + u.Ran, t.Stopped + u.Stopped,
		t.Lost + u.Lost, t.Twice + u.Twice, t.Early + u.Early, t.Order + u.Order,
	}
}

// Err returns an error if anything was lost, ran twice or early, or out of order.
func (t Tally) Err() error {
	if t.Lost != 0 || t.Twice != 0 || t.Early != 0 || t.Order != 0 {
		return fmt.Errorf("of %d callbacks %d were lost, %d ran twice or though stopped, %d early, %d out of order",
			t.Added, t.Lost, t.Twice, t.Early, t.Order)
	}
	return nil
}
