package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/shell"
)

// A region is the text between a directive and its end.
type region struct {
	page string
	line int    // of the directive
	kind string // its first word
	args string // the rest, as written
	body string // the text that is there now
}

var (
	directive = regexp.MustCompile(`<!-- (code|diff|table|figure|run|broken|play|nav)(?: (.*?))?? -->`)
	anyMark   = regexp.MustCompile(`<!--\s*(\S+).*?-->`)
)

const (
	end        = "<!-- end -->"
	notInPages = "<!-- not in pages -->"
)

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
		fail := func(err error) {
			problems = append(problems, fmt.Errorf("%s:%d: %s %s: %w", page, r.line, r.kind, r.args, err))
		}
		out.WriteString(rest[:m[1]])
		rest = rest[m[1]:]
		close := strings.Index(rest, end)
		if next := directive.FindStringIndex(rest); close < 0 || next != nil && next[0] < close {
			fail(errors.New("it has no " + end))
			continue
		}
		r.body = rest[:close]
		body, err := f(r)
		if err != nil {
			fail(err)
			body = r.body
		}
		out.WriteString(body)
		out.WriteString(end)
		rest = rest[close+len(end):]
	}
	out.WriteString(rest)
	return out.String(), problems
}

// words splits the arguments as a shell does.
func (r region) words() ([]string, error) {
	return shell.Fields(r.args, func(string) string { return "" })
}

// The body of a region is made anew by its kind.
var weavers = map[string]func(*book, region) (string, error){
	"code": (*book).code, "diff": (*book).diff, "table": (*book).table, "figure": (*book).figure,
	"run": (*book).command, "broken": (*book).wrong, "play": (*book).steps, "nav": (*book).nav,
}

func (b *book) weaveRegion(r region) (string, error) { return weavers[r.kind](b, r) }

// block is the body of a region with a snippet: a caption, and the code.
func block(caption, language, code string) string {
	return "\n" + caption + "\n\n```" + language + "\n" + strings.TrimRight(code, "\n") + "\n```\n\n"
}

// link is a Markdown link from a page to a file, with the path as its text.
func link(page, file string) string {
	return "[`" + file + "`](" + relative(page, file) + ")"
}
