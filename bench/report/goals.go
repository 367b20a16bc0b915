package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A goal is one line of the table: what stage 3 is to reach.
type goal struct {
	work string // what is done
	row  string // the benchmark that does it
	unit string

	// than is whom stage 3 is compared with, in the same row and unit unless
	// thanRow says another; if it is empty, the figure itself is the measure.
	than    string
	thanRow string

	// Either at least so many times as fast, or at most so much (a ratio, or
	// with nobody to compare with the figure).
	atLeast float64
	atMost  float64
}

const ours = "stage3_event"

// goals returns all goals, in the order of the table.
func goals() []goal {
	var g []goal
	for _, goroutines := range []int{1, 4} {
		for _, pending := range []int{0, 100_000, 1_000_000} {
			g = append(g, goal{
				work: fmt.Sprintf("set and stop, %s pending, %s", thousands(pending), atOnce(goroutines)),
				row:  fmt.Sprintf("Pending/pending=%d/work=setstop/goroutines=%d", pending, goroutines),
				unit: "ns/op", than: "AfterFunc", atLeast: 2,
			})
		}
	}
	for _, timers := range []int{100_000, 1_000_000} {
		for _, other := range []struct {
			impl  string
			times float64
		}{{"AfterFunc", 3}, {"AfterFunc_serial", 8}, {"goja_nodejs", 10}} {
			g = append(g, goal{
				work: fmt.Sprintf("fire %s timers over 10 ms", thousands(timers)),
				row:  fmt.Sprintf("Fire/timers=%d", timers),
				unit: "ns/op", than: other.impl, atLeast: other.times,
			})
		}
	}
	for _, goroutines := range []int{1, 4} {
		for _, other := range []string{"goja_nodejs", "channel"} {
			g = append(g, goal{
				work: "CallSoon, " + atOnce(goroutines),
				row:  fmt.Sprintf("CallSoon/goroutines=%d", goroutines),
				unit: "ns/op", than: other, atLeast: 2,
			})
		}
	}
	for _, timers := range []int{100_000, 1_000_000} {
		for _, unit := range []string{"ns/op", "cpu-ns/op"} {
			g = append(g, goal{
				work: fmt.Sprintf("limit: one of %s timers fired", thousands(timers)),
				row:  fmt.Sprintf("Fire/timers=%d", timers),
				unit: unit, than: "heap", atMost: 2,
			})
		}
	}
	g = append(g,
		goal{work: "allocations per SetTimeout", row: "Pending/pending=0/work=setstop/goroutines=1", unit: "heap-allocs/op", atMost: 1},
		goal{work: "bytes allocated per SetTimeout", row: "Pending/pending=0/work=setstop/goroutines=1", unit: "heap-B/op", atMost: 64},
		goal{work: "live memory per pending timer", row: "Pending/pending=1000000/work=keep", unit: "live-B/timer", atMost: 100},
		goal{work: "turns while idle", row: "Turns/state=idle", unit: "turns/s", atMost: 0},
		goal{work: "turns while 1,000 timers wait", row: "Turns/state=waiting", unit: "turns/s", atMost: 0},
		goal{work: "turns per distinct deadline", row: "Turns/state=firing", unit: "turns/deadline", atMost: 3},
	)
	for _, flow := range []struct{ name, title string }{{"quiet", "quiet"}, {"10000", "10,000 timers a second"}} {
		for _, p := range []string{"50", "99"} {
			g = append(g, goal{
				work: fmt.Sprintf("lateness, %s, p%s", flow.title, p),
				row:  "Lateness/flow=" + flow.name, unit: "late-p" + p + "-µs", than: "AfterFunc", atMost: 1.15,
			})
		}
	}
	for _, work := range []struct{ name, title, suffix string }{
		{"setstop", "set and stop", "/goroutines=1"},
		{"replace", "stop one of the pending and set another", ""},
		{"setfire", "set and fire", ""},
	} {
		row := func(pending int) string {
			return fmt.Sprintf("Pending/pending=%d/work=%s%s", pending, work.name, work.suffix)
		}
		for pending := 10_000; pending <= 10_000_000; pending *= 10 {
			g = append(g, goal{
				work: fmt.Sprintf("growth, %s: from %s to %s pending", work.title, thousands(pending/10), thousands(pending)),
				row:  row(pending), unit: "ns/op", than: ours, thanRow: row(pending / 10), atMost: 1.3,
			})
		}
	}
	return g
}

func atOnce(goroutines int) string {
	if goroutines == 1 {
		return "one goroutine"
	}
	return strconv.Itoa(goroutines) + " goroutines at once"
}

// An outcome is what became of a goal.
type outcome struct {
	goal
	ours, theirs figure
	// measured is what is judged: how many times as fast, or the ratio, or the
	// figure; of the medians. lowest and highest are the same of each pass.
	measured, lowest, highest float64
	met                       bool
}

// judge measures a goal against the results. It judges the figure as it is
// printed, with two decimals, so that the table can't contradict itself.
func (g goal) judge(r *results) (outcome, error) {
	o := outcome{goal: g}
	var err error
	if o.ours, err = r.need(g.row, ours, g.unit); err != nil {
		return o, err
	}
	measure := func(ours, theirs float64) float64 { return ours }
	if g.than != "" {
		row := g.row
		if g.thanRow != "" {
			row = g.thanRow
		}
		if o.theirs, err = r.need(row, g.than, g.unit); err != nil {
			return o, err
		}
		measure = func(ours, theirs float64) float64 { return ours / theirs }
		if g.atLeast > 0 {
			measure = func(ours, theirs float64) float64 { return theirs / ours }
		}
	}
	o.measured = hundredths(measure(o.ours.median, o.theirs.median))
	o.lowest, o.highest = math.Inf(1), math.Inf(-1)
	for i, value := range o.ours.passes {
		theirs := 0.0
		if g.than != "" {
			if i >= len(o.theirs.passes) {
				return o, fmt.Errorf("%s: Benchmark%s was measured %d times with impl=%s and %d times with impl=%s",
					r.source, g.row, len(o.ours.passes), ours, len(o.theirs.passes), g.than)
			}
			theirs = o.theirs.passes[i]
		}
		m := hundredths(measure(value, theirs))
		o.lowest, o.highest = min(o.lowest, m), max(o.highest, m)
	}
	if math.IsNaN(o.measured) || math.IsInf(o.measured, 0) {
		return o, fmt.Errorf("%s: Benchmark%s in %s: %v over %v is no ratio", r.source, g.row, g.unit, o.ours.median, o.theirs.median)
	}
	if g.atLeast > 0 {
		o.met = o.measured >= g.atLeast
	} else {
		o.met = o.measured <= g.atMost
	}
	return o, nil
}

func hundredths(x float64) float64 { return math.Round(x*100) / 100 }

// goal says the goal in words.
func (o outcome) aim() string {
	bound := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	switch {
	case o.atLeast > 0:
		return "at least " + bound(o.atLeast) + " times as fast as " + implTitle(o.than)
	case o.thanRow != "":
		return "at most " + bound(o.atMost) + " times as much"
	case o.than != "":
		return "at most " + bound(o.atMost) + " times " + implTitle(o.than)
	case o.atMost == 0:
		return "none"
	}
	return "at most " + bound(o.atMost)
}

func (o outcome) verdict() string {
	if o.met {
		return "met"
	}
	return "**not met**"
}

// goalsTable returns the table of goals as a page of Markdown.
func goalsTable(r *results) ([]byte, error) {
	var rows strings.Builder
	met := 0
	all := goals()
	for _, g := range all {
		o, err := g.judge(r)
		if err != nil {
			return nil, err
		}
		theirs := ""
		if g.than != "" {
			theirs = quantity(o.theirs.median, g.unit)
		}
		if o.met {
			met++
		}
		fmt.Fprintf(&rows, "| %s | %s | %s | %s | %.2f | %.2f–%.2f | %s |\n",
			g.work, o.aim(), quantity(o.ours.median, g.unit), theirs, o.measured, o.lowest, o.highest, o.verdict())
	}
	var page strings.Builder
	fmt.Fprintf(&page, "# The goals of stage 3, and what was measured\n\n%s\n\n", generated)
	fmt.Fprintf(&page, "%s. %d of %d goals are met.\n\n", r.provenance(), met, len(all))
	page.WriteString("| work | goal | stage 3 | the other | measured | in the passes | |\n|---|---|---:|---:|---:|---:|---|\n")
	page.WriteString(rows.String())
	page.WriteString(`
"The other" is whom the goal names, in the same run; in the rows on growth it
is stage 3 itself with a tenth of the pending timers. "Measured" is the ratio
of the two medians, or the figure itself where there is nobody to compare with;
"in the passes" is the lowest and the highest of the same in each single pass.
A goal counts as met by the medians alone. Cost is time on the clock (ns) unless
it says CPU. Who the others are, and why the comparison is fair, is written in
[bench/peers](../../bench/peers/peers.go); the figures of all of them are in
[peers.md](peers.md), the raw output in [peers.txt](peers.txt).
`)
	return []byte(page.String()), nil
}
