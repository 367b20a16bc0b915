package main

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"

	"example.com/eventloop/internal/text"
)

// A picture is narrow and its text large, so that it can be read on a phone,
// where all of it is as wide as the screen.
const (
	width    = 400
	margin   = 12
	lineHigh = 14.5 // of text
)

// An svg is a picture that is being drawn.
type svg struct{ strings.Builder }

func (s *svg) text(x, y float64, anchor, class, text string) {
	fmt.Fprintf(s, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">%s</text>\n", x, y, anchor, class, html.EscapeString(text))
}

// line draws a line in the colour of the class.
func (s *svg) line(class, dashes string, stroke float64, points ...[2]float64) {
	var path strings.Builder
	for _, p := range points {
		fmt.Fprintf(&path, " %.1f,%.1f", p[0], p[1])
	}
	fmt.Fprintf(s, "<polyline class=\"%s line\" stroke-dasharray=\"%s\" style=\"stroke-width:%g\" points=\"%s\"/>\n", class, cmp.Or(dashes, "none"), stroke, path.String()[1:])
}

func (s *svg) marker(l look, x, y float64) {
	fmt.Fprintf(s, "<path class=\"%s\" transform=\"translate(%.1f %.1f)\" d=\"%s\"/>\n", l.color, x, y, l.marker)
}

// A panel is a part of a picture.
type panel interface {
	height() float64
	draw(s *svg, top float64)
}

// picture draws panels below each other on a card, under a title, and above
// lines that say where the figures come from.
func picture(title, provenance string, panels ...panel) []byte {
	about := []string{""}
	for part := range strings.SplitSeq(provenance, " · ") {
		if last := &about[len(about)-1]; *last == "" {
			*last = part
		} else if len(*last)+len(part) < 62 {
			*last += " · " + part
		} else {
			about = append(about, part)
		}
	}
	high := 44 + lineHigh*float64(len(about))
	for _, p := range panels {
		high += p.height()
	}
	var s svg
	fmt.Fprintf(&s, "<svg role=\"img\" aria-labelledby=\"title\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" width=\"%[1]dpt\" height=\"%.0[2]fpt\">\n"+
		"<title id=\"title\">%s</title>\n%s<rect class=\"paper\" width=\"100%%\" height=\"100%%\"/>\n", width, high, html.EscapeString(title), stylesheet())
	s.text(margin, 26, "start", "ink title", title)
	top := 36.0
	for _, p := range panels {
		p.draw(&s, top)
		top += p.height()
	}
	for i, line := range about {
		s.text(margin, top+lineHigh*float64(i+1), "start", "pencil", line)
	}
	s.WriteString("</svg>\n")
	return []byte(s.String())
}

// An axis goes from lo to hi, which are at from and to on the picture.
type axis struct {
	lo, hi, from, to float64
	log              bool
}

func (a axis) at(v float64) float64 {
	v = min(max(v, a.lo), a.hi)
	part := (v - a.lo) / (a.hi - a.lo)
	if a.log {
		part = math.Log(v/a.lo) / math.Log(a.hi/a.lo)
	}
	return a.from + part*(a.to-a.from)
}

// ticks returns powers of ten, a few of them if there are many, or about five round
// numbers.
func (a axis) ticks() (ticks []float64) {
	if a.log {
		first, last := math.Ceil(math.Log10(a.lo)-0.001), math.Floor(math.Log10(a.hi)+0.001)
		step := 1 + math.Floor(max(last-first-2, 0)/2)
		for e := first; e <= last; e += step {
			ticks = append(ticks, math.Pow(10, e))
		}
		return ticks
	}
	step := math.Pow(10, math.Floor(math.Log10(a.hi-a.lo)))
	for (a.hi-a.lo)/step < 3 {
		step /= 2
	}
	for v := a.lo; v <= a.hi; v += step {
		ticks = append(ticks, v)
	}
	return ticks
}

// plain prints a round number for an axis.
func plain(v float64) string {
	if v >= 1000 {
		return text.Thousands(int(math.Round(v)))
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// bars are horizontal lines that end in a marker and in their value. Written values
// can be read where a line can't: at zero on a logarithmic axis, and in black and
// white. The axis is logarithmic if lowest, where it begins, is above zero.
type bars struct {
	title, x string
	lowest   float64
	rows     []row
}

// A row of bars is a heading if it has no look.
type row struct {
	label string
	look  look
	value float64
	text  string // the value, as it is to be read
}

const barHigh = 16

func (b *bars) height() float64 { return 68 + barHigh*float64(len(b.rows)) }

func (b *bars) draw(s *svg, top float64) {
	x := axis{b.lowest, b.lowest, 125, 285, b.lowest > 0}
	for _, row := range b.rows {
		x.hi = max(x.hi, row.value)
	}
	s.text(width/2, top+14, "middle", "ink heading", b.title)
	top += 24
	bottom := top + barHigh*float64(len(b.rows))
	for _, tick := range x.ticks() {
		s.line("hairline", "", 0.75, [2]float64{x.at(tick), top}, [2]float64{x.at(tick), bottom})
		s.text(x.at(tick), bottom+13, "middle", "ink", plain(tick))
	}
	s.text(width/2, bottom+28, "middle", "ink", b.x)
	for i, row := range b.rows {
		y := top + barHigh*(float64(i)+0.5)
		if row.look.impl == "" {
			s.text(margin, y+4, "start", "ink heading", row.label)
			continue
		}
		s.text(x.from-8, y+4, "end", "ink", row.label)
		s.line(row.look.color, row.look.dashes, 2.5, [2]float64{x.from, y}, [2]float64{x.at(row.value), y})
		s.marker(row.look, x.at(row.value), y)
		s.text(x.at(row.value)+8, y+4, "start", row.look.color, row.text)
	}
}

// A series is a line through points.
type series struct {
	look
	points [][2]float64
}

// A chart draws lines, each with its name at its right end. Where several lines end
// together, their names move apart.
type chart struct {
	title, x, y string
	xlog, ylog  bool // logarithmic; otherwise x is a percentage
	lines       []series
}

func (c *chart) height() float64 { return 270 }

func (c *chart) draw(s *svg, top float64) {
	x := axis{math.Inf(1), math.Inf(-1), 52, 275, c.xlog}
	y := axis{math.Inf(1), math.Inf(-1), top + 222, top + 38, c.ylog}
	for _, line := range c.lines {
		for _, p := range line.points {
			x.lo, x.hi = min(x.lo, p[0]), max(x.hi, p[0])
			y.lo, y.hi = min(y.lo, p[1]), max(y.hi, p[1])
		}
	}
	if !c.ylog {
		y.lo, y.hi = 0, y.hi*1.05
	}
	if !c.xlog {
		x.lo, x.hi = 0, 100
	}
	s.text(width/2, top+14, "middle", "ink heading", c.title)
	s.text(margin, top+30, "start", "ink", c.y)
	s.text((x.from+x.to)/2, y.from+30, "middle", "ink", c.x)
	for _, tick := range y.ticks() {
		s.line("hairline", "", 0.75, [2]float64{x.from, y.at(tick)}, [2]float64{x.to, y.at(tick)})
		s.text(x.from-6, y.at(tick)+4, "end", "ink", plain(tick))
	}
	for _, tick := range x.ticks() {
		s.line("hairline", "", 0.75, [2]float64{x.at(tick), y.from}, [2]float64{x.at(tick), y.to})
		s.text(x.at(tick), y.from+15, "middle", "ink", plain(tick))
	}
	var names []name
	for _, line := range c.lines {
		var path [][2]float64
		for _, p := range line.points {
			path = append(path, [2]float64{x.at(p[0]), y.at(p[1])})
		}
		if len(path) == 0 {
			continue // its figures are missing, which is an error
		}
		s.line(line.color, line.dashes, 2, path...)
		for _, at := range path {
			s.marker(line.look, at[0], at[1])
		}
		end := path[len(path)-1]
		names = append(names, name{line.look, end, end[1]})
	}
	for _, n := range apart(names, y.to) {
		s.line(n.color, "", 0.75, [2]float64{n.end[0] + 5, n.end[1]}, [2]float64{x.to + 12, n.y})
		s.text(x.to+15, n.y+4, "start", n.color, n.title)
	}
}

// A name is where a line ends, and how high its name stands.
type name struct {
	look
	end [2]float64
	y   float64
}

// apart moves names down, and up again from the bottom, until none overlap.
func apart(names []name, top float64) []name {
	slices.SortStableFunc(names, func(a, b name) int { return cmp.Compare(a.y, b.y) })
	for i := range names {
		names[i].y = max(names[i].y, top+lineHigh*float64(i))
		if i > 0 {
			names[i].y = max(names[i].y, names[i-1].y+lineHigh)
		}
	}
	bottom := top + 184
	for i := range slices.Backward(names) {
		names[i].y = min(names[i].y, bottom)
		bottom = names[i].y - lineHigh
	}
	return names
}
