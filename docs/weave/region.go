package main

import (
	"fmt"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/shell"
)

// A region is what stands between a directive and its end.
type region struct {
	page string
	line int    // of the directive
	kind string // its first word
	args string // the rest, as written
	body string // what is there now
}

var (
	directive = regexp.MustCompile(`<!-- (code|diff|table|figure|run|broken|timetable|commands|nav|behind)(?: (.*?))?? -->`)
	anyMark   = regexp.MustCompile(`<!--\s*(\S+).*?-->`)
)

const end = "<!-- end -->"

// eachRegion replaces the body of every region by what f returns for it. A
// region for which f fails stays as it is.
func eachRegion(page, text string, f func(region) (string, error)) (string, []error) {
	var out strings.Builder
	var problems []error
	rest := text
	for {
		m := directive.FindStringSubmatchIndex(rest)
		if m == nil {
			break
		}
		r := region{page: page, kind: rest[m[2]:m[3]]}
		r.line = 1 + strings.Count(text[:len(text)-len(rest)+m[0]], "\n")
		if m[4] >= 0 {
			r.args = rest[m[4]:m[5]]
		}
		out.WriteString(rest[:m[1]])
		rest = rest[m[1]:]
		close := strings.Index(rest, end)
		if next := directive.FindStringIndex(rest); close < 0 || next != nil && next[0] < close {
			problems = append(problems, fmt.Errorf("%s: %q has no %s", r.where(), r.kind, end))
			continue
		}
		r.body = rest[:close]
		body, err := f(r)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %s %s: %w", r.where(), r.kind, r.args, err))
			body = r.body
		}
		out.WriteString(body)
		out.WriteString(end)
		rest = rest[close+len(end):]
	}
	out.WriteString(rest)
	return out.String(), problems
}

func (r region) where() string { return fmt.Sprintf("%s:%d", r.page, r.line) }

// words splits the arguments as a shell does, and takes those that are
// key="value", for the keys given, apart.
func (r region) words(keys ...string) (words []string, values map[string]string, err error) {
	all, err := shell.Fields(r.args, func(string) string { return "" })
	if err != nil {
		return nil, nil, err
	}
	values = map[string]string{}
next:
	for _, w := range all {
		for _, key := range keys {
			if value, ok := strings.CutPrefix(w, key+"="); ok {
				values[key] = value
				continue next
			}
		}
		words = append(words, w)
	}
	return words, values, nil
}

// weavePage makes the regions of a page, but for the lists.
func (b *book) weavePage(page, text string) (string, []error) {
	return eachRegion(page, text, b.weaveRegion)
}

func (b *book) weaveRegion(r region) (string, error) {
	switch r.kind {
	case "code":
		return b.code(r)
	case "diff":
		return b.diff(r)
	case "table":
		return b.table(r)
	case "figure":
		return b.figure(r)
	case "run":
		return b.command(r)
	case "broken":
		return b.wrong(r)
	case "timetable":
		return b.timetable(r)
	case "nav":
		return nav(r.page), nil
	}
	return r.body, nil
}

// weaveLists makes what can be made only when all pages have been read.
func (b *book) weaveLists(page, text string) (string, []error) {
	return eachRegion(page, text, func(r region) (string, error) {
		if r.kind == "commands" {
			return b.commandList(), nil
		}
		return r.body, nil
	})
}

// block is the body of a region that is a snippet: what it is, and the code.
func block(caption, language, code string) string {
	return "\n" + caption + "\n\n```" + language + "\n" + strings.TrimRight(code, "\n") + "\n```\n\n"
}

// link is a Markdown link from a page to a file, with the path as its text.
func link(page, file string) string {
	return "[`" + file + "`](" + relative(page, file) + ")"
}
