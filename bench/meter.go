package bench

import (
	"slices"
	"testing"
	"time"

	"example.com/eventloop"
	"example.com/eventloop/bench/cputime"
)

// A meter is what the clock, the process's CPU time, its wake-ups and the loop's
// turns read when measuring began.
type meter struct {
	cputime.Meter
	loop    eventloop.Loop
	wakeUps uint64
	turns   uint64
}

// A cost is what was used since a meter was made.
type cost struct {
	wall       time.Duration
	cpu        time.Duration
	cpuErr     error // why cpu is not known
	wakeUps    uint64
	wakeUpsErr error // why wakeUps is not known
	turns      uint64
	turned     bool // whether the loop counts its turns at all
}

func (r *running) measure() meter {
	wakeUps, _ := cputime.WakeUps() // an error comes back when the cost is taken
	return meter{cputime.Start(), r.Loop, wakeUps, r.Turns()}
}

func (m meter) cost() (c cost) {
	turns := m.loop.Turns()
	c.turns, c.turned = turns-m.turns, turns > 0
	c.wall, c.cpu, c.cpuErr = m.Read()
	c.wakeUps, c.wakeUpsErr = cputime.WakeUps()
	c.wakeUps -= m.wakeUps
	return c
}

// reportShare reports the share of one core: %cpu.
func reportShare(b *testing.B, c cost) {
	if known(b, c) {
		b.ReportMetric(cputime.Percent(c.cpu, c.wall), "%cpu")
	}
}

// reportTurns reports turns/s; nothing for what is no loop and has no turns.
func reportTurns(b *testing.B, c cost) {
	if c.turned {
		b.ReportMetric(float64(c.turns)/c.wall.Seconds(), "turns/s")
	}
}

// reportWakeUps reports wakeups/s.
func reportWakeUps(b *testing.B, c cost) {
	if c.wakeUpsErr != nil {
		b.Logf("no figures for wake-ups: %v", c.wakeUpsErr)
		return
	}
	b.ReportMetric(float64(c.wakeUps)/c.wall.Seconds(), "wakeups/s")
}

// reportEach reports the CPU time of one of ops: cpu-ns/op.
func reportEach(b *testing.B, c cost, ops int) {
	if known(b, c) {
		b.ReportMetric(float64(c.cpu)/float64(ops), "cpu-ns/op")
	}
}

func known(b *testing.B, c cost) bool {
	if c.cpuErr != nil {
		b.Logf("no figures for CPU: %v", c.cpuErr)
	}
	return c.cpuErr == nil
}

// lateness has one element for each callback: how long after its deadline it
// began.
type lateness []time.Duration

// report reports late-p50-µs and late-p99-µs. It fails the benchmark if a
// callback was early. It sorts l.
func (l lateness) report(b *testing.B) {
	slices.Sort(l)
	if l[0] < 0 {
		b.Fatalf("a callback began %v before its deadline: a callback never runs early", -l[0])
	}
	b.ReportMetric(microseconds(l.percentile(50)), "late-p50-µs")
	b.ReportMetric(microseconds(l.percentile(99)), "late-p99-µs")
}

// percentile returns the smallest element that p percent of all do not exceed
// (the nearest rank). l must be sorted and not empty, and p be in 1..100.
func (l lateness) percentile(p int) time.Duration {
	rank := (len(l)*p + 99) / 100 // rounded up
	return l[rank-1]
}

func microseconds(d time.Duration) float64 {
	return float64(d) / float64(time.Microsecond)
}
