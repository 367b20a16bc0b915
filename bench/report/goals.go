package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"example.com/eventloop/internal/text"
)

// A goal is one line of the table: what a loop is to reach.
type goal struct {
	impl string // whose goal it is
	work string // what is done
	row  string // the benchmark that does it
	unit string

	// than is whom the loop is compared with, in the same row and unit. If it is
	// empty, the figure itself is the measure.
	than string

	// from is the row with a tenth of the timers, if the goal is about growth: then
	// what is compared is how many times as much this row costs, with how many times
	// it is for than.
	from string

	// Either at least so many times as fast, or at most so much (a ratio, or
	// with nobody to compare with the figure).
	atLeast float64
	atMost  float64
}

const (
	ours = "stage3_event"
	fast = "tuned"
)

// goals returns all goals, in the order of the table.
func goals() []goal {
	var g []goal
	setStop := func(pending, goroutines int) goal {
		return goal{
			work: fmt.Sprintf("set and stop, %s pending, %s", text.Thousands(pending), atOnce(goroutines)),
			row:  fmt.Sprintf("Pending/pending=%d/work=setstop/goroutines=%d", pending, goroutines),
			unit: "ns/op",
		}
	}
	fire := func(timers int, unit string) goal {
		return goal{
			work: fmt.Sprintf("fire %s timers over 10 ms", text.Thousands(timers)),
			row:  fmt.Sprintf("Fire/timers=%d", timers),
			unit: unit,
		}
	}
	faster := func(g goal, impl string, times float64, than string) goal {
		g.impl, g.atLeast, g.than = impl, times, than
		return g
	}
	within := func(g goal, impl string, times float64, than string) goal {
		g.impl, g.atMost, g.than = impl, times, than
		return g
	}
	sizes := []int{0, 100_000, 1_000_000}

	// The clear stage.
	for _, state := range []struct{ name, title string }{{"idle", "while idle"}, {"waiting", "while 1,000 timers wait"}} {
		g = append(g, goal{impl: ours, work: "turns " + state.title, row: "Turns/state=" + state.name, unit: "turns/s", atMost: 0})
	}
	for _, pending := range sizes {
		g = append(g, faster(setStop(pending, 1), ours, 1, "AfterFunc"))
	}
	for _, timers := range sizes[1:] {
		g = append(g, faster(fire(timers, "ns/op"), ours, 2, "AfterFunc"))
	}

	// The fast one.
	for _, pending := range sizes {
		g = append(g, faster(setStop(pending, 1), fast, 2, "AfterFunc"))
	}
	limit := within(setStop(0, 1), fast, 1.7, "floor")
	g = append(g, limit)
	for _, pending := range sizes {
		g = append(g, faster(setStop(pending, 4), fast, 1.3, "AfterFunc"))
	}
	for _, timers := range sizes[1:] {
		for _, other := range []struct {
			impl  string
			times float64
		}{{"AfterFunc", 3}, {"AfterFunc_serial", 8}, {"goja_nodejs", 10}} {
			g = append(g, faster(fire(timers, "ns/op"), fast, other.times, other.impl))
		}
		g = append(g, within(fire(timers, "ns/op"), fast, 1, "heap"), within(fire(timers, "cpu-ns/op"), fast, 1, "heap"))
	}
	for _, soon := range []struct {
		goroutines int
		channel    float64
	}{{1, 2}, {4, 1.5}} {
		row := goal{
			work: "CallSoon, " + atOnce(soon.goroutines),
			row:  fmt.Sprintf("CallSoon/goroutines=%d", soon.goroutines),
			unit: "ns/op",
		}
		g = append(g, faster(row, fast, 2, "goja_nodejs"), faster(row, fast, soon.channel, "channel"))
	}
	replace := func(pending int) string { return fmt.Sprintf("Pending/pending=%d/work=replace", pending) }
	for pending := 1_000; pending <= 1_000_000; pending *= 10 {
		g = append(g, goal{
			impl: fast, work: fmt.Sprintf("replace one of %s pending", text.Thousands(pending)),
			row: replace(pending), unit: "ns/op", than: "AfterFunc", atLeast: 1,
		})
	}
	for pending := 10_000; pending <= 1_000_000; pending *= 10 {
		g = append(g, goal{
			impl: fast, work: fmt.Sprintf("growth, replace: from %s to %s pending", text.Thousands(pending/10), text.Thousands(pending)),
			row: replace(pending), from: replace(pending / 10), unit: "ns/op", than: "heap", atMost: 1,
		})
	}
	for _, p := range []string{"50", "99"} {
		g = append(g, goal{
			impl: fast, work: "lateness of a lone timer, p" + p,
			row: "Lateness/flow=quiet", unit: "late-p" + p + "-µs", than: "AfterFunc", atMost: 1.1,
		})
	}
	memory := func(work, row, unit string, most float64) goal {
		return goal{impl: fast, work: work, row: row, unit: unit, atMost: most}
	}
	return append(g,
		memory("allocations per SetTimeout", limit.row, "heap-allocs/op", 1),
		memory("bytes allocated per SetTimeout", limit.row, "heap-B/op", 64),
		memory("live memory per pending timer", "Pending/pending=1000000/work=keep", "live-B/timer", 100),
		memory("the same, when half have been stopped", "Pending/pending=1000000/work=keephalf", "live-B/timer", 100),
		goal{impl: fast, work: "turns while idle", row: "Turns/state=idle", unit: "turns/s", atMost: 0},
		goal{impl: fast, work: "turns while 1,000 timers wait", row: "Turns/state=waiting", unit: "turns/s", atMost: 0},
	)
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
	if o.ours, err = g.figure(r, g.impl); err != nil {
		return o, err
	}
	measure := func(ours, theirs float64) float64 { return ours }
	if g.than != "" {
		if o.theirs, err = g.figure(r, g.than); err != nil {
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
					r.source, g.row, len(o.ours.passes), g.impl, len(o.theirs.passes), g.than)
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

// figure returns what impl has in the goal's row; if the goal is about growth, how
// many times that is what it has in the row before.
func (g goal) figure(r *results, impl string) (figure, error) {
	f, err := r.need(g.row, impl, g.unit)
	if err != nil || g.from == "" {
		return f, err
	}
	before, err := r.need(g.from, impl, g.unit)
	if err != nil {
		return f, err
	}
	grown := figure{median: f.median / before.median}
	for i := range min(len(f.passes), len(before.passes)) {
		grown.passes = append(grown.passes, f.passes[i]/before.passes[i])
	}
	return grown, nil
}

func hundredths(x float64) float64 { return math.Round(x*100) / 100 }

// aim says the goal in words.
func (o outcome) aim() string {
	bound := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	switch {
	case o.atLeast == 1:
		return "no slower than " + implTitle(o.than)
	case o.atLeast > 0:
		return "at least " + bound(o.atLeast) + " times as fast as " + implTitle(o.than)
	case o.from != "":
		return "no more than it grows for " + implTitle(o.than)
	case o.than != "":
		return "at most " + bound(o.atMost) + " times " + implTitle(o.than)
	case o.atMost == 0:
		return "none"
	}
	return "at most " + bound(o.atMost)
}

// shown is a figure of the goal as the table prints it.
func (o outcome) shown(f figure) string {
	if o.from != "" {
		return fmt.Sprintf("× %.2f", f.median)
	}
	return quantity(f.median, o.unit)
}

func (o outcome) verdict() string {
	if o.met {
		return "met"
	}
	return "**not met**"
}

// goalsTable returns the table of goals as a page of Markdown.
func goalsTable(r *results) ([]byte, error) {
	rows := map[string]*strings.Builder{ours: {}, fast: {}}
	met := 0
	all := goals()
	for _, g := range all {
		o, err := g.judge(r)
		if err != nil {
			return nil, err
		}
		theirs := ""
		if g.than != "" {
			theirs = o.shown(o.theirs)
		}
		if o.met {
			met++
		}
		fmt.Fprintf(rows[g.impl], "| %s | %s | %s | %s | %.2f | %.2f–%.2f | %s |\n",
			g.work, o.aim(), o.shown(o.ours), theirs, o.measured, o.lowest, o.highest, o.verdict())
	}
	var page strings.Builder
	fmt.Fprintf(&page, "# What was to be reached, and what was measured\n\n%s\n\n", generated)
	fmt.Fprintf(&page, "%s. %d of %d goals are met.\n", r.provenance(), met, len(all))
	for _, part := range []struct{ title, impl string }{
		{"Stage 3, which is to be clear first", ours},
		{"`bench/tuned`, which is to be fast", fast},
	} {
		fmt.Fprintf(&page, "\n## %s\n\n| work | goal | the loop | the other | measured | in the passes | |\n|---|---|---:|---:|---:|---:|---|\n", part.title)
		page.WriteString(rows[part.impl].String())
	}
	page.WriteString(`
"The other" is whom the goal names, in the same run. "Measured" is the ratio of
the two medians, or the figure itself where there is nobody to compare with; "in
the passes" is the lowest and the highest of the same in each single pass. A goal
counts as met by the medians alone. In the rows on growth the figures are how many
times as much it costs with ten times as many timers. Cost is time on the clock
(ns) unless it says CPU. Who the others are, and why the comparison is fair, is
written in [bench/peers](../../bench/peers/peers.go); the figures of all of them are
in [peers.md](peers.md), the raw output in [peers.txt](peers.txt).
`)
	return []byte(page.String()), nil
}
