package scheduler

import (
	"embed"
	"fmt"
	"html/template"
	"strings"
	"time"
)

// sooner is the timer whose wake-up the reader tries to lose.
const sooner = 10 * time.Millisecond

//go:embed page.html page.css page.js
var files embed.FS

// A shown is a position as the page draws it.
type shown struct {
	Heap   []string  `json:"heap"`
	Until  string    `json:"until"`
	Alarm  string    `json:"alarm"`
	Sleeps bool      `json:"sleeps"`
	Locked bool      `json:"locked"`
	Event  bool      `json:"event"`
	At     [2]int    `json:"at"` // the step that comes next; -1 if none is left
	To     [2]int    `json:"to"` // the position after it; 0 if it can't be made now
	Told   [2]string `json:"told"`
	Orders uint64    `json:"orders"`
	Losing uint64    `json:"losing"`
	Over   bool      `json:"over"`
	Lost   bool      `json:"lost"`
}

// A play is a variant as the page has it.
type play struct {
	variant
	Positions []shown
	Counts    [2]count `json:"-"` // with one timer, and with two
}

// A count says in how many orders the steps can be made, and in how many of them the
// wake-up is lost.
type count struct{ Orders, Losing uint64 }

// The words that the script says. A # stands for a figure.
var words = []string{
	"The timer loop", "Your code", "loop", "code", "empty", "set", "not set", "handed over", "no room", "held by your code", "free",
	"asleep", "woken", "awake", "Play", "Pause", "Who goes first?", "lost", "not lost", "%s can’t make a step: it %s.",
	"You did it: the wake-up is lost. The timer of 10 ms waits in the heap, and the loop sleeps for an hour.",
	"It is over, and nothing is lost: the loop sleeps for 10 ms.",
	"Ways on from here: %s. The wake-up is lost in %s of them.",
	"Orders: %s. The wake-up is lost in %s of them. Choose one to see it played: L is a step of the loop, C one of your code.",
}

// Page makes the head and the board of the page, of files read by their path in the
// repository. All its words go through say.
func Page(read func(string) (string, error), say func(string) string) (head, board template.HTML, err error) {
	data, err := playAll(read, say)
	if err != nil {
		return "", "", err
	}
	layout, err := template.New("page.html").Funcs(template.FuncMap{
		"say": say,
		"css": func() (template.CSS, error) { raw, err := files.ReadFile("page.css"); return template.CSS(raw), err },
		"js":  func() (template.JS, error) { raw, err := files.ReadFile("page.js"); return template.JS(raw), err },
	}).ParseFS(files, "page.html")
	if err != nil {
		return "", "", err
	}
	said := map[string]string{}
	for _, w := range words {
		said[w] = say(w)
	}
	var parts [2]strings.Builder
	for i, name := range []string{"head", "board"} {
		if err := layout.ExecuteTemplate(&parts[i], name, map[string]any{"Plays": data, "Steps": steps, "Words": said}); err != nil {
			return "", "", err
		}
	}
	return template.HTML(parts[0].String()), template.HTML(parts[1].String()), nil
}

func playAll(read func(string) (string, error), say func(string) string) (plays []play, err error) {
	timers, err := read("stage3_event/timers.go")
	if err != nil {
		return nil, err
	}
	event, err := read("stage3_event/event.go")
	if err != nil {
		return nil, err
	}
	if err := check(timers, event); err != nil {
		return nil, err
	}
	for _, v := range variants {
		positions := v.play(begin(sooner))
		p := play{variant: v}
		for i, first := range []position{positions[0], v.play(begin(time.Minute, sooner))[0]} {
			p.Counts[i] = count{first.orders, first.losing}
		}
		for _, position := range positions {
			p.Positions = append(p.Positions, position.shown(say))
		}
		plays = append(plays, p)
	}
	return plays, nil
}

func (p position) shown(say func(string) string) shown {
	s := shown{
		Until: short(p.until), Alarm: short(p.rings), Sleeps: p.at[loop] == asleep,
		Locked: p.locked, Event: p.event, At: p.at,
		Orders: p.orders, Losing: p.losing, Over: p.over(), Lost: p.over() && p.lost(),
	}
	for _, d := range p.heap {
		s.Heap = append(s.Heap, short(d))
	}
	s.At[loop] = min(s.At[loop], wait)
	if len(p.left) == 0 {
		s.At[code] = -1
	}
	for who, m := range p.moves {
		s.To[who], s.Told[who] = m.to, strings.Replace(say(m.says.text), "%s", short(m.says.instant), 1)
	}
	return s
}

// Markdown is the board on paper: the loops, the steps of the two, and the counts.
func Markdown(read func(string) (string, error), say func(string) string) (string, error) {
	plays, err := playAll(read, say)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	fmt.Fprintf(&out, "\n| %s | |\n|---|---|\n", say("Which loop?"))
	for _, p := range plays {
		fmt.Fprintf(&out, "| <a id=\"%s\"></a>%s | `%s` |\n", p.Name, say(p.Title), p.Lines)
	}
	for who, title := range []string{"The timer loop", "Your code"} {
		fmt.Fprintf(&out, "\n| %s | |\n|---|---|\n", say(title))
		for _, s := range steps[who] {
			only := ""
			if s.Only != "" {
				only = " (`" + s.Only + "`)"
			}
			fmt.Fprintf(&out, "| `%s`%s | %s |\n", strings.Join(s.Lines, "`<br>`"), only, say(s.Words))
		}
	}
	fmt.Fprintf(&out, "\n<details>\n<summary>%s</summary>\n\n| | %s | %s | %s | %s |\n|---|---:|---:|---:|---:|\n",
		say("All orders, counted"), say("orders"), say("lost in"), say("with two timers"), say("lost in"))
	for _, p := range plays {
		fmt.Fprintf(&out, "| %s | %d | %d | %d | %d |\n", say(p.Title), p.Counts[0].Orders, p.Counts[0].Losing, p.Counts[1].Orders, p.Counts[1].Losing)
	}
	out.WriteString("\n</details>\n\n")
	return out.String(), nil
}
