package main

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
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
	brown     = color.RGBA{0x80, 0x5a, 0x00, 0xff}
	hairline  = color.RGBA{0xdd, 0xdd, 0xd8, 0xff}
	paper     = color.RGBA{0xfd, 0xfd, 0xfa, 0xff}

	// dark has what a dark page shows in place of each colour.
	dark = map[color.RGBA]color.RGBA{
		vermilion: {0xff, 0x8a, 0x3d, 0xff},
		blue:      {0x62, 0xb5, 0xf5, 0xff},
		green:     {0x2f, 0xc8, 0x98, 0xff},
		purple:    {0xe0, 0x8d, 0xba, 0xff},
		ink:       {0xe6, 0xe6, 0xe1, 0xff},
		pencil:    {0xb0, 0xb4, 0xb8, 0xff},
		brown:     {0xd9, 0xa9, 0x2c, 0xff},
		hairline:  {0x3a, 0x3e, 0x42, 0xff},
		paper:     {0x16, 0x18, 0x1a, 0xff},
	}

	solid  []vg.Length
	dashed = []vg.Length{vg.Points(6), vg.Points(3)}
	dotted = []vg.Length{vg.Points(1.5), vg.Points(2.5)}
	mixed  = []vg.Length{vg.Points(8), vg.Points(2.5), vg.Points(1.5), vg.Points(2.5)}

	legend = []look{
		{"none", "no loop", pencil, draw.PlusGlyph{}, dotted},
		{"stage1_polling", "stage 1, polling", vermilion, draw.BoxGlyph{}, dashed},
		{"stage2_queue", "stage 2, queue", blue, draw.PyramidGlyph{}, mixed},
		{ours, "stage 3, event", green, draw.CircleGlyph{}, solid},
		{fast, "tuned", brown, draw.SquareGlyph{}, mixed},
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

// A picture is narrow and its text large, so that it can be read on a phone,
// where all of it is as wide as the screen.
const (
	width  = 400 // points
	margin = 12

	small   = 11.5
	heading = 12.5
	large   = 15
)

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
	p.BackgroundColor = nil // the card is there
	p.Title.Text = title
	p.Title.Padding = vg.Points(6)
	p.Title.TextStyle = textStyle(heading, true, ink, draw.XCenter, draw.YTop)
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Color = pencil
		axis.Tick.Label.Font = textStyle(small, false, ink, 0, 0).Font
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

// picture draws panels below each other on a card, under a title, and above
// lines that say where the figures come from.
func picture(title, provenance string, height vg.Length, panels ...panel) ([]byte, error) {
	svg := vgsvg.NewWith(vgsvg.UseWH(width, height))
	card := draw.New(svg)
	card.FillPolygon(paper, []vg.Point{{}, {X: width}, {X: width, Y: height}, {Y: height}})
	edge := draw.LineStyle{Color: hairline, Width: vg.Points(1)}
	card.StrokeLines(edge, []vg.Point{{}, {X: width}, {X: width, Y: height}, {Y: height}, {}})

	card.FillText(textStyle(large, true, ink, draw.XLeft, draw.YTop), vg.Point{X: margin, Y: height - margin}, title)
	about := textStyle(small, false, pencil, draw.XLeft, draw.YBottom)
	foot := vg.Length(margin)
	for _, line := range slices.Backward(wrap(provenance, about, width-2*margin)) {
		card.FillText(about, vg.Point{X: margin, Y: foot}, line)
		foot += small + 3
	}
	body := draw.Crop(card, margin, -margin, foot+6, -margin-26)

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
		area := draw.Crop(body, 0, 0, left-top-h+label+8, -top)
		if p.y != "" {
			area.Min.X += label
		}
		card.FillText(textStyle(small, false, ink, draw.XCenter, draw.YTop), vg.Point{X: width / 2, Y: area.Min.Y - 1}, p.x)
		upright := textStyle(small, false, ink, draw.XCenter, draw.YTop)
		upright.Rotation = math.Pi / 2
		card.FillText(upright, vg.Point{X: body.Min.X, Y: area.Center().Y}, p.y)
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
	out = fixWidths(out)
	tag, rest, ok := bytes.Cut(out, []byte("<g "))
	if !ok {
		return nil, fmt.Errorf("the picture %q has nothing in it", title)
	}
	tag = bytes.Replace(tag, []byte("<svg "), []byte(`<svg role="img" aria-labelledby="title" `), 1)
	return fmt.Appendf(nil, "%s<title id=\"title\">%s</title>\n%s<g %s", tag, html.EscapeString(title), forDarkPages(), rest), nil
}

var textTag = regexp.MustCompile(`(<text )([^>]*font-weight:(\w+)[^>]*font-size:([\d.]+)px[^>]*>)([^<]*)`)

// fixWidths says of each text how wide it is in the font that it was laid out
// in. In another one, which may be wider, it would run into its neighbours.
func fixWidths(svg []byte) []byte {
	return textTag.ReplaceAllFunc(svg, func(match []byte) []byte {
		m := textTag.FindSubmatch(match)
		size, _ := strconv.ParseFloat(string(m[4]), 64) // it is a number: see textTag
		width := textStyle(size, string(m[3]) != "normal", ink, 0, 0).Width(html.UnescapeString(string(m[5])))
		return fmt.Appendf(nil, `%stextLength="%.1f" lengthAdjust="spacingAndGlyphs" %s%s`, m[1], width.Points(), m[2], m[5])
	})
}

// wrap breaks a text between the parts that a dot stands between, where it is
// wider than the room for it.
func wrap(text string, style draw.TextStyle, room vg.Length) []string {
	const between = " · "
	lines := []string{""}
	for part := range strings.SplitSeq(text, between) {
		last := &lines[len(lines)-1]
		switch longer := *last + between + part; {
		case *last == "":
			*last = part
		case style.Width(longer) <= room:
			*last = longer
		default:
			lines = append(lines, part)
		}
	}
	return lines
}

// forDarkPages returns what a dark page changes. The light colours stay where they are
// used, for programs that draw pictures and know nothing of such pages.
func forDarkPages() string {
	var rules strings.Builder
	rules.WriteString("<style>\n@media (prefers-color-scheme: dark) {\n")
	light := slices.SortedFunc(maps.Keys(dark), func(a, b color.RGBA) int { return strings.Compare(hex(a), hex(b)) })
	for _, c := range light {
		for _, what := range []string{"fill", "stroke"} {
			fmt.Fprintf(&rules, "  [style*=\"%s:%s\"] { %[1]s: %[3]s !important }\n", what, hex(c), hex(dark[c]))
		}
	}
	rules.WriteString("}\n</style>\n")
	return rules.String()
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }
