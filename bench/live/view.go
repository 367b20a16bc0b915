package main

import (
	"fmt"
	"go/scanner"
	"go/token"
	"html"
	"html/template"
	"path/filepath"
	"regexp"
	"strings"

	"example.com/eventloop/bench/live/lane"
)

// A view is what the page is made of when it is loaded; the rest comes by the
// feed.
type view struct {
	Lanes        []laneView
	Scenes       []scene
	Note         string
	LongestDelay int64 // milliseconds
	HighestGuess int   // percent of one core
}

type laneView struct {
	Stage  int    // the lane's number
	Mark   string // the stage, for people; "" if it is none
	Name   string
	Folder string // as it is shown
	Why    string // the reason for what one sees, in words, before the code
	Late   string // why its timers are as late as they are
	Code   template.HTML
	Off    string // what the lane says when it is switched off
	Store  string // where its timers wait, as it is drawn

	source
	words int // the stage whose words suit it, 0 if none do
}

// broken is the number of the lane that lacks the wake-up, own that of -loop.
const (
	broken = 4
	own    = 5
)

// stageViews returns the lanes in the order in which they are shown. Their sources'
// folders are below that of the module.
func stageViews() []laneView {
	return []laneView{
		{Stage: 1, Mark: "1", Name: "polling", Folder: "stage1_polling", Store: "map", words: 1,
			Late:   "Nothing sleeps here, so nothing has to be woken.",
			Why:    "there is nothing here that waits. Neither is there in the callback loop.",
			source: source{parts: [][2]string{{"timerLoop.run", "for {"}}}},
		{Stage: 2, Mark: "2", Name: "queue", Folder: "stage2_queue", Store: "queue", words: 2,
			Late:   "While it spins, only the callback loop has to be woken.",
			Why:    "it waits while its queue is empty, but puts what is not due back into it.",
			source: source{parts: [][2]string{{"timerLoop.run", "for {"}, {"timerLoop.turn", "l.pending.put(append("}}}},
		{Stage: broken, Mark: "2½", Name: "unwoken", Folder: "docs/workshop/exercises/04_wakeup/starter", Store: "heap", words: 3,
			Late:   "Who is not woken is late.",
			Why:    "it waits as stage 3 does, but is woken only if it had no timer at all.",
			source: source{parts: [][2]string{{"timerLoop.Run", "for {"}, {"timerLoop.Add", "if l.until =="}}}},
		{Stage: 3, Mark: "3", Name: "event", Folder: "stage3_event", Store: "heap", words: 3,
			Late:   "Both loops have to be woken: the price of sleeping.",
			Why:    "it waits until its alarm rings, or somebody wakes it to look sooner.",
			source: source{parts: [][2]string{{"timerLoop.run", "for {"}}}},
	}
}

// ownView returns the lane of somebody's own loop.
func ownView(dir string) laneView {
	return laneView{Stage: own, Name: filepath.Base(dir), Folder: dir, Store: "loop", Why: "this is where it goes round.", source: source{dir: dir}}
}

// firstOn reports whether the lane is on from the start. Stage 1 keeps two cores busy
// from the first moment, with nothing to do: on a machine that has no more than
// about that, it would starve the others, this server and the browser.
func (l laneView) firstOn(cores int) bool { return l.Stage != broken && (l.Stage != 1 || cores >= 4) }

func newView(cores int, lanes []laneView) view {
	v := view{Scenes: scenes, LongestDelay: lane.MaxDelay.Milliseconds(), HighestGuess: 100 * max(cores, 2)}
	for _, l := range lanes {
		l.Code = highlight(l.excerpt())
		l.Off = "Switched off."
		if l.Stage == 1 && !l.firstOn(cores) {
			l.Off = fmt.Sprintf("Switched off: alone it keeps two cores busy, and here are %d.", cores)
		}
		v.Lanes = append(v.Lanes, l)
	}
	v.Note = fmt.Sprintf("This machine lets the page use %d cores. Stage 1 spins on two of them from the first moment and stage 2 on "+
		"one while a timer is pending", cores)
	if lanes[0].firstOn(cores) {
		v.Note += ", so all three stages are on."
	} else {
		v.Note += ": together they starve each other, the browser and stage 3. So stage 1 starts switched off. " +
			"Switch it on to see it, and off again before you trust the figures of the others."
	}
	return v
}

// highlight returns Go source as HTML, its keywords in <b> and its comments in
// <i>. The lines of a select's or a switch's cases say which they are, so that the
// page can light them.
func highlight(code string) template.HTML {
	var b strings.Builder
	for line := range strings.Lines(code) {
		line, end := strings.CutSuffix(line, "\n")
		if name := caseClause.FindString(line); name != "" {
			code := strings.TrimLeft(line, "\t")
			b.WriteString(line[:len(line)-len(code)])
			fmt.Fprintf(&b, `<span data-case="%s">%s</span>`, html.EscapeString(strings.TrimSpace(name)), highlightLine(code))
		} else {
			b.WriteString(highlightLine(line))
		}
		if end {
			b.WriteString("\n")
		}
	}
	return template.HTML(b.String())
}

var caseClause = regexp.MustCompile(`^\s*(case .*?|default):( |$)`)

// highlightLine works since no comment and no string of an excerpt has a second line.
func highlightLine(code string) string {
	src := []byte(code)
	file := token.NewFileSet().AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, scanner.ScanComments)
	var b strings.Builder
	end := 0
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		tag := ""
		if tok.IsKeyword() {
			tag = "b"
		} else if tok == token.COMMENT {
			tag = "i"
		} else {
			continue
		}
		start := file.Offset(pos)
		b.WriteString(html.EscapeString(code[end:start]))
		fmt.Fprintf(&b, "<%s>%s</%s>", tag, html.EscapeString(lit), tag)
		end = start + len(lit)
	}
	b.WriteString(html.EscapeString(code[end:]))
	return b.String()
}
