package attack

import (
	"fmt"
	"math"
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
	setTimeout kind = iota
	callSoon
	stop
	sleep
	cancel
	spawn // another goroutine

	// Only on the goroutine that made the loop.
	start // a Run, on a goroutine of its own
	wait  // until all goroutines are blocked

	// Only in callbacks.
	runAgain
	panics
	goexit
)

// inCallback reports whether s makes sense in a callback only.
func (s *step) inCallback() bool { return s.kind >= runAgain }

// A delay is in ticks, so that a program fits its world, or one of these.
type delay int

const (
	negative delay = -1
	anHour   delay = 100 + iota
	forEver
)

func (d delay) in(w world) time.Duration {
	switch d {
	case negative:
		return -time.Second
	case anHour:
		return time.Hour
	case forEver:
		return math.MaxInt64
	}
	return time.Duration(d) * w.tick()
}

func (d delay) String() string {
	switch d {
	case negative:
		return "-time.Second"
	case anHour:
		return "time.Hour"
	case forEver:
		return "math.MaxInt64"
	case 0:
		return "0"
	case 1:
		return "tick"
	}
	return fmt.Sprintf("%d*tick", int(d))
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

// String returns the program as Go source.
func (p *program) String() string {
	var b strings.Builder
	b.WriteString("\tl := New()\n")
	write(&b, p.body, p.names(), "\t")
	b.WriteString("\tdrain() // start() until nothing is pending, then cancel()\n")
	return b.String()
}

func write(b *strings.Builder, body []*step, names map[int]string, indent string) {
	block := func(head string, body []*step, tail string) {
		if len(body) == 0 {
			fmt.Fprintf(b, "%s%s }%s\n", indent, head, tail)
			return
		}
		fmt.Fprintf(b, "%s%s\n", indent, head)
		write(b, body, names, indent+"\t")
		fmt.Fprintf(b, "%s}%s\n", indent, tail)
	}
	for _, s := range body {
		switch s.kind {
		case setTimeout:
			block(fmt.Sprintf("%s = l.SetTimeout(%v, func() {", names[s.id], s.delay), s.body, ")")
		case callSoon:
			block("l.CallSoon(func() {", s.body, ") // "+names[s.id])
		case spawn:
			block("go func() {", s.body, "()")
		case stop:
			if name, set := names[s.id]; set { // else shrinking has left that timer out
				fmt.Fprintf(b, "%s%s.Stop()\n", indent, name)
			}
		case sleep:
			fmt.Fprintf(b, "%stime.Sleep(%v)\n", indent, s.delay)
		case cancel:
			fmt.Fprintf(b, "%scancel()\n", indent)
		case start:
			fmt.Fprintf(b, "%sstart() // go l.Run(ctx), unless a Run goes on\n", indent)
		case wait:
			fmt.Fprintf(b, "%ssynctest.Wait()\n", indent)
		case runAgain:
			fmt.Fprintf(b, "%sl.Run(ctx) // panics, and is recovered\n", indent)
		case panics:
			fmt.Fprintf(b, "%spanic(\"on purpose\")\n", indent)
		case goexit:
			fmt.Fprintf(b, "%sruntime.Goexit()\n", indent)
		}
	}
}

const (
	maxBytes = 120 // of a random program: about 40 steps
	maxSteps = 60
	maxDepth = 3 // of callbacks in callbacks
)

// decode makes a program of any bytes: so random bytes, and those that the fuzzer
// tries, are all programs. Nearby bytes are nearby programs.
func decode(bytes []byte) *program {
	d := &decoder{bytes: bytes}
	p := &program{body: d.body(0, onMain)}
	for _, s := range d.stops {
		if len(d.timers) == 0 {
			s.kind, s.delay = sleep, 1
		} else {
			s.id = d.timers[s.id%len(d.timers)]
		}
	}
	return p
}

type decoder struct {
	bytes  []byte
	steps  int
	timers []int   // the ids of setTimeout
	stops  []*step // their id is any number until the end
}

// Where a body runs decides what may be in it, and how often.
const (
	onMain   = "TTTTTCCCSSSZZXRRRWWG"
	onOthers = "TTCCSSZXG"
	onLoop   = "TTTCCCSSSXZGAPE"
)

// next returns the next byte, or zero after the end.
func (d *decoder) next() byte {
	if len(d.bytes) == 0 {
		return 0
	}
	b := d.bytes[0]
	d.bytes = d.bytes[1:]
	return b
}

func (d *decoder) body(depth int, where string) []*step {
	var body []*step
	// Callbacks are short. The program goes on as long as there are bytes.
	n := maxSteps
	if where != onMain {
		n = int(d.next() % 4)
	}
	for range n {
		if len(d.bytes) == 0 || d.steps == maxSteps {
			break
		}
		body = append(body, d.step(depth, where))
	}
	return body
}

func (d *decoder) step(depth int, where string) *step {
	d.steps++
	s := &step{}
	inside := func(where string) {
		if depth < maxDepth {
			s.body = d.body(depth+1, where)
		}
	}
	switch where[int(d.next())%len(where)] {
	case 'T':
		s.kind, s.id, s.delay = setTimeout, d.steps, d.delay()
		d.timers = append(d.timers, s.id)
		inside(onLoop)
	case 'C':
		s.kind, s.id = callSoon, d.steps
		inside(onLoop)
	case 'S':
		s.kind, s.id = stop, int(d.next())
		d.stops = append(d.stops, s)
	case 'Z':
		s.kind, s.delay = sleep, delay(d.next()%4)
	case 'X':
		s.kind = cancel
	case 'R':
		s.kind = start
	case 'W':
		s.kind = wait
	case 'G':
		s.kind = spawn
		inside(onOthers)
	case 'A':
		s.kind = runAgain
	case 'P':
		s.kind = panics
	case 'E':
		s.kind = goexit
	}
	return s
}

// delay returns a short delay, with many that are equal, or a strange one.
func (d *decoder) delay() delay {
	switch b := d.next() % 16; b {
	case 13:
		return negative
	case 14:
		return anHour
	case 15:
		return forEver
	default:
		return delay(b / 2)
	}
}
