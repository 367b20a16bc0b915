package tuned

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// doors are where timers come in: one for each processor, so that goroutines on
// different ones need not wait for each other, nor for memory that another has
// just written. Any word that all of them write would cost that again, be it a
// lock or a count.
//
// A [sync.Pool] gives back what was put into it on the same processor: it is the
// nearest that Go has to a variable for each. It may give a door to two at once,
// or forget one, so a door has its lock; but that is hardly ever waited for.
type doors struct {
	all   []door
	near  sync.Pool     // of *door
	given atomic.Uint32 // how many doors near has been given
}

type door struct {
	loop *Loop // whose door it is

	mu     sync.Mutex // guards what follows
	timers list[entry]
	spare  spares[entry]
	last   time.Duration // when the last one was set

	stops atomic.Int64 // how many timers that came in here have been stopped

	_ [128]byte // keeps the next door, another processor's, off this line and the one fetched with it
}

// init makes the doors.
//
// Timers with equal deadlines run in the order in which they were set. Through one
// door they come in that order, and with a stamp each. Through two doors only the
// clock can tell: where one call happens before another, its reading is before
// the other's, if the clock moves in the meantime. In a bubble it does not, and in
// some systems it moves in steps; there, one door has to do. The test is stricter
// than it need be: two readings in a row are nearer to each other than any two
// that are told of one another from processor to processor. But it is a measurement,
// not a proof: a clock that is changed later, or levelled between processors, could
// make two such readings equal, and those ties would be in any order.
func (d *doors) init(l *Loop) {
	n := runtime.GOMAXPROCS(0)
	for range 64 {
		first := time.Since(l.start)
		if time.Since(l.start) == first {
			n = 1
		}
	}
	d.all = make([]door, n)
	for i := range d.all {
		d.all[i].loop = l
	}
	d.near.New = func() any { return &d.all[d.given.Add(1)%uint32(n)] }
}

// add takes t in, and returns its deadline.
//
// The clock is read while the door is locked. The loop reads it before it comes
// to any door; so a timer that it does not find there has a reading, and a
// deadline, no sooner than the loop's.
func (d *doors) add(t *timer, delay time.Duration) (deadline time.Duration) {
	door := d.near.Get().(*door)
	l := door.loop
	t.door = door
	door.mu.Lock()
	now := time.Since(l.start)
	door.last = max(now, door.last+1)
	t.set = door.last
	deadline = now + min(delay, never-now-1)
	door.timers.add(entry{deadline, t}, &door.spare)
	door.mu.Unlock()
	d.near.Put(door)
	return deadline
}

// take takes out all timers, and brings a chunk for each that it takes: a door keeps
// as many as it is in need of, and one that nobody uses none.
func (d *door) take(spare *spares[entry]) list[entry] {
	d.mu.Lock()
	defer d.mu.Unlock()
	timers := d.timers
	d.timers = list[entry]{}
	for c := timers.first; c != nil && d.spare.n < enough && spare.first != nil; c = c.next {
		d.spare.put(spare.get())
	}
	return timers
}
