// Package guide reads the leader's guide, GUIDE.md: its sections, how many
// minutes each takes, and what is on the wall meanwhile.
//
// The minutes are written in the sections, once. The timetable is made of them,
// and so are the times that the slides show.
package guide

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Lengths are the workshops that there is a timetable for, in minutes.
var Lengths = []int{45, 90, 180}

// A Section is a part of the guide that takes time: a heading of the second
// level with a line of minutes below it.
type Section struct {
	Title   string
	Line    int         // of the heading, counted from 1
	Minutes map[int]int // by length; a length that leaves it out is not there
	Slides  []string    // Markdown
}

var (
	minutesLine = regexp.MustCompile(`^Minutes: (\d+|none) of 45, (\d+|none) of 90, (\d+|none) of 180$`)
	slideBlock  = regexp.MustCompile(`(?s)<!-- slide -->\n(.*?)<!-- slide end -->`)
	timetable   = regexp.MustCompile(`(?s)(<!-- timetable -->\n).*?(<!-- timetable end -->)`)
)

// Parse returns the sections of a guide in their order. The error says what is
// wrong with it and where: a minutes line that is none, a slide outside of any
// section, lengths that the minutes don't add up to.
func Parse(text string) ([]Section, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var all []Section
	var problems []error
	begin := 0 // of the section, in text
	end := func(at int) {
		slides := slideBlock.FindAllStringSubmatch(text[begin:at], -1)
		if len(all) == 0 || all[len(all)-1].Minutes == nil {
			if len(slides) > 0 {
				problems = append(problems, fmt.Errorf("before line %d: a slide in a section without minutes", 1+strings.Count(text[:at], "\n")))
			}
			return
		}
		for _, slide := range slides {
			all[len(all)-1].Slides = append(all[len(all)-1].Slides, strings.TrimSpace(slide[1]))
		}
	}
	at, line, fenced := 0, 0, false
	for l := range strings.Lines(text) {
		line++
		l = strings.TrimRight(l, "\n")
		switch {
		case strings.HasPrefix(l, "```"):
			fenced = !fenced
		case fenced:
		case strings.HasPrefix(l, "## "):
			end(at)
			begin = at
			all = append(all, Section{Title: strings.TrimPrefix(l, "## "), Line: line})
		case strings.HasPrefix(l, "Minutes:"):
			match := minutesLine.FindStringSubmatch(l)
			if match == nil || len(all) == 0 {
				problems = append(problems, fmt.Errorf("line %d: %q is not like %q", line, l, "Minutes: none of 45, 5 of 90, 10 of 180"))
				break
			}
			minutes := make(map[int]int)
			for i, length := range Lengths {
				if n, err := strconv.Atoi(match[i+1]); err == nil {
					minutes[length] = n
				}
			}
			all[len(all)-1].Minutes = minutes
		}
		at += len(l) + 1
	}
	end(min(at, len(text)))

	var timed []Section
	for _, s := range all {
		if s.Minutes != nil {
			timed = append(timed, s)
		}
	}
	for _, length := range Lengths {
		total := 0
		for _, s := range timed {
			total += s.Minutes[length]
		}
		if total != length {
			problems = append(problems, fmt.Errorf("the sections of %d minutes take %d", length, total))
		}
	}
	return timed, errors.Join(problems...)
}

// Timetable is the table of all lengths, in Markdown: when each section begins.
func Timetable(sections []Section) string {
	var out strings.Builder
	row := func(first string, cell func(length int) string) {
		out.WriteString("| " + first + " |")
		for _, length := range Lengths {
			out.WriteString(" " + cell(length) + " |")
		}
		out.WriteString("\n")
	}
	row("begins at", func(length int) string { return fmt.Sprintf("%d minutes", length) })
	out.WriteString("|---|---:|---:|---:|\n")
	begin := make(map[int]int)
	for _, s := range sections {
		row(fmt.Sprintf("[%s](#%s)", s.Title, Anchor(s.Title)), func(length int) string {
			minutes, ok := s.Minutes[length]
			if !ok {
				return ""
			}
			at := begin[length]
			begin[length] += minutes
			return Clock(at)
		})
	}
	row("end", func(length int) string { return Clock(begin[length]) })
	return out.String()
}

// Clock writes minutes as hours and minutes: 1:05.
func Clock(minutes int) string { return fmt.Sprintf("%d:%02d", minutes/60, minutes%60) }

var dropped = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// Anchor is the name by which GitHub links to a heading.
func Anchor(heading string) string {
	return strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

// WithTimetable returns the text with the timetable of its sections written
// into the place that is marked for it.
func WithTimetable(text string) (string, error) {
	sections, err := Parse(text)
	if err != nil {
		return "", err
	}
	if len(timetable.FindAllString(text, -1)) != 1 {
		return "", errors.New("there must be one <!-- timetable --> with its <!-- timetable end -->")
	}
	return timetable.ReplaceAllString(text, "${1}"+strings.ReplaceAll(Timetable(sections), "$", "$$")+"${2}"), nil
}
