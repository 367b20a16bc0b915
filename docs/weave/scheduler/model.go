// Package scheduler is a model of the moment in which stage 3 could lose a wake-up, and
// the board on which a reader plays it.
//
// Two take turns, the timer loop and the code that sets a sooner timer. The model knows
// every order in which they can go on, so it can say in how many of them the wake-up is
// lost. Its steps are bound to lines of stage3_event (see source.go). Lines under the
// lock are one step, unless the other one can see something between them.
//
// One caller is enough: it holds the lock while add lasts, so many callers are one, with
// several timers one after the other. The clock stands still. All of it takes
// microseconds, and no timer in it is due so soon. A stop is left out, since it wakes
// nobody.
package scheduler

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// A variant is a timer loop that is right, or wrong in one way.
type variant struct {
	Name   string // in links
	Title  string
	Lines  string // the lines that make it what it is
	room   bool   // the event keeps a value that nobody waits for yet
	clears bool   // waiting leaves the value there; to take it away is a step after the look
	splits bool   // the look and the note of it are two critical sections
}

var variants = []variant{
	{Name: "no-room", Title: "An event with no room", Lines: "make(chan struct{})"},
	{Name: "room", Title: "Room for one: stage 3", Lines: "make(chan struct{}, 1)", room: true},
	{Name: "clear", Title: "Wait, look, clear", Lines: "event.wait(); look(); event.clear()", room: true, clears: true},
	{Name: "two-locks", Title: "Look, unlock, note", Lines: "l.mu.Unlock(); l.mu.Lock()", room: true, splits: true},
}

// The two that make steps.
const (
	loop = iota
	code // that calls SetTimeout
)

// The steps of the timer loop: from look to wait, and from the beginning again.
const (
	look = iota
	note
	alarm
	clear
	wait
	asleep // in wait, and nobody has woken it
)

// The steps of the code, for each of its timers.
const (
	put = iota
	set
)

// never is later than any deadline.
const never = math.MaxInt64

// A state is all there is between two steps. Deadlines count from now.
type state struct {
	at   [2]int          // the step that each makes next
	left []time.Duration // the timers that the code has still to set

	// What the two share.
	locked bool            // the code holds mu; the loop never does between two steps
	heap   []time.Duration // in order
	until  time.Duration   // when the loop looks next
	event  bool            // there is a value in it, or in the hand of the sleeper

	// The timer loop's own.
	seen  time.Duration // the top of the heap, at its last look
	rings time.Duration // when the alarm does
}

// begin is the state in which Run has just been called: a timer of an hour has
// been set, and the loop is about to look for the first time.
func begin(timers ...time.Duration) state {
	return state{left: timers, heap: []time.Duration{time.Hour}, rings: never}
}

// A telling says what a step does, or why it can't be made. The %s in it is the
// instant.
type telling struct {
	text    string
	instant time.Duration
}

// step returns the state after a step, and tells it. If that one can't make a step now,
// ok is false.
func (v variant) step(s state, who int) (after state, says telling, ok bool) {
	if who == loop {
		return v.stepOfLoop(s)
	}
	return v.stepOfCode(s)
}

func (v variant) stepOfLoop(s state) (after state, says telling, ok bool) {
	switch s.at[loop] {
	case look, note:
		if s.locked {
			return s, telling{"waits for the lock", 0}, false
		}
		switch {
		case s.at[loop] == note:
			says = telling{"notes that it sleeps for %s. It does not sleep yet", s.seen}
			s.until = s.seen
		case v.splits:
			s.seen = s.heap[0]
			says = telling{"looks: the earliest timer is due in %s", s.seen}
		default:
			s.seen = s.heap[0]
			says = telling{"looks, and notes that it sleeps for %s. It does not sleep yet", s.seen}
			s.until = s.seen
			s.at[loop]++ // over note
		}
	case alarm:
		s.rings, s.seen = s.seen, 0
		says = telling{"sets the alarm for %s", s.rings}
		if !v.clears {
			s.at[loop]++ // over clear
		}
	case clear:
		says = telling{"clears the event, which was not set", 0}
		if s.event {
			says = telling{"clears the event, which was set", 0}
		}
		s.event = false
	case wait, asleep:
		if !s.event && s.at[loop] == asleep {
			return s, telling{"sleeps for %s", s.rings}, false
		}
		if s.event {
			says = telling{"finds the event set, and does not fall asleep", 0}
			if s.at[loop] == asleep {
				says = telling{"wakes up", 0}
			}
			s.event = v.clears
			s.at[loop] = look
			return s, says, true
		}
		says = telling{"falls asleep for %s", s.rings}
	}
	s.at[loop]++
	return s, says, true
}

func (v variant) stepOfCode(s state) (after state, says telling, ok bool) {
	if len(s.left) == 0 {
		return s, telling{"has set its timer", 0}, false
	}
	deadline := s.left[0]
	if s.at[code] == put {
		s.heap = slices.Sorted(slices.Values(append(slices.Clone(s.heap), deadline)))
		if deadline >= s.until {
			return s.returns(), telling{"puts %s into the heap and need not wake the loop, which is going to look by then", deadline}, true
		}
		s.until = deadline
		s.locked = true
		s.at[code] = set
		return s, telling{"takes the lock and puts %s into the heap. The loop would look too late", deadline}, true
	}
	says = telling{"sets the event and gives the lock back. The value stays in the event", 0}
	switch {
	case s.at[loop] == asleep:
		says = telling{"sets the event, which wakes the loop, and gives the lock back", 0}
		s.event = true
	case v.room:
		s.event = true
	default:
		says = telling{"sets the event, but nobody is there to take the value, and it is dropped", 0}
	}
	return s.returns(), says, true
}

// returns is the end of add.
func (s state) returns() state {
	s.locked = false
	s.left = s.left[1:]
	s.at[code] = put
	return s
}

// lost reports whether the alarm comes too late for a timer. It has a meaning only
// when neither of the two can go on.
func (s state) lost() bool { return s.heap[0] < s.rings }

// A position is a state with all that can come of it.
type position struct {
	state
	moves  [2]move
	orders uint64 // in how many orders the steps can go on from here
	losing uint64 // and in how many of them the wake-up is lost
}

// A move is a step that can be made, or what hinders it.
type move struct {
	to   int // the position after it; 0 for none, since nothing leads to the first
	says telling
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
	case d == 0, d == never:
		return "–"
	case d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d ms", d/time.Millisecond)
}
