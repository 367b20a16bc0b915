package main

import (
	"fmt"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// stagePictures draws what package bench measured.
func stagePictures(r *results) (map[string][]byte, error) {
	files := map[string][]byte{}
	share := r.bars("%cpu", func(row string) bool { return strings.HasPrefix(row, "Idle") || strings.HasPrefix(row, "Waiting") })
	each := r.bars("cpu-ns/op", nil)
	turns := r.bars("turns/s", nil)
	for _, chart := range []struct {
		unit string
		bars bars
	}{{"%cpu of Idle and Waiting", share}, {"cpu-ns/op", each}, {"turns/s", turns}} {
		if len(chart.bars) == 0 {
			return nil, fmt.Errorf("%s: nothing in %s: %w", r.source, chart.unit, errMissing)
		}
	}
	var err error
	if files["cpu.svg"], err = picture("What each stage costs", r.provenance(), heightOf(len(share)+len(each), 2),
		panel{barChart("CPU while nothing is due", share, 0), "CPU time, % of one core (as top shows it)", "", float64(len(share) + 5)},
		panel{barChart("CPU for each timer or call", each, 10), "CPU time per operation, ns (logarithmic)", "", float64(len(each) + 5)},
	); err != nil {
		return nil, err
	}
	files["turns.svg"], err = picture("How often the loops go round", r.provenance(), heightOf(len(turns), 1),
		panel{barChart("Turns while nothing is due", turns, 1), "turns per second (logarithmic; none at the left edge)", "", 1})
	return files, err
}

func heightOf(bars, panels int) vg.Length { return vg.Length(90 + 62*panels + 16*bars) }

// bars returns the bars of the rows that have figures in unit, each row under a
// heading.
func (r *results) bars(unit string, which func(row string) bool) bars {
	var b bars
	for _, row := range r.rows {
		if which != nil && !which(row) {
			continue
		}
		b = append(b, r.section(rowTitle(row), row, unit)...)
	}
	return b
}

// section returns one row's bars under a heading, or none if the row has no
// figures in unit.
func (r *results) section(heading, row, unit string) bars {
	impls := r.impls(row, unit)
	if len(impls) == 0 {
		return nil
	}
	b := bars{{label: heading}}
	for _, impl := range impls {
		f, _ := r.figure(row, impl, unit)
		look := lookOf(impl)
		b = append(b, bar{look.title, &look, f.median, quantity(f.median, unit)})
	}
	return b
}

// peerPictures draws what package peers measured.
func peerPictures(r *results) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, p := range []struct {
		name string
		draw func(*results) ([]byte, error)
	}{{"pending.svg", drawPending}, {"lateness.svg", drawLateness}, {"peers.svg", drawPeers}, {"growth.svg", drawGrowth}} {
		svg, err := p.draw(r)
		if err != nil {
			return nil, err
		}
		files[p.name] = svg
	}
	return files, nil
}

var allLoops = []string{"stage1_polling", "stage2_queue", ours, fast}

const pendingAxis = "timers pending (logarithmic)"

// drawPending draws what waiting costs against the number of pending timers.
func drawPending(r *results) ([]byte, error) {
	cpu, err := r.against("Wait", "pending", "", "%cpu", allLoops)
	if err != nil {
		return nil, err
	}
	p50, err := r.against("Wait", "pending", "", "late-p50-µs", allLoops)
	if err != nil {
		return nil, err
	}
	top := linePlot("CPU while they wait", cpu)
	top.Y.Min, top.Y.Scale, top.Y.Tick.Marker = 0, plot.LinearScale{}, steps{}
	top.Y.Max *= 1.05
	bottom := linePlot("Lateness of one more timer", p50)
	return picture("What makes the heap worth it", r.provenance(), 600, panel{top, pendingAxis, "% of one core", 1}, panel{bottom, pendingAxis, "median lateness, µs (logarithmic)", 1})
}

// drawGrowth draws the cost of an operation against the number of pending
// timers.
func drawGrowth(r *results) ([]byte, error) {
	var panels []panel
	for _, work := range []struct{ title, suffix string }{
		{"Set a timer and stop it", "work=setstop/goroutines=1"},
		{"Stop one of the pending and set another", "work=replace"},
		{"Set timers due at once, to the last callback", "work=setfire"},
	} {
		s, err := r.against("Pending", "pending", work.suffix, "ns/op", []string{ours, "AfterFunc", "heap", fast})
		if err != nil {
			return nil, err
		}
		p := linePlot(work.title, s)
		p.Y.Min, p.Y.Scale, p.Y.Tick.Marker = 0, plot.LinearScale{}, steps{}
		p.Y.Max *= 1.05
		panels = append(panels, panel{p, pendingAxis, "ns per timer", 1})
	}
	return picture("What a thousand times more timers cost", r.provenance(), 760, panels...)
}

// oddDelays says why the tables of package bench have other figures for timers
// one at a time.
const oddDelays = " · Delays of whole milliseconds, as on top, come out best on Linux." +
	" · For odd ones, which are later there, see Lateness in stages.md."

// drawLateness draws the distribution of lateness.
func drawLateness(r *results) ([]byte, error) {
	var panels []panel
	for _, flow := range []struct{ name, title string }{
		{"quiet", "One timer at a time, of 1, 2 or 3 ms"}, {"10000", "10,000 timers a second, at random"},
	} {
		var l lines
		for _, impl := range []string{"stage1_polling", "stage2_queue", ours, "AfterFunc", fast} {
			s := series{look: lookOf(impl), label: implTitle(impl)}
			for _, p := range percentiles {
				f, err := r.need("Lateness/flow="+flow.name, impl, fmt.Sprintf("late-p%02d-µs", p))
				if err != nil {
					return nil, err
				}
				s.points = append(s.points, plotter.XY{X: float64(p), Y: max(f.median, 0.1)})
			}
			l = append(l, s)
		}
		p := newPlot(flow.title)
		p.Add(grid{vertical: true, horizontal: true}, l)
		p.X.Min, p.X.Max = 0, 100
		p.X.Tick.Marker = percents{}
		logarithmic(&p.Y)
		panels = append(panels, panel{p, "percent of the callbacks that were at most so late", "lateness, µs (logarithmic)", 1})
	}
	return picture("How late callbacks are", r.provenance()+oddDelays, 640, panels...)
}

// percentiles that package peers reports.
var percentiles = []int{1, 5, 10, 25, 50, 75, 90, 95, 99}

type percents struct{}

func (percents) Ticks(float64, float64) []plot.Tick {
	var ticks []plot.Tick
	for _, p := range []int{1, 10, 25, 50, 75, 90, 99} {
		ticks = append(ticks, plot.Tick{Value: float64(p), Label: strconv.Itoa(p)})
	}
	return ticks
}

// drawPeers draws stage 3 beside what people use.
func drawPeers(r *results) ([]byte, error) {
	var cost bars
	for _, s := range []struct{ heading, row string }{
		{"Set and stop, 100,000 pending, one goroutine", "Pending/pending=100000/work=setstop/goroutines=1"},
		{"Set and stop, 100,000 pending, 4 goroutines", "Pending/pending=100000/work=setstop/goroutines=4"},
		{"Fire 100,000 timers, random delays over 10 ms", "Fire/timers=100000"},
		{"Fire 1,000,000 timers, random delays over 10 ms", "Fire/timers=1000000"},
		{"CallSoon, one goroutine", "CallSoon/goroutines=1"},
		{"CallSoon, 4 goroutines at once", "CallSoon/goroutines=4"},
	} {
		section := r.section(s.heading, s.row, "ns/op")
		if section == nil {
			return nil, fmt.Errorf("%s: Benchmark%s: %w", r.source, s.row, errMissing)
		}
		cost = append(cost, section...)
	}
	return picture("Stage 3 beside its peers", r.provenance(), heightOf(len(cost), 1),
		panel{barChart("Time for each timer or call", cost, 10), "ns (logarithmic)", "", 1})
}

// against returns a line for each implementation: the median in unit against
// the number that is the value of key in the row's name.
func (r *results) against(base, key, rest, unit string, impls []string) (lines, error) {
	var l lines
	for _, impl := range impls {
		s := series{look: lookOf(impl), label: implTitle(impl)}
		for _, row := range r.rows {
			value, ok := strings.CutPrefix(row, base+"/"+key+"=")
			value, suffix, _ := strings.Cut(value, "/")
			n, err := strconv.Atoi(value)
			if !ok || err != nil || suffix != rest || n < 1 {
				continue
			}
			if f, ok := r.figure(row, impl, unit); ok {
				s.points = append(s.points, plotter.XY{X: float64(n), Y: f.median})
			}
		}
		if len(s.points) < 2 {
			return nil, fmt.Errorf("%s: Benchmark%s/impl=%s in %s at two numbers of %s: %w", r.source, base, impl, unit, key, errMissing)
		}
		l = append(l, s)
	}
	return l, nil
}

// linePlot returns a plot of lines with logarithmic axes.
func linePlot(title string, l lines) *plot.Plot {
	p := newPlot(title)
	p.Add(grid{vertical: true, horizontal: true}, l)
	logarithmic(&p.X)
	logarithmic(&p.Y)
	return p
}

func logarithmic(a *plot.Axis) {
	a.Scale = plot.LogScale{}
	a.Tick.Marker = decades{}
}
