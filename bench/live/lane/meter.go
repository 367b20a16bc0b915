package lane

import (
	"math"
	"time"

	"example.com/eventloop"
	"example.com/eventloop/bench/cputime"
)

// A State is how a loop waits, by what was measured and not by what it is meant to do.
type State string

const (
	Spins  State = "spins"  // goes round without pause
	Naps   State = "naps"   // goes round again and again, and sleeps between
	Works  State = "works"  // goes round for what there is to do, which costs something
	Asleep State = "asleep" // goes round only for what there is to do, if at all
)

// A meter reads what a loop costs.
type meter struct {
	loop  eventloop.Loop
	marks []mark // the oldest first, never empty: of a second, or since the state changed
	state State  // "" before the second mark
	other int    // of the last intervals, how many looked like another state
	looks []bool // whether it was busy, at the last maxLooks of the marks since it began to turn for nothing
}

const maxLooks = 8

type mark struct {
	at     time.Time
	cpu    time.Duration // of this process, all threads, user and system
	turns  uint64
	events uint64 // how often the loop has had reason to go round
	busy   bool   // a goroutine of the loop runs, or would if there were a core for it
}

// figures are what a meter reads.
type figures struct {
	cpu   float64 // percent of one core
	turns uint64  // a second
	state State
}

// newMeter returns a meter, or an error where the system does not tell what a
// process costs.
func newMeter(loop eventloop.Loop, now time.Time) (*meter, error) {
	cpu, err := cputime.Process()
	if err != nil {
		return nil, err
	}
	return &meter{loop: loop, marks: []mark{{at: now, cpu: cpu, turns: loop.Turns()}}}, nil
}

// read returns the figures now.
func (m *meter) read(now time.Time, events uint64, busy bool) figures {
	cpu, err := cputime.Process()
	if err != nil { // it worked before: take the time to have stood still
		cpu = m.marks[len(m.marks)-1].cpu
	}
	return m.add(mark{now, cpu, m.loop.Turns(), events, busy})
}

// add takes one more mark. The figures are those of the last second. When the state
// changes they begin anew, so that the word and the figures always agree. One interval
// that looks like another state changes nothing: it may be half the one and half the
// other.
func (m *meter) add(end mark) figures {
	last := len(m.marks) - 1
	switch seen := m.waits(m.marks[last], end); {
	case m.state == "":
		m.state = seen
	case seen == m.state:
		m.other = 0
	default:
		if m.other++; m.other == 2 {
			m.state, m.other = seen, 0
			m.marks = m.marks[last:]
		}
	}
	m.marks = append(m.marks, end)
	for len(m.marks) > 2 && end.at.Sub(m.marks[1].at) >= time.Second {
		m.marks = m.marks[1:]
	}
	start := m.marks[0]
	elapsed := end.at.Sub(start.at)
	if elapsed <= 0 {
		return figures{state: m.state}
	}
	return figures{
		cpu:   cputime.Percent(end.cpu-start.cpu, elapsed),
		turns: uint64(math.Round(float64(end.turns-start.turns) / elapsed.Seconds())),
		state: m.state,
	}
}

// waits tells by two marks how a loop waited between them. One that sleeps makes a
// few turns for each event and none without. More turns are for nothing. Then a loop
// that is found busy again and again spins, and one that is found asleep now and then
// naps. CPU time would not tell: on a busy machine a loop that spins gets little of it.
func (m *meter) waits(start, end mark) State {
	seconds := end.at.Sub(start.at).Seconds()
	if float64(end.turns-start.turns) > 8*float64(end.events-start.events)+10*seconds {
		m.looks = append(m.looks, end.busy)
		m.looks = m.looks[max(0, len(m.looks)-maxLooks):]
		asleep := 0
		for _, busy := range m.looks {
			if !busy {
				asleep++
			}
		}
		if 4*asleep >= len(m.looks) {
			return Naps
		}
		return Spins
	}
	if m.state == Spins && end.busy {
		return Spins // it had no core meanwhile
	}
	m.looks = nil
	if (end.cpu - start.cpu).Seconds() > seconds/20 {
		return Works
	}
	return Asleep
}
