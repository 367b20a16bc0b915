package main

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// [text](path#fragment), with no address of another host.
var inlineLink = regexp.MustCompile(`\]\(([^)#\s:]+)(?:#[^)\s]*)?\)`)

// checkPage says what is wrong with a page as it stands. (That its links lead somewhere
// is tested with the web pages.)
func (b *book) checkPage(page string, out made) (problems []error) {
	source := b.texts[page]
	report := func(at int, format string, args ...any) {
		line := 1 + strings.Count(source[:at], "\n")
		problems = append(problems, fmt.Errorf("%s:%d: %s", page, line, fmt.Sprintf(format, args...)))
	}
	for _, m := range inlineLink.FindAllStringSubmatchIndex(source, -1) {
		target := path.Join(path.Dir(page), source[m[2]:m[3]])
		twin := twinOf(target)
		switch {
		case strings.HasPrefix(target, pagesFolder):
			report(m[0], "the link to %s leads to what is built, and not committed: write `%[1]s`", target)
		case !isChinese(page) || isChinese(target) || target == original(page):
		case slices.Contains(b.pages, twin) || twin != "" && b.exists(twin, out):
			report(m[0], "the link to %s leads to the English page, but there is %s", target, twin)
		case path.Ext(target) == ".md" && !strings.HasPrefix(source[m[1]:], "（英文"):
			report(m[0], "the link to %s is not followed by （英文）", target)
		}
	}
	if !isChapter(page) && original(page) != "README.md" {
		return problems
	}
	prose, _ := eachRegion(page, source, func(r region) (string, error) { // with as many lines
		return strings.Repeat("\n", strings.Count(r.body, "\n")), nil
	})
	for _, m := range command.FindAllStringSubmatchIndex(prose, -1) {
		if why := b.checkCommand(prose[m[2]:m[3]]); why != "" {
			report(m[0], "%s %s", prose[m[2]:m[3]], why)
		}
	}
	if isChapter(page) {
		for _, m := range anyMark.FindAllStringIndex(prose, -1) {
			words := prose[m[0]:m[1]]
			ours := words == end || words == notInPages || directive.MatchString(words) || isChinese(page) && mark.MatchString(words)
			if !ours {
				report(m[0], "%s is no directive", words)
			}
		}
		for _, m := range ourOwn.FindAllStringSubmatchIndex(prose, -1) {
			if language := prose[m[2]:m[3]]; language != "text" && language != "sh" {
				report(m[0], "a block of %q is written by hand; only \"text\" and \"sh\" may be", language)
			}
		}
		for _, m := range figureFirst.FindAllStringIndex(source, -1) {
			report(m[0], "a figure begins a line; Markdown takes such a line for HTML and ends the paragraph")
		}
	}
	return problems
}

var (
	ourOwn      = regexp.MustCompile("(?s)```(\\w*)\n.*?```")
	figureFirst = regexp.MustCompile(`(?m)^[ \t]*<!-- figure`)
	command     = regexp.MustCompile("(?m)(?:`|^(?:\\$ )?)((?:go|make) [^`\n]+)")
	folder      = regexp.MustCompile(` -C[ =](\S+)`)
	packages    = regexp.MustCompile(` (\.[^ #]*)`)
	target      = regexp.MustCompile(`^make (\S+)`)
	// A flag that PowerShell tears apart at the full stop, or any shell at the bar.
	torn = regexp.MustCompile(` (-\w+=(?:\.|[^\s"']*[|])\S*)`)
)

// checkCommand says what is wrong with a command that a page shows and does not run: it
// names a folder or a target that is not there, or not every shell passes on its flags.
func (b *book) checkCommand(command string) string {
	makefile, _ := b.read("Makefile")
	if m := target.FindStringSubmatch(command); m != nil && !strings.Contains("\n"+makefile, "\n"+m[1]+":") {
		return "is no target of the Makefile"
	}
	if m := torn.FindStringSubmatch(command); m != nil {
		return "needs quotes around " + m[1] + ", for every shell"
	}
	in := "."
	if m := folder.FindStringSubmatch(command); m != nil {
		in = m[1]
	}
	for _, m := range packages.FindAllStringSubmatch(command, -1) {
		if p := path.Join(in, strings.TrimSuffix(m[1], "...")); !b.exists(p, nil) {
			return "names " + p + ", which is not there"
		}
	}
	return ""
}

// anchor is GitHub's rule: lower case, no punctuation, a hyphen for a space, and a
// number from the second on. Seen counts the headings of each name.
func anchor(heading string, seen map[string]int) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, heading)
	n := seen[name]
	seen[name]++
	if n > 0 {
		name += "-" + strconv.Itoa(n)
	}
	return name
}
