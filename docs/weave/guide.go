package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The workshop's guide for its leader has sections. Each says how many minutes it
// takes and what is on the wall meanwhile. The minutes are written there, once:
// the timetable is made of them, and so are the times that the slides show.
const guidePage = "docs/workshop/GUIDE.md"

// lengths are the workshops that there is a timetable for, in minutes.
var lengths = []int{45, 90, 180}

// A section is a part of the guide that takes time: a heading of the second
// level with a line of minutes below it.
type section struct {
	title   string
	line    int         // of the heading, counted from 1
	minutes map[int]int // by length; a length that leaves it out is not there
	slides  []string    // Markdown
}

var (
	minutesLine = regexp.MustCompile(`^Minutes: (\d+|none) of 45, (\d+|none) of 90, (\d+|none) of 180$`)
	slideBlock  = regexp.MustCompile(`(?s)<!-- slide -->\n(.*?)<!-- slide end -->`)
)

// parseGuide returns the sections of a guide in their order. The error says what is
// wrong with it and where: a minutes line that is none, a slide outside of any
// section, lengths that the minutes don't add up to.
func parseGuide(text string) ([]section, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var all []section
	var problems []error
	begin := 0 // of the section, in text
	end := func(at int) {
		slides := slideBlock.FindAllStringSubmatch(text[begin:at], -1)
		if len(all) == 0 || all[len(all)-1].minutes == nil {
			if len(slides) > 0 {
				problems = append(problems, fmt.Errorf("before line %d: a slide in a section without minutes", 1+strings.Count(text[:at], "\n")))
			}
			return
		}
		for _, slide := range slides {
			all[len(all)-1].slides = append(all[len(all)-1].slides, strings.TrimSpace(slide[1]))
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
			all = append(all, section{title: strings.TrimPrefix(l, "## "), line: line})
		case strings.HasPrefix(l, "Minutes:"):
			match := minutesLine.FindStringSubmatch(l)
			if match == nil || len(all) == 0 {
				problems = append(problems, fmt.Errorf("line %d: %q is not like %q", line, l, "Minutes: none of 45, 5 of 90, 10 of 180"))
				break
			}
			minutes := make(map[int]int)
			for i, length := range lengths {
				if n, err := strconv.Atoi(match[i+1]); err == nil {
					minutes[length] = n
				}
			}
			all[len(all)-1].minutes = minutes
		}
		at += len(l) + 1
	}
	end(min(at, len(text)))

	var timed []section
	for _, s := range all {
		if s.minutes != nil {
			timed = append(timed, s)
		}
	}
	for _, length := range lengths {
		total := 0
		for _, s := range timed {
			total += s.minutes[length]
		}
		if total != length {
			problems = append(problems, fmt.Errorf("the sections of %d minutes take %d", length, total))
		}
	}
	return timed, errors.Join(problems...)
}

// timetable is a table of all lengths: when each section begins.
func (b *book) timetable(r region) (string, error) {
	text, err := b.read(r.page)
	if err != nil {
		return "", err
	}
	sections, err := parseGuide(text)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	row := func(first string, cell func(length int) string) {
		out.WriteString("| " + first + " |")
		for _, length := range lengths {
			out.WriteString(" " + cell(length) + " |")
		}
		out.WriteString("\n")
	}
	out.WriteString("\n")
	row("begins at", func(length int) string { return fmt.Sprintf("%d minutes", length) })
	out.WriteString("|---|---:|---:|---:|\n")
	begin := make(map[int]int)
	for _, s := range sections {
		row(fmt.Sprintf("[%s](#%s)", s.title, anchor(s.title)), func(length int) string {
			minutes, ok := s.minutes[length]
			if !ok {
				return ""
			}
			at := begin[length]
			begin[length] += minutes
			return clock(at)
		})
	}
	row("end", func(length int) string { return clock(begin[length]) })
	return out.String(), nil
}

// clock writes minutes as hours and minutes: 1:05.
func clock(minutes int) string { return fmt.Sprintf("%d:%02d", minutes/60, minutes%60) }
