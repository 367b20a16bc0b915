package main

import (
	"fmt"
	"slices"
	"strings"

	"example.com/eventloop/internal/text"
)

var stageNotes = map[string]string{
	"late-p50-µs": `The delays are odd, none of a whole millisecond. In a Go program that is otherwise
asleep, Linux waits for whole ones, so such timers are late by up to one. Those of
[lateness.svg](lateness.svg) are of 1, 2 or 3 ms, and lose less.`,
	"wakeups/s": `How often a thread of the process went to sleep, to be woken later (voluntary
context switches, by getrusage). The harness and Go's runtime are in it: compare
with no loop. Where a loop spins, by %cpu, the figure means nothing: a thread that
never sleeps need not be woken.`,
}

var peerNotes = map[string]string{
	"late-p50-µs": `In the row "flow quiet" the delays are whole milliseconds, which Linux keeps best.
Of odd ones, which are later there, see Lateness in [stages.md](stages.md).`,
}

// stages makes what is shown of package bench.
func stages(r *results, files map[string][]byte) {
	files["stages.md"] = r.table("The stages, measured", stageNotes)
	waiting := slices.DeleteFunc(slices.Clone(r.rows), func(row string) bool { return row != "Idle" && !strings.HasPrefix(row, "Waiting") })
	files["cpu.svg"] = picture("What each stage costs", r.Provenance(),
		r.bars("CPU while nothing is due", "CPU time, % of one core (as top shows it)", "%cpu", 0, waiting),
		r.bars("CPU for each timer or call", "CPU time per operation, ns (logarithmic)", "cpu-ns/op", 10, r.rows))
	files["turns.svg"] = picture("How often the loops go round", r.Provenance(),
		r.bars("Turns while nothing is due", "turns per second (logarithmic; none at the left edge)", "turns/s", 1, r.rows))
}

// bars returns bars of the rows that have figures in unit, each row under a heading:
// its title, or what stands before a colon in front of the row, which must be there.
func (r *results) bars(title, x, unit string, lowest float64, rows []string) *bars {
	b := &bars{title: title, x: x, lowest: lowest}
	for _, name := range rows {
		heading, name, ok := strings.Cut(name, ": ")
		if !ok {
			heading, name = rowTitle(heading), heading
		}
		looks := r.looks([]string{name}, unit)
		if len(looks) > 0 {
			b.rows = append(b.rows, row{label: heading})
		} else if ok {
			r.need(name, "", unit)
		}
		for _, look := range looks {
			m := r.need(name, look.impl, unit)
			value := text.Number(m)
			if strings.HasSuffix(unit, "ns/op") {
				value += " ns"
			}
			b.rows = append(b.rows, row{look.title, look, m, value})
		}
	}
	if len(b.rows) == 0 {
		r.need("Idle", ours, unit)
	}
	return b
}

// peers makes what is shown of package peers.
func peers(r *results, files map[string][]byte) {
	files["peers.md"] = r.table("Stage 3 and its peers, measured", peerNotes)
	about := r.Provenance()
	loops := []string{"stage1_polling", "stage2_queue", ours, fast}
	late := r.against("Lateness of one more timer", "median lateness, µs (logarithmic)", "Wait", "", "late-p50-µs", loops)
	late.ylog = true
	files["pending.svg"] = picture("What makes the heap worth it", about,
		r.against("CPU while they wait", "% of one core", "Wait", "", "%cpu", loops), late)

	growth := func(title, work string) panel {
		return r.against(title, "ns per timer", "Pending", "/work="+work, "ns/op", []string{ours, "AfterFunc", fast})
	}
	files["growth.svg"] = picture("What a thousand times more timers cost", about,
		growth("Set a timer and stop it", "setstop/goroutines=1"),
		growth("Stop one of the pending and set another", "replace"))

	// The tables of package bench have other figures for timers one at a time.
	files["lateness.svg"] = picture("How late callbacks are", about+" · Delays of whole milliseconds, as on top, come out best on Linux."+
		" · For odd ones, which are later there, see Lateness in stages.md.",
		r.lateness("One timer at a time, of 1, 2 or 3 ms", "Lateness/flow=quiet"),
		r.lateness("10,000 timers a second, at random", "Lateness/flow=10000"))

	files["peers.svg"] = picture("Stage 3 beside its peers", about, r.bars("Time for each timer or call", "ns (logarithmic)", "ns/op", 10, []string{
		"Set and stop, 100,000 pending, one goroutine: Pending/pending=100000/work=setstop/goroutines=1",
		"Set and stop, 100,000 pending, 4 goroutines: Pending/pending=100000/work=setstop/goroutines=4",
		"Fire 100,000 timers, random delays over 10 ms: Fire/timers=100000",
		"Fire 1,000,000 timers, random delays over 10 ms: Fire/timers=1000000",
		"CallSoon, one goroutine: CallSoon/goroutines=1",
		"CallSoon, 4 goroutines at once: CallSoon/goroutines=4",
	}))
}

// against returns a line for each implementation: the median in unit against the
// number of timers that are pending.
func (r *results) against(title, y, base, rest, unit string, impls []string) *chart {
	c := &chart{title: title, x: "timers pending (logarithmic)", y: y, xlog: true}
	for _, impl := range impls {
		s := series{look: lookOf(impl)}
		for n := 1; n <= 1_000_000; n *= 10 {
			row := fmt.Sprintf("%s/pending=%d%s", base, n, rest)
			if m, err := r.median(row, impl, unit); err == nil {
				s.points = append(s.points, [2]float64{float64(n), m})
			} else if n == 1_000_000 {
				r.need(row, impl, unit)
			}
		}
		c.lines = append(c.lines, s)
	}
	return c
}

// lateness returns the distribution of lateness in a row.
func (r *results) lateness(title, row string) *chart {
	c := &chart{title: title, x: "percent of the callbacks", y: "at most this late, µs (logarithmic)", ylog: true}
	for _, impl := range []string{"stage1_polling", "stage2_queue", ours, "AfterFunc", fast} {
		s := series{look: lookOf(impl)}
		for _, p := range []int{1, 5, 10, 25, 50, 75, 90, 95, 99} { // what package peers reports
			m := r.need(row, impl, fmt.Sprintf("late-p%02d-µs", p))
			s.points = append(s.points, [2]float64{float64(p), max(m, 0.1)})
		}
		c.lines = append(c.lines, s)
	}
	return c
}
