package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/exp/trace"
)

// A story is what a trace tells of the goroutines that matter here.
type story struct {
	length    time.Duration // until Run has returned
	lanes     []lane        // your code, the timer loop, the callback loop
	callbacks []moment
}

type lane struct {
	name    string
	changes int // of its state
	awake   []span
}

// cameAt is when the callbacks came, all of them together.
func (s story) cameAt() (sum time.Duration) {
	for _, c := range s.callbacks {
		sum += c.at
	}
	return sum
}

// A span is a time during which a goroutine was awake: on a core, or wanting one.
type span struct{ from, to time.Duration }

type moment struct {
	name string
	at   time.Duration
}

// read reads a trace of record. Your code is the goroutine that says so, the callback
// loop the one on which callbacks run, and the timer loop the one that this has started.
func read(r io.Reader) (story, error) {
	in, err := trace.NewReader(r)
	if err != nil {
		return story{}, err
	}
	var events []trace.Event
	for {
		switch e, err := in.ReadEvent(); {
		case errors.Is(err, io.EOF):
			return tell(events)
		case err != nil:
			return story{}, err
		default:
			events = append(events, e)
		}
	}
}

func tell(events []trace.Event) (story, error) {
	var s story
	var begin trace.Time
	startedBy := map[trace.GoID]trace.GoID{}
	you, calls, waits := trace.NoGoroutine, trace.NoGoroutine, trace.NoGoroutine
	for _, e := range events {
		switch e.Kind() {
		case trace.EventLog:
			switch log := e.Log(); log.Category {
			case whoIs:
				you, begin = e.Goroutine(), e.Time()
			case callback:
				calls = e.Goroutine()
				s.callbacks = append(s.callbacks, moment{log.Message, e.Time().Sub(begin)})
			}
		case trace.EventStateTransition:
			if g, from, _, ok := transition(e); ok && from == trace.GoNotExist {
				startedBy[g] = e.Goroutine()
			}
		}
	}
	for g, by := range startedBy {
		if by == calls && calls != trace.NoGoroutine {
			if waits != trace.NoGoroutine {
				return s, errors.New("the callback loop has started more than one goroutine")
			}
			waits = g
		}
	}
	for _, who := range []struct {
		name string
		id   trace.GoID
	}{{yourCode, you}, {"timer loop", waits}, {"callback loop", calls}} {
		if who.id == trace.NoGoroutine {
			return s, fmt.Errorf("there is no %s in it", who.name)
		}
		s.lanes = append(s.lanes, follow(events, who.id, who.name, begin))
	}
	if loop := s.lanes[2].awake; len(loop) > 0 {
		s.length = loop[len(loop)-1].to
	}
	for i := range s.lanes {
		s.lanes[i].end(s.length)
	}
	return s, nil
}

// follow returns what one goroutine did, from begin on.
func follow(events []trace.Event, id trace.GoID, name string, begin trace.Time) lane {
	l := lane{name: name}
	awake, since := false, begin
	ends := func(at trace.Time) {
		if awake && at > begin {
			l.awake = append(l.awake, span{since.Sub(begin), at.Sub(begin)})
		}
	}
	for _, e := range events {
		g, from, to, ok := transition(e)
		if !ok || g != id {
			continue
		}
		if from != trace.GoUndetermined && e.Time() >= begin { // else it says what the state was
			l.changes++
		}
		wakes := to == trace.GoRunning || to == trace.GoRunnable || to == trace.GoSyscall
		if wakes != awake {
			ends(e.Time())
			awake, since = wakes, max(e.Time(), begin)
		}
	}
	if len(events) > 0 {
		ends(events[len(events)-1].Time())
	}
	return l
}

// end forgets when the goroutine was awake after that.
func (l *lane) end(at time.Duration) {
	l.awake = slices.DeleteFunc(l.awake, func(s span) bool { return s.from >= at })
	for i := range l.awake {
		l.awake[i].to = min(l.awake[i].to, at)
	}
}

// transition returns whose state changes with e, if it is a goroutine's, and how.
func transition(e trace.Event) (g trace.GoID, from, to trace.GoState, ok bool) {
	if e.Kind() != trace.EventStateTransition {
		return 0, 0, 0, false
	}
	st := e.StateTransition()
	if st.Resource.Kind != trace.ResourceGoroutine {
		return 0, 0, 0, false
	}
	from, to = st.Goroutine()
	return st.Resource.Goroutine(), from, to, true
}
