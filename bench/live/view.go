package main

import (
	"embed"
	"fmt"
	"go/scanner"
	"go/token"
	"html"
	"html/template"
	"regexp"
	"slices"
	"strings"
)

// A view is what the page is made of when it is loaded; the rest comes by the
// feed.
type view struct {
	Lanes        []laneView
	Note         string
	LongestDelay int64 // milliseconds
	HighestGuess int   // percent of one core
}

type laneView struct {
	Stage  int
	Name   string
	Folder string
	excerpt
	Late string // why its timers are as late as they are
	Code template.HTML
	Off  string // what the lane says when it is switched off
}

// An excerpt is the handful of lines that are the reason for what one sees.
type excerpt struct {
	File string // in the stage's folder
	Why  string // in words
}

var laneViews = [stages]laneView{
	{Stage: 1, Name: "polling", Folder: "stage1_polling", Late: "Nothing sleeps here, so nothing has to be woken.", excerpt: excerpt{
		File: "timers.go",
		Why:  "there is nothing here that waits. Neither is there in the callback loop.",
	}},
	{Stage: 2, Name: "queue", Folder: "stage2_queue", Late: "While it spins, only the callback loop has to be woken.", excerpt: excerpt{
		File: "timers.go",
		Why:  "it waits while its queue is empty, but puts what is not due back into it.",
	}},
	{Stage: 3, Name: "event", Folder: "stage3_event", Late: "Both loops have to be woken: the price of sleeping.", excerpt: excerpt{
		File: "timers.go",
		Why:  "it waits until its alarm rings, or somebody wakes it to look sooner.",
	}},
}

// excerpts holds the lines of each stage, in a file of its own because a
// program can embed only what is below its own folder. docs/weave writes them
// from the stages' source, and its test compares them with it.
//
//go:embed excerpts/*.txt
var excerpts embed.FS

func newView(cores int) view {
	v := view{LongestDelay: maxDelay.Milliseconds(), HighestGuess: 100 * max(cores, 2)}
	for _, lane := range laneViews {
		code, err := excerpts.ReadFile(lane.excerptFile())
		if err != nil {
			panic(err) // it is embedded
		}
		lane.Code = highlight(string(code))
		lane.Off = "Switched off."
		if !slices.Contains(firstOn(cores), lane.Stage) {
			lane.Off = fmt.Sprintf("Switched off: alone it keeps two cores busy, and here are %d.", cores)
		}
		v.Lanes = append(v.Lanes, lane)
	}
	v.Note = fmt.Sprintf("This machine lets the page use %d cores. Stage 1 spins on two of them from the first moment and stage 2 on "+
		"one while a timer is pending", cores)
	if len(firstOn(cores)) == stages {
		v.Note += ", so all three stages are on."
	} else {
		v.Note += ": together they starve each other, the browser and stage 3. So stage 1 starts switched off. " +
			"Switch it on to see it, and off again before you trust the figures of the others."
	}
	return v
}

func (l laneView) excerptFile() string { return fmt.Sprintf("excerpts/%s.txt", l.Folder) }

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
