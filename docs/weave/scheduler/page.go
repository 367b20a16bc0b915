package scheduler

import (
	"embed"
	"html/template"
	"strings"
	"time"
)

// sooner is the timer that the reader tries to lose.
const sooner = 10 * time.Millisecond

//go:embed page.html page.css page.js
var files embed.FS

var layout = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"css": func() (template.CSS, error) { raw, err := files.ReadFile("page.css"); return template.CSS(raw), err },
	"js":  func() (template.JS, error) { raw, err := files.ReadFile("page.js"); return template.JS(raw), err },
}).ParseFS(files, "page.html"))

// A shown is a position as the page draws it.
type shown struct {
	Arrivals []string  `json:"arrivals"`
	Taken    []string  `json:"taken"`
	Heap     []string  `json:"heap"`
	Until    string    `json:"until"`
	Says     bool      `json:"says"` // that it is asleep
	Sleeps   bool      `json:"sleeps"`
	Alarm    string    `json:"alarm"`
	Locked   bool      `json:"locked"`
	Event    bool      `json:"event"`
	At       [2]int    `json:"at"` // the step that comes next; -1 if none is left
	To       [2]int    `json:"to"` // the position after it; 0 if it can't be made now
	Told     [2]string `json:"told"`
	Orders   uint64    `json:"orders"`
	Losing   uint64    `json:"losing"`
	Over     bool      `json:"over"`
	Lost     bool      `json:"lost"`
}

// A play is a variant as the page has it.
type play struct {
	variant
	Event     string
	Positions []shown
	Counts    [2]count `json:"-"` // with one timer, and with two
}

// A count says in how many orders the steps can be made, and how many of them lose.
type count struct{ Orders, Losing uint64 }

// Page makes the head and the body of the page, of files read by their path in the
// repository.
func Page(read func(string) (string, error)) (head, body template.HTML, err error) {
	timers, err := read("stage3_event/timers.go")
	if err != nil {
		return "", "", err
	}
	event, err := read("stage3_event/event.go")
	if err != nil {
		return "", "", err
	}
	if err := check(timers, event); err != nil {
		return "", "", err
	}
	data := struct {
		Plays []play
		Steps [2][]step
		Clear line
	}{Steps: steps, Clear: line{"event.go", events["clear"]}}
	for _, v := range variants {
		positions := v.play(begin(sooner))
		p := play{variant: v, Event: events[v.Name]}
		for i, first := range []position{positions[0], v.play(begin(time.Minute, sooner))[0]} {
			p.Counts[i] = count{first.orders, first.losing}
		}
		for _, position := range positions {
			p.Positions = append(p.Positions, position.shown())
		}
		data.Plays = append(data.Plays, p)
	}
	var parts [2]strings.Builder
	for i, name := range []string{"head", "body"} {
		if err := layout.ExecuteTemplate(&parts[i], name, data); err != nil {
			return "", "", err
		}
	}
	return template.HTML(parts[0].String()), template.HTML(parts[1].String()), nil
}

func (p position) shown() shown {
	s := shown{
		Arrivals: names(p.arrivals), Taken: names(p.taken), Heap: names(p.heap),
		Until: short(p.until), Says: p.asleep, Sleeps: p.at[loop] == asleep,
		Alarm: short(p.rings), Locked: p.locked, Event: p.event, At: p.at,
		Orders: p.orders, Losing: p.losing, Over: p.over(), Lost: p.over() && p.lost(),
	}
	s.At[loop] = min(s.At[loop], wait)
	if len(p.left) == 0 {
		s.At[code] = -1
	}
	for who, m := range p.moves {
		s.To[who], s.Told[who] = m.to, m.says
	}
	return s
}
