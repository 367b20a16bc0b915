package attack

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// A program uses a loop: it is the steps of the goroutine that made the loop, with
// those of callbacks and other goroutines inside.
type program struct{ body []*step }

// A step is one statement of a program.
type step struct {
	kind  kind
	id    int // setTimeout, callSoon: the callback's own; stop: that of the timer
	delay delay
	body  []*step // what the callback or the goroutine does
}

type kind byte

const (
	setTimeout kind = 'T'
	callSoon   kind = 'C'
	stop       kind = 'S'
	sleep      kind = 'Z'
	cancel     kind = 'X'
	spawn      kind = 'G' // another goroutine

	// Only on the goroutine that made the loop.
	start kind = 'R' // a Run, on a goroutine of its own
	wait  kind = 'W' // until all goroutines are blocked

	// Only in callbacks.
	panics kind = 'P'
	goexit kind = 'E'
)

// Where a body runs decides which kinds may be in it, and how often.
const (
	onMain   = "TTTTTCCCSSSZZXRRRWWG"
	onOthers = "TTCCSSZXG"
	onLoop   = "TTTCCCSSSXZGPE"
)

// inCallback reports whether s makes sense in a callback only.
func (s *step) inCallback() bool { return s.kind == panics || s.kind == goexit }

// A delay is in ticks, so that a program fits its world, or one of these.
type delay int

const (
	negative delay = -1
	anHour   delay = 100 + iota
	forEver
)

var strange = map[delay]struct {
	in   time.Duration
	code string
}{
	negative: {-time.Second, "-time.Second"},
	0:        {0, "0"},
	anHour:   {time.Hour, "time.Hour"},
	forEver:  {math.MaxInt64, "math.MaxInt64"},
}

func (d delay) in(w world) time.Duration {
	if s, ok := strange[d]; ok {
		return s.in
	}
	return time.Duration(d) * w.tick
}

func (d delay) String() string {
	if s, ok := strange[d]; ok {
		return s.code
	}
	return fmt.Sprintf("%d*tick", int(d))
}

// random returns a program of at most 40 steps.
func random(r *rand.Rand) *program {
	m := &maker{r: r, left: 5 + r.IntN(36)}
	p := &program{m.body(m.left, onMain, 0)}
	for _, s := range m.stops {
		if len(m.timers) == 0 {
			s.kind, s.delay = sleep, 1
		} else {
			s.id = m.timers[r.IntN(len(m.timers))]
		}
	}
	return p
}

// A maker makes a program.
type maker struct {
	r      *rand.Rand
	left   int     // how many steps may still come
	timers []int   // the ids of setTimeout
	stops  []*step // which timer they stop is settled at the end
}

// body returns at most n steps.
func (m *maker) body(n int, where string, depth int) (body []*step) {
	for range n {
		if m.left > 0 {
			body = append(body, m.step(where, depth))
		}
	}
	return body
}

func (m *maker) step(where string, depth int) *step {
	m.left--
	s := &step{kind: kind(where[m.r.IntN(len(where))]), id: m.left}
	inside := func(where string) {
		if depth < 3 { // callbacks in callbacks
			s.body = m.body(m.r.IntN(4), where, depth+1)
		}
	}
	switch s.kind {
	case setTimeout:
		m.timers = append(m.timers, s.id)
		// Short delays, many of them equal, and strange ones.
		s.delay = []delay{0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, negative, anHour, forEver}[m.r.IntN(16)]
		inside(onLoop)
	case callSoon:
		inside(onLoop)
	case spawn:
		inside(onOthers)
	case stop:
		m.stops = append(m.stops, s)
	case sleep:
		s.delay = delay(m.r.IntN(4))
	}
	return s
}

// names returns names for the callbacks of the program, by id: t0, t1 and so on for
// those of timers, s0 and so on for the others, in the order in which they stand.
func (p *program) names() map[int]string {
	names := make(map[int]string)
	timers, soons := 0, 0
	var walk func([]*step)
	walk = func(body []*step) {
		for _, s := range body {
			switch s.kind {
			case setTimeout:
				names[s.id] = fmt.Sprint("t", timers)
				timers++
			case callSoon:
				names[s.id] = fmt.Sprint("s", soons)
				soons++
			}
			walk(s.body)
		}
	}
	walk(p.body)
	return names
}

// code is how each kind of step is written: what stands before and after its body.
var code = map[kind][2]string{
	setTimeout: {"NAME = l.SetTimeout(DELAY, func() {", "})"},
	callSoon:   {"l.CallSoon(func() {", "}) // NAME"},
	stop:       {"NAME.Stop()"},
	sleep:      {"time.Sleep(DELAY)"},
	cancel:     {"cancel()"},
	spawn:      {"go func() {", "}()"},
	start:      {"start() // go l.Run(ctx), unless a Run goes on"},
	wait:       {"synctest.Wait()"},
	panics:     {`panic("on purpose")`},
	goexit:     {"runtime.Goexit()"},
}

// String returns the program as Go source.
func (p *program) String() string {
	var b strings.Builder
	names := p.names()
	var write func(body []*step, indent string)
	write = func(body []*step, indent string) {
		for _, s := range body {
			head, tail := code[s.kind][0], code[s.kind][1]
			fill := strings.NewReplacer("NAME", names[s.id], "DELAY", s.delay.String())
			if len(s.body) == 0 {
				fmt.Fprintf(&b, "%s%s\n", indent, fill.Replace(head+tail))
				continue
			}
			fmt.Fprintf(&b, "%s%s\n", indent, fill.Replace(head))
			write(s.body, indent+"\t")
			fmt.Fprintf(&b, "%s%s\n", indent, fill.Replace(tail))
		}
	}
	b.WriteString("\tl := New()\n")
	write(p.body, "\t")
	b.WriteString("\tdrain() // start() until nothing is pending, then cancel()\n")
	return b.String()
}
