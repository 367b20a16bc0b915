package main

import (
	"fmt"
	"strings"
)

// The pictures of the chapters are drawn here, so that the three stages are
// drawn alike: the same three seconds, the same timer, and only how the two
// loops spend them differs.

// pictures returns all of them, by path.
func pictures() made {
	return made{
		"docs/pictures/two_loops.svg": twoLoops(),
		"docs/pictures/1_polling.svg": timeline{
			title: "Stage 1: both loops spin, all the time",
			about: "Three seconds on stage 1. SetTimeout(2 s) is called at half a second, the callback runs at two and a half seconds. The timer loop and the callback loop are both awake from beginning to end.",
			timer: []span{{0, 3}}, callback: []span{{0, 3}},
			timerNote: "sweeps its map: is anything due?", callbackNote: "looks into its map: is anything there?",
		}.draw(),
		"docs/pictures/2_queue.svg": timeline{
			title: "Stage 2: only a pending timer makes a loop spin",
			about: "The same three seconds on stage 2. The timer loop sleeps until SetTimeout is called, spins until the timer is due, and sleeps again. The callback loop is awake only for the moment in which it runs the callback.",
			timer: []span{{.5, 2.5}}, callback: []span{{2.5, 2.5}},
			timerNote: "takes the timer out, puts it back, takes it out …", callbackNote: "asleep at its queue",
		}.draw(),
		"docs/pictures/3_event.svg": timeline{
			title: "Stage 3: both loops sleep",
			about: "The same three seconds on stage 3. The timer loop wakes up for a moment when SetTimeout is called, sets its alarm and sleeps until that rings. The callback loop is awake only for the moment in which it runs the callback.",
			timer: []span{{.5, .5}, {2.5, 2.5}}, callback: []span{{2.5, 2.5}},
			timerNote: "asleep until the alarm, or until woken", callbackNote: "asleep until there is something",
		}.draw(),
		"docs/pictures/lost_wakeup.svg": lostWakeUp(),
	}
}

// A span is a time in which a loop is awake, in seconds. If it ends where it
// begins, it is a moment too short to be drawn to scale.
type span struct{ from, to float64 }

type timeline struct {
	title, about            string
	timer, callback         []span
	timerNote, callbackNote string
}

// A drawing is the inside of an SVG, and its size.
type drawing struct {
	title, about  string
	width, height int
	body          string
}

func (t timeline) draw() string {
	const left, second, top = 150, 180, 78
	x := func(seconds float64) float64 { return left + seconds*second }
	var s strings.Builder
	fmt.Fprintf(&s, `<text class="title" x="20" y="32">%s</text>`, t.title)
	for _, call := range []struct {
		at   float64
		text string
	}{{.5, "SetTimeout(2 s) returns"}, {2.5, "callback()"}} {
		fmt.Fprintf(&s, `<text class="call" x="%g" y="62">%s</text>`, x(call.at)-5, call.text)
		fmt.Fprintf(&s, `<path class="mark" d="M%g 68V206"/>`, x(call.at))
	}
	for i, lane := range []struct {
		name, note string
		awake      []span
	}{{"timer loop", t.timerNote, t.timer}, {"callback loop", t.callbackNote, t.callback}} {
		y := top + 8 + i*64
		fmt.Fprintf(&s, `<text class="name" x="20" y="%d">%s</text>`, y+18, lane.name)
		fmt.Fprintf(&s, `<path class="asleep" d="M%g %dH%g"/>`, x(0), y+13, x(3))
		for _, a := range lane.awake {
			if a.from == a.to {
				fmt.Fprintf(&s, `<rect class="awake" x="%g" y="%d" width="5" height="26"/>`, x(a.from)-2.5, y)
			} else {
				fmt.Fprintf(&s, `<rect class="cover" x="%g" y="%d" width="%g" height="26"/><rect class="spins" x="%[1]g" y="%[2]d" width="%[3]g" height="26"/>`, x(a.from), y, x(a.to)-x(a.from))
			}
		}
		fmt.Fprintf(&s, `<text class="note" x="%g" y="%d">%s</text>`, x(.5)+10, y+43, lane.note)
	}
	fmt.Fprintf(&s, `<path class="axis" d="M%g 216H%g"/>`, x(0), x(3))
	for sec := range 4 {
		fmt.Fprintf(&s, `<path class="axis" d="M%g 212v8"/><text class="tick" x="%g" y="236">%d s</text>`, x(float64(sec)), x(float64(sec)), sec)
	}
	s.WriteString(`<rect class="spins" x="150" y="254" width="34" height="14"/><text class="note" x="192" y="266">awake: it costs a core</text>` +
		`<path class="asleep" d="M400 261h34"/><text class="note" x="442" y="266">asleep: it costs nothing</text>`)
	return drawing{t.title, t.about, 720, 284, s.String()}.svg()
}

func twoLoops() string {
	arrow := func(path string) string { return `<path class="arrow" marker-end="url(#tip)" d="` + path + `"/>` }
	return drawing{
		"SetTimeout hands the callback to another loop",
		"Your code calls SetTimeout, which hands the timer to the timer loop and returns at once. When the timer is due, the timer loop hands it to the callback loop, which calls the callback on the goroutine that called Run. CallSoon goes to the callback loop directly.",
		720, 250,
		`<text class="title" x="20" y="32">SetTimeout hands the callback to another loop</text>` +
			`<rect class="box" x="20" y="60" width="184" height="164" rx="10"/><text class="name" x="36" y="88">your code</text><text class="call" x="36" y="120">SetTimeout(2 s, f)</text><text class="call" x="36" y="188">CallSoon(g)</text><text class="note" x="36" y="208">both return at once</text>` +
			`<rect class="box" x="276" y="60" width="172" height="90" rx="10"/><text class="name" x="292" y="88">timer loop</text><text class="note" x="292" y="110">timers wait here</text><text class="note" x="292" y="130">until they are due</text>` +
			`<rect class="box" x="520" y="60" width="180" height="164" rx="10"/><text class="name" x="536" y="88">callback loop</text><text class="note" x="536" y="110">callbacks wait here</text><text class="note" x="536" y="130">until it is their turn</text><text class="call" x="536" y="170">f()   g()</text><text class="note" x="536" y="192">one at a time, on the</text><text class="note" x="536" y="210">goroutine of Run</text>` +
			arrow("M204 115H268") + arrow("M448 115H512") + arrow("M204 184H512") +
			`<text class="note" x="464" y="106">due</text>`,
	}.svg()
}

func lostWakeUp() string {
	var s strings.Builder
	s.WriteString(`<text class="title" x="20" y="32">A wake-up is lost between looking and sleeping</text>`)
	for _, column := range []struct {
		name string
		x    int
	}{{"timer loop", 40}, {"your code", 344}} {
		fmt.Fprintf(&s, `<text class="name" x="%d" y="64">%s</text><path class="asleep" d="M%d 74V238"/>`, column.x, column.name, column.x+8)
	}
	steps := []struct {
		x, y int
		text string
	}{
		{64, 98, "looks: the next timer is in an hour"},
		{368, 134, "SetTimeout(10 ms): a sooner one"},
		{368, 162, "wakes the loop — but nobody is asleep yet"},
		{64, 198, "falls asleep, for an hour"},
		{368, 226, "the 10 ms have passed, and nothing happens"},
	}
	for _, step := range steps {
		fmt.Fprintf(&s, `<circle class="awake" cx="%d" cy="%d" r="5"/><text class="note" x="%d" y="%d">%s</text>`, step.x-16, step.y-5, step.x, step.y, step.text)
	}
	return drawing{
		"A wake-up is lost between looking and sleeping",
		"The timer loop looks: the next timer is due in an hour. Before it falls asleep your code sets a timer of ten milliseconds and wakes the loop, but nobody is asleep yet. Then the loop falls asleep for an hour. The ten milliseconds pass, and nothing happens.",
		720, 256, s.String(),
	}.svg()
}

func (d drawing) svg() string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%[2]d" role="img" aria-labelledby="t d">
<title id="t">%s</title>
<desc id="d">%s</desc>
`, d.width, d.height, d.title, d.about) + pictureStyle + strings.ReplaceAll(d.body, "><", ">\n<") + "\n</svg>\n"
}

// A picture has a paper of its own, so that it can be read on a page of any
// colour.
const pictureStyle = `<style>
.paper { fill: #fdfdfa; stroke: #d9d9d2 }
.cover { fill: #fdfdfa }
text { font: 15px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1d1f21 }
.title { font-size: 18px; font-weight: 600 }
.name { font-weight: 600 }
.call { font: 14px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }
.note { font-size: 14px; fill: #4c5054 }
.tick { font-size: 13px; text-anchor: middle; fill: #4c5054 }
.box { fill: none; stroke: #1d1f21; stroke-width: 1.5 }
.arrow { fill: none; stroke: #00589b; stroke-width: 2 }
.tip { fill: #00589b }
.mark { stroke: #00589b; stroke-dasharray: 4 4; fill: none }
.axis { stroke: #4c5054; fill: none }
.asleep { stroke: #8a8e92; stroke-width: 2; stroke-dasharray: 2 6; stroke-linecap: round; fill: none }
.awake { fill: #b34700 }
.spins { fill: url(#hatch); stroke: #b34700; stroke-width: 1.5 }
.hatch { stroke: #b34700; stroke-width: 3 }
@media (prefers-color-scheme: dark) {
  .paper { fill: #16181a; stroke: #3a3e42 }
  .cover { fill: #16181a }
  text { fill: #e6e6e1 }
  .note, .tick { fill: #b9bdc1 }
  .box { stroke: #e6e6e1 }
  .arrow, .mark { stroke: #86c1f5 }
  .tip { fill: #86c1f5 }
  .axis { stroke: #b9bdc1 }
  .awake { fill: #f0a060 }
  .spins, .hatch { stroke: #f0a060 }
}
</style>
<defs>
<pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0V8"/></pattern>
<marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="tip" d="M0 0L10 5L0 10z"/></marker>
</defs>
<rect class="paper" x="0.5" y="0.5" width="99.9%" height="99.6%" rx="10"/>
`
