package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A look is how one implementation is drawn everywhere: never by its colour
// alone, but also by its name beside it, its marker and its kind of line. The
// colours are Okabe and Ito's, which colour-blind people can tell apart.
type look struct {
	impl   string // as in impl=
	title  string
	color  string // one of colors, and other classes of the style sheet
	marker string // a path around the origin
	dashes string // of lines; none for a solid one
}

const (
	ours = "stage3_event"
	fast = "tuned"

	disc     = "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"
	square   = "M-3.5-3.5h7v7h-7z"
	triangle = "M0-5l4.5 8h-9z"
	diamond  = "M0-5l5 5l-5 5l-5-5z"
	cross    = "M-3.5-3.5l7 7m-7 0l7-7"
	plus     = "M-5 0h10m-5-5v10"

	dashed, dotted, mixed = "6 3", "1.5 2.5", "8 2.5 1.5 2.5"
)

var legend = []look{
	{"none", "no loop", "pencil", plus, dotted},
	{"stage1_polling", "stage 1, polling", "vermilion", square, dashed},
	{"stage2_queue", "stage 2, queue", "blue", triangle, mixed},
	{ours, "stage 3, event", "green ours", disc, ""},
	{fast, "tuned", "brown", diamond, mixed},
	{"AfterFunc", "time.AfterFunc", "ink", cross, dotted},
	{"AfterFunc_serial", "AfterFunc, serial", "pencil", plus, dashed},
	{"goja_nodejs", "goja_nodejs", "purple", triangle, dashed},
	{"floor", "floor", "pencil", cross, dotted},
	{"channel", "buffered channel", "pencil", square, dashed},
	{"node", "Node.js", "purple", disc, ""},
	{"asyncio", "Python asyncio", "purple", square, ""},
}

func lookOf(impl string) look {
	return legend[slices.IndexFunc(legend, func(l look) bool { return l.impl == impl })]
}

// colors are those of light pages and of dark ones: a shade darker than Okabe and
// Ito's, to be read as text on white.
var colors = map[string][2]string{
	"vermilion": {"#c44e00", "#ff8a3d"},
	"blue":      {"#006aac", "#62b5f5"},
	"green":     {"#007f5c", "#2fc898"},
	"purple":    {"#a84f80", "#e08dba"},
	"brown":     {"#805a00", "#d9a92c"},
	"ink":       {"#222222", "#e6e6e1"},
	"pencil":    {"#595959", "#b0b4b8"},
	"hairline":  {"#ddddd8", "#3a3e42"},
	"paper":     {"#fdfdfa", "#16181a"},
}

// stylesheet returns the classes that a picture uses. A program that draws pictures
// and knows nothing of dark pages takes the first of each.
func stylesheet() string {
	var css strings.Builder
	css.WriteString("<style>\ntext { font: 11.5px Arial, Helvetica, sans-serif }\n" +
		".title { font-size: 15px }\n.title, .heading, .ours { font-weight: bold }\n")
	for i, media := range []string{"", "@media (prefers-color-scheme: dark) {\n"} {
		css.WriteString(media)
		for _, name := range slices.Sorted(maps.Keys(colors)) {
			fmt.Fprintf(&css, ".%s { fill: %[2]s; stroke: %[2]s }\n", name, colors[name][i])
		}
	}
	css.WriteString("}\n.line { fill: none !important }\ntext[class] { stroke: none }\n</style>\n")
	return css.String()
}
