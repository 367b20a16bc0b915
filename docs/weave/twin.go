package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// The book is told twice: a page of docs/zh is the twin of an English one. It has
// the same blocks of prose and the same directives, in the same order, and above
// each block stands which English block this is the Chinese of:
//
//	<!-- en 3fa9c1d2 -->
//	这里是中文……
//
// The digits are a hash of the English block. Once somebody changes that, they no
// longer fit: weaving says so, and until somebody has looked at the Chinese, the
// page shows the English below it. To say that the two agree again is to write the
// new hash there, by hand.
//
// Only prose is written twice. What stands between two directives is that of the
// English page, with links that lead there from the Chinese one, and in code with the
// Chinese of the comments.
const zhFolder = "docs/zh"

// twinOf returns where the Chinese of an English file is, if it is told in Chinese.
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
	case dir == english.folder+"/":
		return chinese.folder + "/" + name
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

// An item is what a page is made of: a directive, or a block of prose, which is
// what blank lines separate, with a drawing below it. In a Chinese page a block is
// all from one mark to the next, since one block may become two.
type item struct {
	line      int
	from, to  int    // where it is in the text of the page, the region included
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
	behindBody = regexp.MustCompile(`(?s)\n\n<!-- behind -->.*?<!-- end -->`)
)

// hashOf is the hash of a block. White space does not count, nor do the figures in
// it, which change by themselves.
func hashOf(block string) string {
	folded := strings.Join(strings.Fields(figureBody.ReplaceAllString(block, "$1")), " ")
	sum := sha256.Sum256([]byte(folded))
	return hex.EncodeToString(sum[:4])
}

// items cuts a page. What stands behind the English, woven in before, is no part
// of it.
func items(text string, marked bool) (all []item) {
	var fenced, open bool // within a fence, within a block
	region := ""          // the kind of the region that we are in
	line, at := 0, 0
	for l := range strings.Lines(text) {
		line++
		from, to := at, at+len(strings.TrimRight(l, "\n"))
		at += len(l)
		l = text[from:to]
		found := directive.FindStringSubmatchIndex(l)
		switch {
		case region != "":
			if strings.Contains(l, end) {
				if region != "behind" {
					all[len(all)-1].to = to
				}
				region = ""
			}
		case !fenced && found != nil && found[0] == 0:
			open = false
			region = l[found[2]:found[3]]
			if region != "behind" {
				all = append(all, item{line: line, from: from, to: to, directive: l[:found[1]]})
			}
			if strings.Contains(l, end) {
				region = ""
			}
		case marked && mark.MatchString(l):
			open = true
			all = append(all, item{line: line, from: from, to: to, hash: mark.FindStringSubmatch(l)[1]})
		case !fenced && strings.TrimSpace(l) == "":
			open = open && marked
		default:
			isFence := strings.HasPrefix(strings.TrimSpace(l), "```")
			if isFence {
				fenced = !fenced
			}
			if !open && isFence && len(all) > 0 && all[len(all)-1].directive == "" {
				open = true // a drawing goes with what it is about
			}
			if !open {
				open = true
				all = append(all, item{line: line, from: from})
			}
			all[len(all)-1].to = to
		}
	}
	for n := range all {
		i := &all[n]
		if i.directive != "" {
			continue
		}
		i.prose = text[i.from:i.to]
		if !marked {
			i.hash = hashOf(i.prose)
			continue
		}
		if first, rest, _ := strings.Cut(i.prose, "\n"); mark.MatchString(first) {
			i.prose = strings.TrimSpace(rest)
		}
	}
	return all
}

// pair returns for each English item the Chinese one that stands for it, or -1,
// and those that stand for none. First come the twins that agree, as a diff finds
// the lines that have not changed; between two of them, one block stands for the
// other in their order.
func pair(en, zh []item) (of, rest []int) {
	agree := make([][]int, len(en)+1) // how many from here on
	for i := range agree {
		agree[i] = make([]int, len(zh)+1)
	}
	for i := len(en) - 1; i >= 0; i-- {
		for j := len(zh) - 1; j >= 0; j-- {
			agree[i][j] = max(agree[i+1][j], agree[i][j+1])
			if en[i].key() == zh[j].key() {
				agree[i][j] = 1 + agree[i+1][j+1]
			}
		}
	}
	known := func(hash string) bool {
		return slices.ContainsFunc(en, func(e item) bool { return e.directive == "" && e.hash == hash })
	}
	of = slices.Repeat([]int{-1}, len(en))
	var blocks []int // English ones without a twin, since the last that agree
	for i, j := 0, 0; i < len(en) || j < len(zh); {
		switch {
		case i < len(en) && j < len(zh) && en[i].key() == zh[j].key():
			of[i] = j
			blocks = nil
			i++
			j++
		case j == len(zh) || i < len(en) && agree[i+1][j] >= agree[i][j+1]:
			if en[i].directive == "" {
				blocks = append(blocks, i)
			}
			i++
		case zh[j].directive == "" && !known(zh[j].hash) && len(blocks) > 0:
			of[blocks[0]] = j
			blocks = blocks[1:]
			j++
		default:
			rest = append(rest, j)
			j++
		}
	}
	return of, rest
}

// compare pairs the items of two pages and says where they differ.
func compare(enPage, zhPage string, en, zh []item) (of []int, problems []error) {
	of, rest := pair(en, zh)
	line := 1 // where what is missing should be
	for i, e := range en {
		if of[i] < 0 {
			what := e.directive
			if what == "" {
				what = fmt.Sprintf("<!-- en %s -->, the Chinese of\n%s", e.hash, indented(e.prose))
			}
			problems = append(problems, fmt.Errorf("%s:%d: here is missing, from %s:%d, %s", zhPage, line, enPage, e.line, what))
			continue
		}
		z := zh[of[i]]
		line = z.line
		if e.key() != z.key() {
			problems = append(problems, fmt.Errorf("%s:%d: behind the English, %s:%d. When the Chinese says the same, mark it <!-- en %s -->:\n%s",
				zhPage, line, enPage, e.line, e.hash, indented(e.prose)))
			continue
		}
		if e.directive == "" && z.prose == "" {
			problems = append(problems, fmt.Errorf("%s:%d: there is nothing below the mark of %s:%d", zhPage, line, enPage, e.line))
		}
		if figures := figuresOf(e.prose); !slices.Equal(figures, figuresOf(z.prose)) {
			problems = append(problems, fmt.Errorf("%s:%d: the figures are not those of %s:%d, which are %q", zhPage, line, enPage, e.line, figures))
		}
	}
	for _, j := range rest {
		z, why := zh[j], "the Chinese of nothing"
		if slices.ContainsFunc(en, func(e item) bool { return e.key() == z.key() }) {
			why = "here twice, or at another place than"
		}
		problems = append(problems, fmt.Errorf("%s:%d: this is %s in %s:\n%s", zhPage, z.line, why, enPage, indented(z.directive+z.prose)))
	}
	return of, problems
}

// figuresOf returns the figures of a block, in no order: each language has its own.
func figuresOf(block string) []string {
	return slices.Sorted(slices.Values(aFigure.FindAllString(block, -1)))
}

func indented(text string) string { return "\t" + strings.ReplaceAll(text, "\n", "\n\t") }

// What a page says above the English that it shows.
const (
	sayBehind  = "此段英文已改，译文待更新："
	sayMissing = "此段还没有译文："
)

// weaveTwin makes a Chinese page of its text and the woven English one.
func (b *book) weaveTwin(page string, out made) (string, []error) {
	text, err := b.read(page)
	if err != nil {
		return "", []error{err}
	}
	enPage := original(page)
	en, zh := items(out[enPage], false), items(text, true)
	of, problems := compare(enPage, page, en, zh)
	problems = append(problems, compareAnchors(enPage, page, en, zh, of)...)
	for _, z := range zh {
		if z.directive == "" {
			problems = append(problems, b.checkChinese(page, z)...)
		}
	}
	woven, errs := b.fill(page, b.showBehind(page, text, en, zh, of, out), out)
	return woven, append(problems, errs...)
}

// compareAnchors finds headings that do not have the anchor of the English one. A
// link that leads to a heading then does so in both languages.
func compareAnchors(enPage, zhPage string, en, zh []item, of []int) (problems []error) {
	seen := map[string]int{}
	for i, e := range en {
		for _, name := range anchorsOfMarkdown(e.prose) {
			name = numbered(name, seen)
			if of[i] >= 0 && !slices.Contains(anchorsOfMarkdown(zh[of[i]].prose), name) {
				problems = append(problems, fmt.Errorf(`%s:%d: <a id="%s"></a> is missing, the anchor that the heading has in %s`, zhPage, zh[of[i]].line, name, enPage))
			}
		}
	}
	return problems
}

// showBehind puts the English below each block that is behind it, or in its place
// if it is missing, and takes out what was there before.
func (b *book) showBehind(page, text string, en, zh []item, of []int, out made) string {
	type edit struct {
		from, to int
		new      string
	}
	var edits []edit
	for _, was := range behindBody.FindAllStringIndex(text, -1) {
		edits = append(edits, edit{was[0], was[1], ""})
	}
	place := 0
	for i, e := range en {
		why := sayMissing
		if of[i] >= 0 {
			why = sayBehind
			place = zh[of[i]].to
		}
		if e.directive == "" && (of[i] < 0 || e.key() != zh[of[i]].key()) {
			edits = append(edits, edit{place, place, b.quoted(why, e.prose, page, out)})
		}
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Or(a.from-b.from, a.to-b.to) })
	var edited strings.Builder
	at := 0
	for _, e := range edits {
		edited.WriteString(text[at:e.from] + e.new)
		at = e.to
	}
	edited.WriteString(text[at:])
	return edited.String()
}

// quoted is an English block as a Chinese page shows it, with no heading in it: the
// anchor is the Chinese one's.
func (b *book) quoted(why, block, page string, out made) string {
	block = anyComment.ReplaceAllString(block, "")
	if strings.HasPrefix(block, "#") {
		block = "**" + strings.TrimLeft(block, "# ") + "**"
	}
	quote := "**" + why + "**\n\n" + b.moved(block, original(page), page, out)
	return "\n\n<!-- behind -->\n> " + strings.ReplaceAll(quote, "\n", "\n> ") + "\n" + end
}

// fill makes the regions of a Chinese page of those of the English one.
func (b *book) fill(page, text string, out made) (string, []error) {
	enPage := original(page)
	bodies := map[string][]string{} // by the directive
	_, _ = eachRegion(enPage, out[enPage], func(r region) (string, error) {
		bodies[r.kind+" "+r.args] = append(bodies[r.kind+" "+r.args], r.body)
		return r.body, nil
	})
	return eachRegion(page, text, func(r region) (string, error) {
		switch r.kind {
		case "behind":
			return r.body, nil
		case "nav":
			return nav(page), nil
		}
		same := bodies[r.kind+" "+r.args]
		if len(same) == 0 {
			return "", fmt.Errorf("%s has none like it", enPage)
		}
		bodies[r.kind+" "+r.args] = same[1:]
		caption, snippet, isSnippet := strings.Cut(same[0], "\n```")
		caption = captionInChinese(b.moved(caption, enPage, page, out))
		if !isSnippet {
			return caption, nil
		}
		if r.kind == "code" || r.kind == "diff" { // of the sources with Chinese comments
			own, err := b.weaveRegion(r)
			if err != nil {
				return "", err
			}
			_, snippet, _ = strings.Cut(own, "\n```")
		}
		return caption + "\n```" + snippet, nil
	})
}

var inlineLink = regexp.MustCompile(`\]\(([^)#\s]+)(#[^)\s]*)?\)`)

// moved makes the links of one page lead from another one to where they led; to
// the twin, if there is one.
func (b *book) moved(text, from, to string, out made) string {
	return inlineLink.ReplaceAllStringFunc(text, func(link string) string {
		m := inlineLink.FindStringSubmatch(link)
		if strings.Contains(m[1], "://") {
			return link
		}
		target := path.Join(path.Dir(from), m[1])
		if twin := twinOf(target); twin != "" && b.exists(twin, out) {
			target = twin
		}
		return "](" + relative(to, target) + m[2] + ")"
	})
}

// checkTwin says whether a link leads from a Chinese page to an English one though
// there is a Chinese one. Only to its own original a page may.
func (b *book) checkTwin(page, destination string, out made) error {
	to, _, _ := strings.Cut(destination, "#")
	target := path.Join(path.Dir(page), to)
	twin := twinOf(target)
	if !isChinese(page) || to == "" || twin == "" || target == original(page) || !b.exists(twin, out) {
		return nil
	}
	return fmt.Errorf("the link %q leads to the English page, but there is %s", destination, relative(page, twin))
}

// behind says what is wrong with the Chinese, taking the English pages as they
// stand.
func (b *book) behind() (problems []error) {
	out := made{}
	for _, p := range b.pages {
		text, err := b.read(p)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		out[p] = text
	}
	return append(problems, b.weaveChinese(out)...)
}
