package main

import (
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A page without it is in English there.
var errNoChinese = errors.New("no Chinese")

// weaveChinese adds to the woven English pages the Chinese ones, and the pictures.
func (b *book) weaveChinese(out made) {
	b.readComments()
	b.pictures(out)
	for _, p := range b.pages {
		if _, ok := out[original(p)]; ok && isChinese(p) && original(p) != p {
			out[p] = b.weaveTwin(p, out)
		}
	}
	for _, s := range b.sections() {
		for _, file := range s.files {
			if src, err := b.read(file); err == nil {
				b.in(chinese, file, src)
			}
		}
	}
	for _, c := range b.chinese {
		if !c.used {
			b.problem(fmt.Errorf("%s:%d: no comment that is shown has this Chinese, of hash %s", c.page, c.line, c.hash))
		}
	}
	slices.SortStableFunc(b.problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
}

// A saying is the Chinese of a comment in Go code. They are in docs/zh/source, marked
// as prose is. Each is there once, for all the code with that comment.
type saying struct {
	item
	page string
	used bool
}

func (b *book) readComments() {
	b.chinese = map[string]saying{}
	for _, p := range b.pages {
		if path.Dir(p) != zhFolder+"/source" {
			continue
		}
		text, err := b.read(p)
		b.problem(err)
		for _, i := range items(belowHeading.ReplaceAllString(text, "<!-- en -->"), true) {
			if old, ok := b.chinese[i.hash]; ok {
				b.problem(fmt.Errorf("%s:%d: this is in %s:%d too", p, i.line, old.page, old.line))
			}
			if i.hash != "" {
				b.chinese[i.hash] = saying{i, p, false}
			}
		}
	}
}

// The name of a file ends the block above it.
var belowHeading = regexp.MustCompile(`(?m)^## .*$`)

// in returns code with its comments in a tongue.
func (b *book) in(t tongue, file, code string) string {
	if t != chinese {
		return code
	}
	for _, c := range slices.Backward(commentsOf(code)) {
		said, ok := b.chinese[c.hash]
		if !ok {
			first, _, _ := strings.Cut(c.prose, "\n")
			where := file
			if before, _, found := strings.Cut(b.texts[file], first); found {
				where += fmt.Sprint(":", 1+strings.Count(before, "\n"))
			}
			problem := fmt.Errorf("%s: the comment has %w in docs/zh/source: <!-- en %s -->\n%s", where, errNoChinese, c.hash, indented(c.prose))
			b.problem(problem)
			continue
		}
		said.used = true
		b.chinese[c.hash] = said
		text := "// " + strings.ReplaceAll(strings.Join(strings.Fields(said.prose), " "), "`", "") // in the column of code
		if c.alone {
			text = strings.ReplaceAll("// "+strings.ReplaceAll(said.prose, "\n", "\n"+c.indent+"// "), "// \t", "//\t")
			text = strings.ReplaceAll(text, "// \n", "//\n")
		}
		code = code[:c.from] + text + code[c.to:]
	}
	return code
}

// A goComment is one or more lines of comment in Go code. Its prose has no slashes.
type goComment struct {
	item
	from, to int
	indent   string // the space before it
	alone    bool   // it has lines of its own
}

// commentsOf finds the comments of code, which need not be a whole file. Lines of
// comment below one another are one.
func commentsOf(code string) (all []goComment) {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(code))
	s.Init(file, []byte(code), nil, scanner.ScanComments)
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok != token.COMMENT {
			continue
		}
		from := file.Offset(pos)
		indent := code[strings.LastIndex(code[:from], "\n")+1 : from]
		c := goComment{from: from, to: from + len(text), indent: indent, alone: strings.TrimSpace(indent) == ""}
		c.prose = strings.TrimPrefix(strings.TrimPrefix(text, "//"), " ")
		if n := len(all) - 1; n >= 0 && c.alone && all[n].alone && code[all[n].to:from] == "\n"+indent {
			all[n].prose += "\n" + c.prose
			all[n].to = c.to
			continue
		}
		all = append(all, c)
	}
	for i := range all {
		all[i].hash = hashOf(all[i].prose)
	}
	return all
}

var longComment = regexp.MustCompile(`(?m)^([ \t]*// )(.{42,})$`)

// A line has at most 42 characters or so, and ends with Chinese punctuation or a space.
var foldable = regexp.MustCompile(`.{1,41}(?:[，。；：！？、）”]+|\s|$)|.{42}`)

// snippet returns code with its comments in the tongue of the page, Chinese ones in lines.
func (b *book) snippet(t tongue, file, code string) string {
	if t != chinese {
		return code
	}
	return longComment.ReplaceAllStringFunc(b.in(t, file, code), func(line string) string {
		m := longComment.FindStringSubmatch(line)
		return strings.ReplaceAll(m[1]+strings.Join(foldable.FindAllString(m[2], -1), "\n"+m[1]), " \n", "\n")
	})
}

// The words in pictures, tables and on the board are in a table of their own. A # in it
// stands for a figure.
const wordsPage = zhFolder + "/pictures.md"

var (
	svgText = regexp.MustCompile(`(<(?:title|desc|text)\b[^>]*>)([^<]+)`)
	// How long the English is, with which a renderer would stretch the Chinese.
	asLongAs = regexp.MustCompile(` textLength="[^"]*" lengthAdjust="[^"]*"`)
	number   = regexp.MustCompile(`[0-9][0-9,.]*[0-9]|[0-9]`)
)

// sayIn returns a function that says words in a tongue.
func (b *book) sayIn(t tongue) func(string) string {
	if t == english {
		return func(words string) string { return words }
	}
	return b.labelInChinese
}

func (b *book) labelInChinese(words string) string {
	key := number.ReplaceAllString(words, "#")
	rows, err := b.rows(wordsPage)
	i := slices.IndexFunc(rows, func(r row) bool { return r.cells[0] == key })
	if err == nil && i < 0 {
		err = fmt.Errorf("%q has %w in %s", key, errNoChinese, wordsPage)
	}
	if err != nil {
		b.problem(err)
		return words
	}
	said := rows[i].cells[1]
	for _, figure := range number.FindAllString(words, -1) {
		said = strings.Replace(said, "#", figure, 1)
	}
	return said
}

var (
	cores  = regexp.MustCompile(`, (\d+) cores`)
	passes = regexp.MustCompile(`medians of (\d+) passe?s?`)
)

// caption is on what something was measured.
func (t tongue) caption(about string) string {
	if t == chinese {
		about = passes.ReplaceAllString(cores.ReplaceAllString(about, "，$1 核"), "$1 遍的中位数")
	}
	return about
}

// pictures have the same lines in both languages.
func (b *book) pictures(out made) {
	files, err := filepath.Glob(filepath.Join(b.root, "docs", "*", "*.svg"))
	b.problem(err)
	for _, file := range files {
		file = path.Join("docs", filepath.Base(filepath.Dir(file)), filepath.Base(file))
		if twinOf(file) == "" {
			continue
		}
		svg, err := b.read(file)
		b.problem(err)
		svg = svgText.ReplaceAllStringFunc(svg, func(element string) string {
			m := svgText.FindStringSubmatch(element)
			said := chinese.caption(m[2])
			if said == m[2] {
				said = b.labelInChinese(m[2])
			}
			if said != m[2] {
				m[1] = asLongAs.ReplaceAllString(m[1], "")
			}
			return m[1] + said
		})
		out[twinOf(file)] = strings.Replace(svg, "<svg ", `<svg lang="zh-Hans" `, 1)
	}
}
