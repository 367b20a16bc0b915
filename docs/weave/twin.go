package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// The book is told twice: a page of docs/zh is the twin of an English one. It has
// the same blocks of prose and the same directives, in the same order. The English
// block that a Chinese one says is named above it:
//
//	<!-- en 3fa9c1d2 -->
//	这里是中文……
//
// The digits are a hash of the English block. When that changes they no longer fit, and
// weaving says so. Once the Chinese says the same again, write the new hash there by
// hand. Regions are woven for the Chinese page as for the English one.
//
// A chapter is told in Chinese if there is such a page.
const zhFolder = "docs/zh"

// A tongue is a language that pages are in.
type tongue string

const (
	english tongue = "en"
	chinese tongue = "zh-Hans"
)

func tongueOf(page string) tongue {
	if isChinese(page) {
		return chinese
	}
	return english
}

func (t tongue) pick(en, zh string) string {
	if t == chinese {
		return zh
	}
	return en
}

// twinOf returns where the Chinese of an English file is, if there may be one.
func twinOf(file string) string {
	dir, name := path.Split(file)
	switch {
	case file == "README.md":
		return zhFolder + "/README.md"
	case file == "docs/README.md":
		return zhFolder + "/contents.md"
	case dir == "docs/" && path.Ext(name) == ".md":
		return zhFolder + "/" + name
	case dir == "docs/pictures/" || dir == "docs/results/" && path.Ext(name) == ".svg":
		return zhFolder + "/pictures/" + name
	}
	return ""
}

// original returns the English file that a Chinese page is the twin of; any other
// file is its own.
func original(page string) string {
	name, ok := strings.CutPrefix(page, zhFolder+"/")
	switch {
	case !ok:
		return page
	case name == "README.md":
		return "README.md"
	case name == "contents.md":
		return "docs/README.md"
	}
	return "docs/" + name
}

func isChinese(page string) bool { return strings.HasPrefix(page, zhFolder+"/") }

// An item is a part of a page: a directive, or a block of prose, which ends at a blank
// line and has the drawing below it. In a Chinese page a block goes from one mark to
// the next, since one block may become two.
type item struct {
	line      int
	directive string // as written, if it is one
	prose     string // if it is a block
	hash      string // of a block: its own in English, the one it is marked with in Chinese
}

// key is equal for twins that agree.
func (i item) key() string { return i.directive + i.hash }

var (
	mark       = regexp.MustCompile(`^<!-- en ?([0-9a-f]{8})? -->$`)
	aFigure    = regexp.MustCompile(`<!-- figure .*? -->`)
	figureBody = regexp.MustCompile(`(<!-- figure .*? -->).*?<!-- end -->`)
)

// hashOf is the hash of a block. White space does not count, nor do the figures in
// it, which change with each measurement.
func hashOf(block string) string {
	folded := strings.Join(strings.Fields(figureBody.ReplaceAllString(block, "$1")), " ")
	sum := sha256.Sum256([]byte(folded))
	return hex.EncodeToString(sum[:4])
}

// items cuts a page.
func items(text string, marked bool) (all []item) {
	var fenced, open, region bool // within a fence, a block, a region
	add := func(line int, l string) {
		if !open {
			open = true
			all = append(all, item{line: line})
		}
		all[len(all)-1].prose += l + "\n"
	}
	line := 0
	for l := range strings.Lines(text) {
		line++
		l = strings.TrimRight(l, "\n")
		found := directive.FindStringIndex(l)
		isFence := strings.HasPrefix(strings.TrimSpace(l), "```")
		switch {
		case region:
			region = !strings.Contains(l, end)
		case !fenced && found != nil && found[0] == 0:
			open = false
			region = !strings.Contains(l, end)
			all = append(all, item{line: line, directive: l[:found[1]]})
		case marked && mark.MatchString(l):
			open = true
			all = append(all, item{line: line, hash: mark.FindStringSubmatch(l)[1]})
		case !fenced && strings.TrimSpace(l) == "" && !(open && marked):
			open = false
		default:
			if isFence && len(all) > 0 && all[len(all)-1].directive == "" {
				open = true // a drawing goes with the block above it
			}
			if isFence {
				fenced = !fenced
			}
			add(line, l)
		}
	}
	for i := range all {
		all[i].prose = strings.TrimSpace(all[i].prose)
		if !marked && all[i].directive == "" {
			all[i].hash = hashOf(all[i].prose)
		}
	}
	return all
}

// pair returns for each English item the Chinese one that stands for it, or -1, and
// the Chinese ones that stand for none. Those stand for one another that have the same
// key. And a block whose hash is of nothing stands for an English one without a twin.
func pair(en, zh []item) (of, rest []int) {
	next := 0 // of the Chinese ones
	for _, e := range en {
		same := func(i item) bool { return i.key() == e.key() }
		at := -1
		if k := slices.IndexFunc(zh[next:], same); k >= 0 {
			at = next + k
		} else if next < len(zh) && e.directive == "" && zh[next].directive == "" &&
			!slices.ContainsFunc(en, func(e item) bool { return e.hash == zh[next].hash }) {
			at = next
		}
		of = append(of, at)
		for ; next <= at; next++ {
			if next < at {
				rest = append(rest, next)
			}
		}
	}
	for ; next < len(zh); next++ {
		rest = append(rest, next)
	}
	return of, rest
}

// compare says where the items of two pages differ.
func compare(enPage, zhPage string, en, zh []item) (problems []error) {
	of, rest := pair(en, zh)
	line := 1 // where what is missing should be
	report := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s:%d: %s", zhPage, line, fmt.Sprintf(format, args...)))
	}
	seen := map[string]int{}
	for i, e := range en {
		if of[i] < 0 {
			if e.directive != "" {
				report("here is missing, from %s:%d, %s", enPage, e.line, e.directive)
			} else {
				report("here is missing, from %s:%d, <!-- en %s -->, the Chinese of\n%s", enPage, e.line, e.hash, indented(e.prose))
			}
			continue
		}
		z := zh[of[i]]
		line = z.line
		first, _, _ := strings.Cut(e.prose, "\n") // a drawing may be below it
		if heading := strings.TrimLeft(first, "#"); heading != first {
			if own := `<a id="` + anchor(heading[1:], seen) + `"></a>`; !strings.Contains(z.prose, own) {
				report("%s is missing, the anchor that the heading has in %s", own, enPage)
			}
		}
		switch figures := figuresOf(e.prose); {
		case e.key() != z.key():
			report("behind the English, %s:%d. When the Chinese says the same, mark it <!-- en %s -->:\n%s", enPage, e.line, e.hash, indented(e.prose))
		case e.directive == "" && z.prose == "":
			report("there is nothing below the mark of %s:%d", enPage, e.line)
		case !slices.Equal(figures, figuresOf(z.prose)):
			report("the figures are not those of %s:%d, which are %q", enPage, e.line, figures)
		}
	}
	for _, j := range rest {
		line = zh[j].line
		report("this is the Chinese of nothing there in %s:\n%s", enPage, indented(zh[j].directive+zh[j].prose))
	}
	return problems
}

// figuresOf returns the figures of a block, in no order: each language has its own.
func figuresOf(block string) []string {
	return slices.Sorted(slices.Values(aFigure.FindAllString(block, -1)))
}

func indented(text string) string { return "\t" + strings.ReplaceAll(text, "\n", "\n\t") }

// weaveTwin makes a Chinese page. An output, and a snippet that is wrong on purpose, is
// that of the English page.
func (b *book) weaveTwin(page string, out made) string {
	text, err := b.read(page)
	enPage := original(page)
	b.problem(err)
	b.problem(compare(enPage, page, items(b.texts[enPage], false), items(text, true))...)
	bodies := map[string][]string{} // by the directive
	_, _ = eachRegion(enPage, out[enPage], func(r region) (string, error) {
		bodies[r.kind+r.args] = append(bodies[r.kind+r.args], r.body)
		return r.body, nil
	})
	woven, problems := eachRegion(page, text, func(r region) (string, error) {
		same := bodies[r.kind+r.args]
		if len(same) == 0 {
			return "", errors.New(enPage + " has none like it")
		}
		bodies[r.kind+r.args] = same[1:]
		if r.kind == "run" {
			return same[0], nil
		}
		r.body = same[0]
		return b.weaveRegion(r)
	})
	b.problem(problems...)
	return woven
}
