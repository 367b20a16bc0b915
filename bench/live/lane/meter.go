package lane

import (
	"time"

	"example.com/eventloop"
	"example.com/eventloop/bench/cputime"
)

// A meter reads what a loop costs.
type meter struct {
	loop  eventloop.Loop
	marks []mark // of about the last second, the oldest first, never empty
}

type mark struct {
	at     time.Time
	cpu    time.Duration // of this process, all threads, user and system
	turns  uint64
	events uint64
}

// figures are what a meter reads.
type figures struct {
	cpu   float64 // percent of one core, over the last second
	turns uint64  // a second, over the last second
	spins bool    // since the reading before
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

// read returns the figures of the second before now. events is how often the
// loop has had reason to go round so far.
func (m *meter) read(now time.Time, events uint64) figures {
	cpu, err := cputime.Process()
	if err != nil { // it worked before: take the time to have stood still
		cpu = m.marks[len(m.marks)-1].cpu
	}
	return m.add(mark{now, cpu, m.loop.Turns(), events})
}

func (m *meter) add(end mark) figures {
	last := m.marks[len(m.marks)-1]
	m.marks = append(m.marks, end)
	for len(m.marks) > 2 && end.at.Sub(m.marks[1].at) >= time.Second {
		m.marks = m.marks[1:]
	}
	start := m.marks[0]
	elapsed := end.at.Sub(start.at)
	if elapsed <= 0 {
		return figures{}
	}
	return figures{
		cpu:   cputime.Percent(end.cpu-start.cpu, elapsed),
		turns: uint64(float64(end.turns-start.turns) / elapsed.Seconds()),
		spins: spins(end.turns-last.turns, end.events-last.events, end.cpu-last.cpu, end.at.Sub(last.at)),
	}
}

// spins reports whether a loop that went round turns times, and had events
// reasons to, was spinning. One that sleeps makes a few turns for each event and
// none without; one that spins makes more, or, if each turn is a long one
// because it sweeps thousands of timers, keeps a core busy with fewer.
func spins(turns, events uint64, cpu, elapsed time.Duration) bool {
	return turns > 8*events+20 || turns > 0 && cpu > elapsed/2
}
