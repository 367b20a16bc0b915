package main

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"example.com/eventloop/internal/text"
)

// A bar is one line of a bar chart: a heading if it has no look.
type bar struct {
	label string
	look  *look
	value float64
	text  string // the value, as it is to be read
}

// bars is a plotter of horizontal lines that end in a marker and in their
// value. Written values can be read where a line can't: at zero on a
// logarithmic axis, and in black and white.
type bars []bar

func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	for i, bar := range b {
		y := trY(float64(len(b) - 1 - i))
		if bar.look == nil {
			c.FillText(textStyle(small, true, ink, draw.XLeft, draw.YCenter), vg.Point{X: margin, Y: y}, bar.label)
			continue
		}
		x := trX(min(max(bar.value, p.X.Min), p.X.Max))
		line := bar.look.line()
		line.Width = vg.Points(2.5)
		if x > c.Min.X {
			c.StrokeLine2(line, c.Min.X, y, x, y)
		}
		c.DrawGlyph(bar.look.glyph(), vg.Point{X: x, Y: y})
		c.FillText(textStyle(small, bar.look.impl == ours, bar.look.color, draw.XLeft, draw.YCenter), vg.Point{X: x + 8, Y: y + 1.5}, bar.text)
	}
}

// ticks names the lines of the chart on its vertical axis.
func (b bars) ticks() plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for i, bar := range b {
		if bar.look != nil {
			ticks = append(ticks, plot.Tick{Value: float64(len(b) - 1 - i), Label: bar.label})
		}
	}
	return ticks
}

// barChart returns a plot of bars. On a logarithmic axis lowest is where it
// begins, and what is less, zero too, is drawn there.
func barChart(title string, b bars, lowest float64) *plot.Plot {
	p := newPlot(title)
	highest := lowest
	for _, bar := range b {
		highest = max(highest, bar.value)
	}
	p.Add(grid{vertical: true})
	p.Add(b)
	p.Y.Min, p.Y.Max = -0.6, float64(len(b))-0.4
	p.Y.Tick.Marker = b.ticks()
	p.Y.Tick.Length = 0
	p.X.Min, p.X.Max = lowest, highest*1.25
	if lowest > 0 {
		p.X.Scale = plot.LogScale{}
		p.X.Max = highest * math.Pow(highest/lowest, 0.36)
		p.X.Tick.Marker = decades{}
	} else {
		p.X.Tick.Marker = steps{}
	}
	return p
}

// A series is a line through points, in the look of an implementation.
type series struct {
	look
	label  string
	points plotter.XYs
}

// lines is a plotter of series, each with its name at its right end. Where
// several lines end together, their names move apart if they would overlap.
type lines []series

func (l lines) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	ends := map[vg.Length][]name{}
	for _, s := range l {
		var path []vg.Point
		for _, xy := range s.points {
			path = append(path, vg.Point{X: trX(xy.X), Y: trY(xy.Y)})
		}
		c.StrokeLines(s.line(), path)
		for _, at := range path {
			c.DrawGlyph(s.glyph(), at)
		}
		end := path[len(path)-1]
		ends[end.X] = append(ends[end.X], name{s, end, end.Y})
	}
	for _, x := range slices.Sorted(maps.Keys(ends)) {
		for _, n := range apart(ends[x], c.Max.Y+4) {
			leader := draw.LineStyle{Color: n.color, Width: vg.Points(0.75)}
			c.StrokeLine2(leader, x+5, n.end.Y, x+12, n.y)
			c.FillText(textStyle(small, n.impl == ours, n.color, draw.XLeft, draw.YCenter), vg.Point{X: x + 15, Y: n.y + 1.5}, n.label)
		}
	}
}

// A name is where a line ends, and how high its name stands.
type name struct {
	series
	end vg.Point
	y   vg.Length
}

// apart moves names up, and down again from the top, until none overlap.
func apart(names []name, top vg.Length) []name {
	const height = small + 1.5
	slices.SortStableFunc(names, func(a, b name) int { return cmp.Compare(a.y, b.y) })
	for i := 1; i < len(names); i++ {
		names[i].y = max(names[i].y, names[i-1].y+height)
	}
	for i := len(names) - 1; i >= 0; i-- {
		names[i].y = min(names[i].y, top)
		top = names[i].y - height
	}
	return names
}

// DataRange and GlyphBoxes have gonum fit the axes, and leave room for the
// names.
func (l lines) DataRange() (xmin, xmax, ymin, ymax float64) {
	xmin, ymin, xmax, ymax = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, s := range l {
		x0, x1, y0, y1 := plotter.XYRange(s.points)
		xmin, xmax, ymin, ymax = min(xmin, x0), max(xmax, x1), min(ymin, y0), max(ymax, y1)
	}
	return
}

func (l lines) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	width := vg.Length(0)
	for _, s := range l {
		width = max(width, textStyle(small, s.impl == ours, s.color, draw.XLeft, draw.YCenter).Width(s.label))
	}
	return []plot.GlyphBox{{X: 1, Y: 0.5, Rectangle: vg.Rectangle{Max: vg.Point{X: width + 18}}}}
}

// grid draws thin lines at the labelled ticks.
type grid struct{ vertical, horizontal bool }

func (g grid) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	style := draw.LineStyle{Color: hairline, Width: vg.Points(0.75)}
	if g.vertical {
		for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
			if !t.IsMinor() {
				c.StrokeLine2(style, trX(t.Value), c.Min.Y, trX(t.Value), c.Max.Y)
			}
		}
	}
	if g.horizontal {
		for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
			if !t.IsMinor() {
				c.StrokeLine2(style, c.Min.X, trY(t.Value), c.Max.X, trY(t.Value))
			}
		}
	}
}

// decades ticks a logarithmic axis at the powers of ten, and in between
// without a label. Where there are many it leaves out the label of every other.
type decades struct{}

func (decades) Ticks(lo, hi float64) []plot.Tick {
	var ticks []plot.Tick
	many := math.Log10(hi/lo) > 3.9
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		power := math.Pow(10, e)
		for m := 1.0; m < 10; m++ {
			if v := m * power; v >= lo*0.999 && v <= hi*1.001 {
				label := ""
				if m == 1 && !(many && int(e-math.Ceil(math.Log10(lo)-0.001))%2 != 0) {
					label = plain(v)
				}
				ticks = append(ticks, plot.Tick{Value: v, Label: label})
			}
		}
	}
	return ticks
}

// steps ticks a linear axis at about five round numbers.
type steps struct{}

func (steps) Ticks(lo, hi float64) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10(hi-lo)))
	for (hi-lo)/step < 4 {
		step /= 2
	}
	var ticks []plot.Tick
	for i := math.Ceil(lo / step); i*step <= hi; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: plain(i * step)})
	}
	return ticks
}

// plain prints a round number for an axis.
func plain(v float64) string {
	if math.Abs(v) >= 1000 {
		return text.Thousands(int(math.Round(v)))
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
