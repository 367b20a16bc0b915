package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"html/template"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	gmast "github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// A tongue is a language that the HTML pages are in.
type tongue struct {
	Lang   string
	folder string
}

var (
	english = tongue{"en", "docs/pages"}
	chinese = tongue{"zh-Hans", "docs/pages/zh"}
)

// inChinese has the Chinese of what weave itself writes. A chapter whose title is
// not here is told in English only.
var inChinese = map[string]string{
	"Contents":         "目录",
	"0 The question":   "0 一个问题",
	"1 Polling":        "1 轮询",
	"2 Queue":          "2 队列",
	"3 Event":          "3 事件",
	"4 The real world": "4 现实世界",
	"The article":      "文章对照",
	"The contract":     "契约",
	"Stage 1, polling": "阶段 1，轮询",
	"Stage 2, queue":   "阶段 2，队列",
	"Stage 3, event":   "阶段 3，事件",

	"setTimeout, built three times": "把 setTimeout 造三遍",
	"Skip to the text":              "跳到正文",
	"Chapters and source":           "各章与源码",
	"Neighbours":                    "前后页",
	"Table":                         "表格",
	"Files":                         "文件",
	"What changed: ":                "改了什么：",
	"All of it":                     "全部",
	"is new":                        "是新的",
	"is gone":                       "没有了",
	"This file is new.":             "这个文件是新的。",
	"Lines that went begin with −, lines that came with +.": "去掉的行以 − 开头，新来的行以 + 开头。",
	" Not changed: ": "没有改动：",
	", ":             "、",
	".":              "。",
	" ":              "",
	"The whole file": "整个文件",
}

// Say returns in this tongue what weave itself says.
func (t tongue) Say(words string) (string, error) {
	if t == english {
		return words, nil
	}
	said, ok := inChinese[words]
	if !ok {
		return "", fmt.Errorf("%q has no Chinese (docs/weave/chinese.go)", words)
	}
	return said, nil
}

// chapters returns the chapters that are told in this tongue.
func (t tongue) chapters() (all []chapter) {
	for _, c := range chapters {
		if t == chinese {
			c = chapter{twinOf(c.page), inChinese[c.title]}
		}
		if c.title != "" {
			all = append(all, c)
		}
	}
	return all
}

// tongueOf returns the tongue of a page of Markdown.
func tongueOf(page string) tongue {
	if isChinese(page) {
		return chinese
	}
	return english
}

var captions = []struct {
	english *regexp.Regexp
	chinese string
}{
	{regexp.MustCompile(`\. All of it: (\[.*\]\(.*\))\.`), "。全部数据：$1。"},
	{regexp.MustCompile(`medians of (\d+) passes`), "$1 遍的中位数"},
	{regexp.MustCompile(`, (\d+) cores`), "，$1 核"},
	{regexp.MustCompile(`\*\*BROKEN\*\*, not in (.*\))`), "**写错的**，不在 $1 里"},
	{regexp.MustCompile("里: put there, it fails (`.*`)\\."), "里：放进去，$1 就不通过。"},
	{regexp.MustCompile(`里\.`), "里。"},
	{regexp.MustCompile("\\), in (`.*`):"), ")，$1 中的："},
	{regexp.MustCompile("\\), (`.*`):"), ")，$1："},
	{regexp.MustCompile("`, `"), "`、`"},
}

// captionInChinese is what stands around a snippet or below a table.
func captionInChinese(caption string) string {
	for _, c := range captions {
		caption = c.english.ReplaceAllString(caption, c.chinese)
	}
	return caption
}

// weaveChinese adds to what has been woven the Chinese pages, pictures and
// sources.
func (b *book) weaveChinese(out made) (problems []error) {
	twins := []string{zhFolder + "/README.md"}
	for _, c := range chinese.chapters() {
		twins = append(twins, c.page)
	}
	b.chinese, problems = b.chineseSource()
	pictures, errs := b.pictures()
	problems = append(problems, errs...)
	for p, svg := range pictures {
		out[p] = svg
	}
	for _, p := range twins {
		woven, errs := b.weaveTwin(p, out)
		if len(errs) == 0 || woven != "" {
			out[p] = woven
		}
		problems = append(problems, errs...)
	}
	for _, p := range b.pages {
		if isChinese(p) && path.Dir(p) == zhFolder && !slices.Contains(twins, p) && p != glossaryPage && p != picturesPage {
			problems = append(problems, fmt.Errorf("%s is the twin of no page", p))
		}
	}
	return problems
}

// The pictures have the same lines in both languages; their words are in a table. A
// # in it stands for a figure.
const picturesPage = zhFolder + "/pictures.md"

var (
	svgText = regexp.MustCompile(`(<(?:title|desc|text)\b[^>]*>)([^<]+)`)
	// How long the English is, with which a renderer would stretch the Chinese.
	asLongAs = regexp.MustCompile(` textLength="[^"]*" lengthAdjust="[^"]*"`)
	number   = regexp.MustCompile(`[0-9][0-9,.]*[0-9]|[0-9]`)
)

func (b *book) pictures() (made, []error) {
	rows, err := b.rows(picturesPage)
	if err != nil {
		return nil, []error{err}
	}
	var problems []error
	words, used := map[string]string{}, map[string]bool{}
	for _, r := range rows {
		words[r.cells[0]] = r.cells[1]
		if r.cells[0] != r.cells[1] { // else it is code
			problems = append(problems, b.checkChinese(picturesPage, item{line: r.line, prose: r.cells[1]})...)
		}
	}
	files, err := filepath.Glob(filepath.Join(b.root, "docs", "*", "*.svg"))
	if err != nil {
		return nil, []error{err}
	}
	out := made{}
	for _, file := range files {
		file = path.Join("docs", filepath.Base(filepath.Dir(file)), filepath.Base(file))
		if twinOf(file) == "" {
			continue
		}
		svg, err := b.read(file)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		svg = svgText.ReplaceAllStringFunc(svg, func(element string) string {
			m := svgText.FindStringSubmatch(element)
			if said := captionInChinese(m[2]); said != m[2] { // where it was measured
				return asLongAs.ReplaceAllString(m[1], "") + said
			}
			key := number.ReplaceAllString(m[2], "#")
			said, ok := words[key]
			if !ok {
				problems = append(problems, fmt.Errorf("%s has no row for %q, which is in %s", picturesPage, key, file))
				said = key
			}
			used[key] = true
			for _, figure := range number.FindAllString(m[2], -1) {
				said = strings.Replace(said, "#", figure, 1)
			}
			if said != m[2] {
				m[1] = asLongAs.ReplaceAllString(m[1], "")
			}
			return m[1] + said
		})
		out[twinOf(file)] = strings.Replace(svg, "<svg ", `<svg lang="zh-Hans" `, 1)
	}
	for _, r := range rows {
		if !used[r.cells[0]] {
			problems = append(problems, fmt.Errorf("%s:%d: no picture has the words %q", picturesPage, r.line, r.cells[0]))
		}
	}
	return out, problems
}

// A row is one of a table written by hand.
type row struct {
	line  int
	cells []string
}

// rows returns those of all tables of a page, without their headings.
func (b *book) rows(page string) (all []row, err error) {
	source, err := b.read(page)
	if err != nil {
		return nil, err
	}
	line, inTable := 0, false
	for l := range strings.Lines(source) {
		line++
		l = strings.TrimSpace(l)
		switch {
		case !strings.HasPrefix(l, "|"):
			inTable = false
		case strings.HasPrefix(l, "|---"):
			inTable = true
		case inTable:
			cells := strings.Split(strings.Trim(l, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			if len(cells) < 2 {
				return nil, fmt.Errorf("%s:%d: the row has no Chinese", page, line)
			}
			all = append(all, row{line, cells})
		}
	}
	return all, nil
}

// chineseSource returns the Go files that have a page, with Chinese comments. What
// the comments of a package say is in docs/zh/source: file by file, marked as the
// chapters are. A comment that has been seen before, letter for letter, in this
// stage or in one before, is there once.
func (b *book) chineseSource() (map[string]string, []error) {
	sources := map[string]string{}
	said := map[string]string{} // by the hash of the English
	var problems []error
	for _, s := range append([]stage{{folder: "contract", files: []string{"../eventloop.go"}}}, stages...) {
		page := zhFolder + "/source/" + s.folder + ".md"
		written, err := b.read(page)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		for _, heading := range fileHeading.FindAllStringSubmatch(written, -1) {
			if !slices.ContainsFunc(s.files, func(name string) bool { return path.Base(name) == heading[1] }) {
				problems = append(problems, fmt.Errorf("%s: there is no file %s", page, heading[1]))
			}
		}
		for _, name := range s.files {
			file := path.Join(s.folder, name)
			src, err := b.read(file)
			if err != nil {
				problems = append(problems, err)
				continue
			}
			comments, err := commentsOf(file, src)
			if err != nil {
				problems = append(problems, err)
				continue
			}
			var en []item
			for _, c := range comments {
				if _, ok := said[c.hash]; !ok {
					en = append(en, c.item)
					said[c.hash] = ""
				}
			}
			zh := fileItems(written, path.Base(file))
			of, errs := compare(file, page, en, zh)
			problems = append(problems, errs...)
			for i, e := range en {
				switch {
				case of[i] < 0:
					said[e.hash] = sayMissing + "\n\n" + e.prose
				case zh[of[i]].hash != e.hash:
					said[e.hash] = zh[of[i]].prose + "\n\n" + sayBehind + "\n\n" + e.prose
				default:
					said[e.hash] = zh[of[i]].prose
				}
			}
			for _, z := range zh {
				z.prose = docLink.ReplaceAllString(z.prose, "`$1`")
				problems = append(problems, b.checkChinese(page, z)...)
			}
			sources[file] = withComments(src, comments, said)
		}
	}
	return sources, problems
}

var (
	fileHeading = regexp.MustCompile(`(?m)^## (.+)$`)
	docLink     = regexp.MustCompile(`\[([\w./]+)\]`) // [time.Timer], in a Go comment
)

// fileItems returns the blocks below the heading that is the name of a file.
func fileItems(written, name string) []item {
	heading := "\n## " + name + "\n"
	from := strings.Index("\n"+written, heading)
	if from < 0 {
		return nil
	}
	from += len(heading) - 1
	below := written[from:]
	if next := strings.Index(below, "\n## "); next >= 0 {
		below = below[:next+1]
	}
	all := items(below, true)
	for i := range all {
		all[i].line += strings.Count(written[:from], "\n")
	}
	return all
}

// A goComment is a comment of a Go file. Its prose has no slashes.
type goComment struct {
	item
	indent string // what is before it on its lines, or "" if it ends a line of code
	alone  bool   // it has lines of its own
}

func commentsOf(file, src string) (all []goComment, err error) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, group := range parsed.Comments {
		at := fset.Position(group.Pos())
		c := goComment{item: item{line: at.Line, from: at.Offset, to: fset.Position(group.End()).Offset}}
		c.indent = src[strings.LastIndex(src[:c.from], "\n")+1 : c.from]
		c.alone = strings.TrimSpace(c.indent) == ""
		var lines []string
		for _, l := range group.List {
			lines = append(lines, strings.TrimPrefix(strings.TrimPrefix(l.Text, "//"), " "))
		}
		c.prose = strings.Join(lines, "\n")
		c.hash = hashOf(c.prose)
		all = append(all, c)
	}
	return all, nil
}

// withComments returns src with other comments.
func withComments(src string, comments []goComment, said map[string]string) string {
	for _, c := range slices.Backward(comments) {
		text := said[c.hash]
		if c.alone {
			text = strings.ReplaceAll("// "+strings.ReplaceAll(folded(text), "\n", "\n"+c.indent+"// "), "// \t", "//\t")
			text = strings.ReplaceAll(text, "// \n", "//\n")
		} else { // in the column of code
			text = "// " + strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "`", "")
		}
		src = src[:c.from] + text + src[c.to:]
	}
	return src
}

// What can't be torn apart when a line is folded: a character or a word, with the
// punctuation that may not begin a line, or end one.
var unit = regexp.MustCompile(`\s?[（“]*(?:\p{Han}|[^\p{Han}\s（“，。；：！？、）”…—]+)[，。；：！？、）”…—]*|\s?\S`)

// folded breaks the lines of a comment, as gofmt does not.
func folded(text string) string {
	const cells = 80 // a Chinese character takes two
	var out strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "\t") {
			out.WriteString(line)
			continue
		}
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		used := len(indent)
		out.WriteString(indent)
		if indent != "" {
			indent += "  " // below the words of a list
		}
		for _, u := range unit.FindAllString(strings.TrimSpace(line), -1) {
			width := 0
			for _, r := range u {
				width++
				if r > 0x2E80 {
					width++
				}
			}
			if used+width > cells {
				out.WriteString("\n" + indent)
				used = len(indent)
				u = strings.TrimSpace(u)
			}
			used += width
			out.WriteString(u)
		}
		if strings.HasSuffix(line, "\n") {
			out.WriteString("\n")
		}
	}
	return out.String()
}

var (
	foldedHere = regexp.MustCompile(`([，。；：！？、）”])\n|\n([（“])|(\p{Han})\n(\p{Han})`)
	codeSpan   = regexp.MustCompile("`([^`<]+)`")

	drawingOrText = regexp.MustCompile(`(?s)<pre.*?</pre>|[^<]+|<`)
)

// unfolded takes out the breaks that a browser would show as a space, and marks up
// what is code in a Chinese comment. (A Go comment has no words for that.) A drawing
// stays as it is.
func unfolded(comment template.HTML) template.HTML {
	return template.HTML(drawingOrText.ReplaceAllStringFunc(string(comment), func(part string) string {
		if strings.HasPrefix(part, "<pre") {
			return part
		}
		return codeSpan.ReplaceAllString(foldedHere.ReplaceAllString(part, "$1$2$3$4"), "<code>$1</code>")
	}))
}

// What a word is called is fixed in the glossary: English, Chinese, and what it is
// not called.
const glossaryPage = zhFolder + "/glossary.md"

const fullWidth = `，。；：！？、（）「」《》`

var typography = []struct {
	wrong *regexp.Regexp
	why   string
}{
	{regexp.MustCompile(`\p{Han}[A-Za-z0-9` + "`" + `]|[A-Za-z0-9%` + "`" + `]\p{Han}`), "there is no space between Chinese and Latin"},
	{regexp.MustCompile(`\p{Han} ?[,;:?!(]|[,;:?!] ?\p{Han}|\)\p{Han}|\p{Han}\.`), "the punctuation beside Chinese is not the Chinese one"},
	{regexp.MustCompile(`[` + fullWidth + `] | [` + fullWidth + `]`), "there is a space beside Chinese punctuation"},
	{regexp.MustCompile(`[\p{Han}` + fullWidth + `]\n[\p{Han}` + fullWidth + `]`), "there is a line break within Chinese, which a browser shows as a space"},
}

// checkChinese says what is wrong with the words of a block.
func (b *book) checkChinese(page string, block item) (problems []error) {
	report := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s:%d: %s", page, block.line, fmt.Sprintf(format, args...)))
	}
	words, err := b.words()
	if err != nil {
		report("%v", err)
	}
	for _, said := range sentences(block.prose) {
		for _, t := range typography {
			if at := t.wrong.FindStringIndex(said); at != nil {
				report("%s: %q", t.why, around(said, at[0], at[1]))
			}
		}
		for at, r := range said {
			if unicode.Is(unicode.Han, r) && !isSimplified(r) {
				report("%q is no simplified character: %q", r, around(said, at, at+len(string(r))))
			}
		}
		for _, w := range words {
			if at := w.find.FindStringIndex(bracketed.ReplaceAllString(said, "")); at != nil {
				report("%q is not to be used; the glossary has %q", w.word, w.instead)
			}
		}
	}
	return problems
}

// An English word may stand in brackets, where a word is explained.
var bracketed = regexp.MustCompile(`（[^（）\p{Han}]*）`)

// isSimplified reports whether a character is in GB 2312, the standard that has
// the simplified ones and no others. Its two bytes are both above 0xA0.
func isSimplified(r rune) bool {
	raw, err := simplifiedchinese.GBK.NewEncoder().String(string(r))
	return err == nil && len(raw) == 2 && raw[0] > 0xA0 && raw[1] > 0xA0
}

func around(s string, from, to int) string {
	before, after := []rune(s[:from]), []rune(s[to:])
	return string(before[max(0, len(before)-6):]) + s[from:to] + string(after[:min(6, len(after))])
}

// A banned word is one that the glossary has another for.
type banned struct {
	find          *regexp.Regexp
	word, instead string
}

func (b *book) words() ([]banned, error) {
	if b.banned != nil {
		return b.banned, nil
	}
	rows, err := b.rows(glossaryPage)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if len(r.cells) < 3 {
			return nil, fmt.Errorf("%s:%d: the row has no third column", glossaryPage, r.line)
		}
		name, _, _ := strings.Cut(r.cells[0], " (")
		for word := range strings.SplitSeq(name, ", ") {
			if !strings.Contains(r.cells[1], word) {
				b.banned = append(b.banned, banned{regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `s?\b`), word, r.cells[1]})
			}
		}
		for word := range strings.SplitSeq(r.cells[2], "、") {
			if word != "" {
				b.banned = append(b.banned, banned{regexp.MustCompile(regexp.QuoteMeta(word)), word, r.cells[1]})
			}
		}
	}
	return b.banned, nil
}

var tag = regexp.MustCompile(`<[^>]*>`)

// sentences returns the words of a block, one string for each paragraph, heading
// or cell. Code is a single back-quote in them.
func sentences(block string) (all []string) {
	source := []byte(figureBody.ReplaceAllString(block, "0"))
	var out strings.Builder
	flush := func() {
		if s := strings.TrimSpace(out.String()); s != "" {
			all = append(all, s)
		}
		out.Reset()
	}
	doc := markdown.Parser().Parse(text.NewReader(source))
	_ = gmast.Walk(doc, func(n gmast.Node, entering bool) (gmast.WalkStatus, error) {
		if n.Type() == gmast.TypeBlock {
			flush()
		}
		if !entering {
			return gmast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *gmast.CodeSpan, *gmast.AutoLink:
			out.WriteString("`")
			return gmast.WalkSkipChildren, nil
		case *gmast.Text:
			out.Write(n.Value(source))
			if n.SoftLineBreak() {
				out.WriteString("\n")
			}
		case *gmast.HTMLBlock:
			out.WriteString(tag.ReplaceAllString(string(n.Lines().Value(source)), ""))
		}
		return gmast.WalkContinue, nil
	})
	flush()
	return all
}
