package main

import (
	"bytes"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A look is how one implementation is drawn everywhere: never by its colour
// alone, but also by its name beside it, its marker and its kind of line. The
// colours are Okabe and Ito's, which colour-blind people can tell apart.
type look struct {
	impl   string // as in impl=
	title  string
	color  color.RGBA
	marker draw.GlyphDrawer
	dashes []vg.Length
}

var (
	vermilion = color.RGBA{0xc4, 0x4e, 0x00, 0xff} // a shade darker than theirs,
	blue      = color.RGBA{0x00, 0x6a, 0xac, 0xff} // to be read as text on white
	green     = color.RGBA{0x00, 0x7f, 0x5c, 0xff}
	purple    = color.RGBA{0xa8, 0x4f, 0x80, 0xff}
	ink       = color.RGBA{0x22, 0x22, 0x22, 0xff}
	pencil    = color.RGBA{0x59, 0x59, 0x59, 0xff}
	hairline  = color.RGBA{0xdd, 0xdd, 0xd8, 0xff}
	paper     = color.RGBA{0xfd, 0xfd, 0xfa, 0xff} // opaque: dark pages see a card

	solid  []vg.Length
	dashed = []vg.Length{vg.Points(6), vg.Points(3)}
	dotted = []vg.Length{vg.Points(1.5), vg.Points(2.5)}
	mixed  = []vg.Length{vg.Points(8), vg.Points(2.5), vg.Points(1.5), vg.Points(2.5)}

	legend = []look{
		{"none", "no loop", pencil, draw.PlusGlyph{}, dotted},
		{"stage1_polling", "stage 1, polling", vermilion, draw.BoxGlyph{}, dashed},
		{"stage2_queue", "stage 2, queue", blue, draw.PyramidGlyph{}, mixed},
		{ours, "stage 3, event", green, draw.CircleGlyph{}, solid},
		{fast, "tuned", green, draw.RingGlyph{}, dotted},
		{"AfterFunc", "time.AfterFunc", ink, draw.CrossGlyph{}, dotted},
		{"AfterFunc_serial", "AfterFunc, serial", pencil, draw.PlusGlyph{}, dashed},
		{"goja_nodejs", "goja_nodejs", purple, draw.TriangleGlyph{}, dashed},
		{"TimingWheel", "TimingWheel", purple, draw.SquareGlyph{}, dotted},
		{"heap", "bare heap", blue, draw.RingGlyph{}, mixed},
		{"floor", "floor", pencil, draw.CrossGlyph{}, dotted},
		{"channel", "buffered channel", pencil, draw.RingGlyph{}, dashed},
		{"node", "Node.js", purple, draw.TriangleGlyph{}, solid},
		{"asyncio", "Python asyncio", purple, draw.SquareGlyph{}, solid},
	}
)

func lookOf(impl string) look {
	if i := slices.IndexFunc(legend, func(l look) bool { return l.impl == impl }); i >= 0 {
		return legend[i]
	}
	return look{impl, impl, ink, draw.RingGlyph{}, dotted} // a learner's own loop
}

func implTitle(impl string) string { return lookOf(impl).title }

// inOrder sorts names by the legend, what is not in it by name at the end.
func inOrder(impls []string) []string {
	place := func(impl string) int {
		if i := slices.IndexFunc(legend, func(l look) bool { return l.impl == impl }); i >= 0 {
			return i
		}
		return len(legend)
	}
	slices.SortFunc(impls, func(a, b string) int {
		if d := place(a) - place(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return impls
}

func (l look) line() draw.LineStyle {
	return draw.LineStyle{Color: l.color, Width: vg.Points(2), Dashes: l.dashes}
}

func (l look) glyph() draw.GlyphStyle {
	return draw.GlyphStyle{Color: l.color, Radius: vg.Points(4), Shape: l.marker}
}

func textStyle(size float64, bold bool, c color.Color, x draw.XAlignment, y draw.YAlignment) draw.TextStyle {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
	if bold {
		f.Weight = 2 // as x/image/font.WeightBold
	}
	return draw.TextStyle{Color: c, Font: f, XAlign: x, YAlign: y, Handler: plot.DefaultTextHandler}
}

// newPlot returns an empty plot in the common style.
func newPlot(title string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = color.Transparent
	p.Title.Text = title
	p.Title.Padding = vg.Points(6)
	p.Title.TextStyle = textStyle(12, true, ink, draw.XCenter, draw.YTop)
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Color = pencil
		axis.Tick.Label.Font = textStyle(10, false, ink, 0, 0).Font
		axis.Tick.Label.Color = ink
		axis.Tick.Color = pencil
	}
	return p
}

// A panel is a plot, the labels of its axes, and its share of a picture's
// height.
type panel struct {
	plot  *plot.Plot
	x, y  string
	share float64
}

// picture draws panels below each other on a card, under a title, and above a
// line that says where the figures come from.
func picture(title, provenance string, width, height vg.Length, panels ...panel) ([]byte, error) {
	svg := vgsvg.NewWith(vgsvg.UseWH(width, height))
	card := draw.New(svg)
	card.FillPolygon(paper, []vg.Point{{}, {X: width}, {X: width, Y: height}, {Y: height}})
	edge := draw.LineStyle{Color: hairline, Width: vg.Points(1)}
	card.StrokeLines(edge, []vg.Point{{}, {X: width}, {X: width, Y: height}, {Y: height}, {}})

	const margin = 14
	card.FillText(textStyle(15, true, ink, draw.XLeft, draw.YTop), vg.Point{X: margin, Y: height - margin}, title)
	card.FillText(textStyle(9.5, false, pencil, draw.XLeft, draw.YBottom), vg.Point{X: margin, Y: margin - 2}, provenance)
	body := draw.Crop(card, margin, -margin, margin+18, -margin-26)

	all := 0.0
	for _, p := range panels {
		all += p.share
	}
	left := body.Max.Y - body.Min.Y
	top := vg.Length(0)
	for _, p := range panels {
		h := left * vg.Length(p.share/all)
		// gonum takes the middle of a logarithmic axis to be near its end, and
		// would leave room there for half of the label: labels go here.
		const label = 20
		area := draw.Crop(body, 0, 0, left-top-h+label, -top)
		if p.y != "" {
			area.Min.X += label
		}
		middle := area.Center()
		card.FillText(textStyle(11, false, ink, draw.XCenter, draw.YTop), vg.Point{X: middle.X, Y: area.Min.Y - 1}, p.x)
		upright := textStyle(11, false, ink, draw.XCenter, draw.YTop)
		upright.Rotation = math.Pi / 2
		card.FillText(upright, vg.Point{X: body.Min.X, Y: middle.Y}, p.y)
		p.plot.Draw(area)
		top += h
	}
	var buf bytes.Buffer
	if _, err := svg.WriteTo(&buf); err != nil {
		return nil, err
	}
	// Liberation Sans has Arial's measures; where neither is, anything without
	// serifs is near enough.
	out := bytes.ReplaceAll(buf.Bytes(), []byte("font-family:Liberation Sans"), []byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif"))
	return out, nil
}
