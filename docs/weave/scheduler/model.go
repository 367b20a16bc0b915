// Package scheduler is a model of the moment in which stage 3 could lose a
// wake-up, and the page on which a reader plays it: who makes the next step, the
// timer loop or the code that sets a sooner timer?
//
// The model knows every order in which the two can go on, so it can say how many
// there are and how many of them lose. Each of its steps is bound to lines of
// stage3_event (see source.go). What is done with the lock held is one step if the
// other one can see nothing of it before the lock is free.
//
// One caller is enough: it holds the lock for as long as add lasts, so many callers
// are one, with several timers one after the other. The clock stands still. All this
// takes microseconds, and no timer in it is due so soon. A stop is left out: it wakes the
// loop by lookBy too.
package scheduler

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// A variant is a timer loop that is right, or wrong in one way.
type variant struct {
	Name     string // in links
	Title    string
	room     bool // the event keeps a value for which nobody waits yet
	clears   bool // waiting leaves the value there; to take it away is a step after the look
	compares bool // lookBy does nothing if the loop is going to look sooner anyhow
}

var variants = []variant{
	{Name: "no-room", Title: "An event with no room", compares: true},
	{Name: "room", Title: "Room for one: stage 3", room: true, compares: true},
	{Name: "clear", Title: "Wait, look, clear", room: true, clears: true, compares: true},
	{Name: "no-compare", Title: "Without the compare", room: true},
}

// Who makes a step.
const (
	loop = iota
	code // that calls SetTimeout
)

// The steps of the timer loop: from take to wait, and from the beginning again.
const (
	take = iota
	push
	look
	alarm
	clear
	wait
	asleep // in wait, and nobody has woken it
)

// The steps of the code, for each of its timers.
const (
	arrive = iota
	compare
	ask
	set
)

// never is later than any deadline.
const never = math.MaxInt64

// A state is all there is between two steps. Deadlines count from now.
type state struct {
	at   [2]int          // the step that each makes next
	left []time.Duration // the timers that the code has still to set

	// What the two share.
	locked   bool // the code holds mu; the loop never does between two steps
	arrivals []time.Duration
	until    time.Duration
	asleep   bool // what the loop says of itself
	event    bool // there is a value in it, or in the hand of the sleeper

	// The timer loop's own.
	taken    []time.Duration // on their way from arrivals to the heap
	heap     []time.Duration // in order
	returned time.Duration   // until, as turn has returned it; whatever becomes of it then
	rings    time.Duration   // when the alarm does
}

// begin is the state in which Run has just been called: a timer of an hour has
// been set, and the loop makes its first turn.
func begin(timers ...time.Duration) state {
	return state{left: timers, arrivals: []time.Duration{time.Hour}, rings: never}
}

// step returns what there is after a step, and tells it. If that one can't make a
// step now, ok is false, and what is told is why.
func (v variant) step(s state, who int) (after state, says string, ok bool) {
	if who == loop {
		return v.stepOfLoop(s)
	}
	return v.stepOfCode(s)
}

func (v variant) stepOfLoop(s state) (after state, says string, ok bool) {
	switch s.at[loop] {
	case take:
		if s.locked {
			return s, "waits for the lock", false
		}
		s.taken, s.arrivals = s.arrivals, nil
		s.until, s.asleep = never, false
		says = "takes " + list(s.taken) + " out of arrivals"
	case push:
		says = "puts " + list(s.taken) + " into the heap"
		s.heap = slices.Sorted(slices.Values(slices.Concat(s.heap, s.taken)))
		s.taken = nil
	case look:
		if s.locked {
			return s, "waits for the lock", false
		}
		s.until = v.lookBy(s.until, s.heap[0])
		s.asleep = true
		s.returned = s.until
		says = "looks, and returns until, " + short(s.until) + ". It says that it is asleep, and is not yet"
	case alarm:
		s.rings, s.returned = s.returned, 0
		says = "sets the alarm for " + short(s.rings)
		if !v.clears {
			s.at[loop]++ // over clear
		}
	case clear:
		says = "clears the event, which was not set"
		if s.event {
			says = "clears the event, which was set"
		}
		s.event = false
	case wait, asleep:
		if !s.event {
			if s.at[loop] == asleep {
				return s, "sleeps for " + short(s.rings), false
			}
			says = "falls asleep for " + short(s.rings)
			break
		}
		says = "finds the event set, and does not fall asleep"
		if s.at[loop] == asleep {
			says = "wakes up"
		}
		s.event = v.clears
		s.at[loop] = take
		return s, says, true
	}
	s.at[loop]++
	return s, says, true
}

func (v variant) stepOfCode(s state) (after state, says string, ok bool) {
	if len(s.left) == 0 {
		return s, "has set its timer", false
	}
	deadline := s.left[0]
	switch s.at[code] {
	case arrive:
		s.locked = true
		s.arrivals = append(slices.Clone(s.arrivals), deadline)
		says = "takes the lock and adds " + short(deadline) + " to arrivals"
	case compare:
		if v.compares && deadline >= s.until {
			return s.returns(), "need not wake the loop, which is going to look by then anyhow. It returns, and gives the lock back", true
		}
		says = "sets until to " + short(deadline)
		s.until = v.lookBy(s.until, deadline)
	case ask:
		if !s.asleep {
			return s.returns(), "need not wake the loop, which does not say that it is asleep. It returns, and gives the lock back", true
		}
		s.asleep = false
		says = "finds that the loop says it is asleep"
	case set:
		says = "sets the event and returns. The value stays in it"
		switch {
		case s.at[loop] == asleep:
			says = "sets the event, which wakes the loop, and returns"
			s.event = true
		case v.room:
			s.event = true
		default:
			says = "sets the event, but nobody is there to take the value, and it is dropped. It returns"
		}
		return s.returns(), says, true
	}
	s.at[code]++
	return s, says, true
}

// returns is the end of add.
func (s state) returns() state {
	s.locked = false
	s.left = s.left[1:]
	s.at[code] = arrive
	return s
}

func (v variant) lookBy(until, instant time.Duration) time.Duration {
	if v.compares && instant >= until {
		return until
	}
	return instant
}

// lost reports whether the alarm comes too late for a timer. It has a meaning only
// when neither of the two can go on.
func (s state) lost() bool {
	return slices.Min(slices.Concat(s.arrivals, s.heap)) < s.rings
}

// A position is a state with all that can come of it.
type position struct {
	state
	moves  [2]move
	orders uint64 // in how many orders the steps can go on from here
	losing uint64 // and how many of them lose
}

// A move is a step that can be made, or what hinders it.
type move struct {
	to   int // the position after it; 0 for none, since nothing leads to the first
	says string
}

// play returns all positions that there are, the first of them first.
func (v variant) play(first state) []position {
	var all []position
	known := map[string]int{}
	var visit func(state) int
	visit = func(s state) int {
		key := fmt.Sprint(s)
		if i, ok := known[key]; ok {
			return i
		}
		i := len(all)
		known[key] = i
		all = append(all, position{})
		p := position{state: s}
		for who := range p.moves {
			after, says, ok := v.step(s, who)
			p.moves[who].says = says
			if ok {
				to := visit(after)
				p.moves[who].to = to
				p.orders += all[to].orders
				p.losing += all[to].losing
			}
		}
		if p.over() {
			p.orders = 1
			if s.lost() {
				p.losing = 1
			}
		}
		all[i] = p
		return i
	}
	visit(first)
	return all
}

// over reports whether neither can go on.
func (p position) over() bool { return p.moves[loop].to == 0 && p.moves[code].to == 0 }

// short is a deadline in few characters.
func short(d time.Duration) string {
	switch {
	case d == never:
		return "never"
	case d == 0:
		return "at once"
	case d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d ms", d/time.Millisecond)
}

func list(all []time.Duration) string { return strings.Join(names(all), " and ") }

func names(all []time.Duration) []string {
	out := []string{}
	for _, d := range all {
		out = append(out, short(d))
	}
	return out
}
