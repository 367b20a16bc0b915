package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	gmast "github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"golang.org/x/net/html"
)

// markdown is GitHub's dialect.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM))

// checkPage says what is wrong with a woven page.
func (b *book) checkPage(page string, out made) []error {
	var problems []error
	report := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s: %s", page, fmt.Sprintf(format, args...)))
	}
	source := out[page]
	checkLink := func(destination string) {
		err := b.checkLink(page, destination, out)
		if err == nil {
			err = b.checkTwin(page, destination, out)
		}
		if err != nil {
			report("%v", err)
		}
	}
	doc := markdown.Parser().Parse(text.NewReader([]byte(source)))
	_ = gmast.Walk(doc, func(n gmast.Node, entering bool) (gmast.WalkStatus, error) {
		if !entering {
			return gmast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *gmast.Link:
			checkLink(string(n.Destination))
		case *gmast.Image:
			checkLink(string(n.Destination))
			if n.FirstChild() == nil {
				report("the picture %s has no text for those who can't see it", n.Destination)
			}
		case *gmast.AutoLink:
			checkLink(string(n.URL([]byte(source))))
		}
		return gmast.WalkContinue, nil
	})
	if isChapter(page) {
		problems = append(problems, checkBlocks(page, source)...)
		problems = append(problems, b.checkTests(page, source)...)
	}
	return problems
}

var figureFirst = regexp.MustCompile(`(?m)^\s*<!-- figure`)

// checkBlocks finds code that comes from nowhere, and comments that are meant
// to be directives. Outside a region only plain text may stand: drawings.
func checkBlocks(page, source string) []error {
	var problems []error
	prose, _ := eachRegion(page, source, func(region) (string, error) { return "", nil })
	for _, m := range anyMark.FindAllStringSubmatch(prose, -1) {
		if !directive.MatchString(m[0]) && m[0] != end && !(isChinese(page) && mark.MatchString(m[0])) {
			problems = append(problems, fmt.Errorf("%s: %s is no directive", page, m[0]))
		}
	}
	if figureFirst.MatchString(source) {
		problems = append(problems, fmt.Errorf("%s: a figure begins a line; Markdown takes such a line for HTML and ends the paragraph", page))
	}
	if n := strings.Count(prose, end) - len(directive.FindAllString(prose, -1)); n > 0 {
		problems = append(problems, fmt.Errorf("%s: there are %d %s too many", page, n, end))
	}
	doc := markdown.Parser().Parse(text.NewReader([]byte(prose)))
	_ = gmast.Walk(doc, func(n gmast.Node, entering bool) (gmast.WalkStatus, error) {
		if !entering {
			return gmast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *gmast.FencedCodeBlock:
			if language := string(n.Language([]byte(prose))); language != "text" {
				problems = append(problems, fmt.Errorf("%s: a block of %q is written by hand; only \"text\" may be:\n%s", page, language, n.Lines().Value([]byte(prose))))
			}
		case *gmast.CodeBlock:
			problems = append(problems, fmt.Errorf("%s: an indented block is written by hand:\n%s", page, n.Lines().Value([]byte(prose))))
		}
		return gmast.WalkContinue, nil
	})
	return problems
}

// checkLink checks that a link leads somewhere. Links to other hosts are only
// looked at, not followed: this works without a network.
func (b *book) checkLink(page, destination string, out made) error {
	u, err := url.Parse(destination)
	if err != nil {
		return fmt.Errorf("the link %q is malformed: %w", destination, err)
	}
	if u.Scheme != "" || u.Host != "" {
		if u.Scheme != "https" || !strings.Contains(u.Host, ".") || strings.ContainsAny(destination, " <>") {
			return fmt.Errorf("the link %q is no proper https address", destination)
		}
		return nil
	}
	target := page
	if u.Path != "" {
		target = path.Join(path.Dir(page), u.Path)
	}
	if strings.HasPrefix(target, "../") || !b.exists(target, out) {
		return fmt.Errorf("the link %q leads nowhere: there is no %s", destination, target)
	}
	if u.Fragment == "" {
		return nil
	}
	text, ok := out[target]
	if !ok {
		if text, err = b.read(target); err != nil {
			return fmt.Errorf("the link %q: %w", destination, err)
		}
	}
	var anchors []string
	switch path.Ext(target) {
	case ".md":
		anchors = anchorsOfMarkdown(text)
	case ".html":
		anchors, _, err = scanHTML(text)
	}
	if err == nil && !slices.Contains(anchors, u.Fragment) {
		err = fmt.Errorf("the link %q leads nowhere: %s has no such heading, only %q", destination, target, anchors)
	}
	return err
}

var givenAnchor = regexp.MustCompile(`<a id="([^"]+)"></a>`)

// anchorsOfMarkdown returns the names that GitHub gives to headings, and those that
// the page gives by itself.
func anchorsOfMarkdown(source string) (anchors []string) {
	doc := markdown.Parser().Parse(text.NewReader([]byte(source)))
	seen := map[string]int{}
	_ = gmast.Walk(doc, func(n gmast.Node, entering bool) (gmast.WalkStatus, error) {
		if h, ok := n.(*gmast.Heading); ok && entering {
			name := anchor(plain(h, []byte(source)))
			anchors = append(anchors, numbered(name, seen))
		}
		return gmast.WalkContinue, nil
	})
	for _, m := range givenAnchor.FindAllStringSubmatch(source, -1) {
		anchors = append(anchors, m[1])
	}
	return anchors
}

func numbered(name string, seen map[string]int) string {
	n := seen[name]
	seen[name]++
	if n > 0 {
		return name + "-" + strconv.Itoa(n)
	}
	return name
}

// anchor is GitHub's rule: lower case, no punctuation, a hyphen for a space.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, heading)
}

// plain returns the text below a node.
func plain(n gmast.Node, source []byte) string {
	var out strings.Builder
	_ = gmast.Walk(n, func(n gmast.Node, entering bool) (gmast.WalkStatus, error) {
		if !entering {
			return gmast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *gmast.Text:
			out.Write(n.Segment.Value(source))
		case *gmast.String:
			out.Write(n.Value)
		}
		return gmast.WalkContinue, nil
	})
	return out.String()
}

// checkHTML checks the links of a page, and that it asks nothing of the network.
func (b *book) checkHTML(page string, out made) []error {
	if path.Ext(page) != ".html" {
		return nil
	}
	var problems []error
	_, links, err := scanHTML(out[page])
	if err != nil {
		return []error{fmt.Errorf("%s: %w", page, err)}
	}
	for _, l := range links {
		if l.loads && strings.Contains(l.to, "://") {
			problems = append(problems, fmt.Errorf("%s: loads %s from the network", page, l.to))
			continue
		}
		if err := b.checkLink(page, l.to, out); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", page, err))
		}
	}
	return problems
}

// A reference is a link in HTML, or something that is loaded with the page.
type reference struct {
	to    string
	loads bool
}

func scanHTML(source string) (ids []string, links []reference, err error) {
	doc, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return nil, nil, err
	}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			switch a.Key {
			case "id":
				if slices.Contains(ids, a.Val) {
					return nil, nil, fmt.Errorf("there are two of id %q", a.Val)
				}
				ids = append(ids, a.Val)
			case "href":
				links = append(links, reference{a.Val, n.Data != "a"})
			case "src":
				links = append(links, reference{a.Val, true})
			}
		}
	}
	return ids, links, nil
}

var testSpan = regexp.MustCompile("`(Test[A-Z][A-Za-z]*)(?:/([A-Za-z]+))?`")

// checkTests checks that each test a chapter names exists: the function in the
// tests of a stage, the sub-test in the rules of looptest.
func (b *book) checkTests(page, source string) []error {
	matches := testSpan.FindAllStringSubmatch(source, -1)
	if len(matches) == 0 {
		return nil
	}
	functions, rules, err := b.tests()
	if err != nil {
		return []error{fmt.Errorf("%s names tests: %w", page, err)}
	}
	var problems []error
	for _, m := range matches {
		if !slices.Contains(functions, m[1]) {
			problems = append(problems, fmt.Errorf("%s names %s, but no stage has a test %s", page, m[0], m[1]))
		} else if m[2] != "" && !slices.Contains(rules, m[2]) {
			problems = append(problems, fmt.Errorf("%s names %s, but looptest has no rule %s", page, m[0], m[2]))
		}
	}
	return problems
}

// tests returns the test functions that the stages have, and the names of the
// sub-tests.
func (b *book) tests() (functions, rules []string, err error) {
	for _, s := range stages {
		files, err := filepath.Glob(filepath.Join(b.root, s.folder, "*_test.go"))
		if err != nil {
			return nil, nil, err
		}
		for _, file := range files {
			src, err := b.read(s.folder + "/" + filepath.Base(file))
			if err != nil {
				return nil, nil, err
			}
			f, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
			if err != nil {
				return nil, nil, err
			}
			for _, d := range f.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Test") {
					functions = append(functions, f.Name.Name)
				}
			}
		}
	}
	src, err := b.read("looptest/looptest.go")
	if err != nil {
		return nil, nil, err
	}
	f, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
	if err != nil {
		return nil, nil, err
	}
	table, _ := find(f, "rules")
	if table == nil {
		return nil, nil, fmt.Errorf("looptest/looptest.go has no table of rules")
	}
	ast.Inspect(table, func(n ast.Node) bool {
		if c, ok := n.(*ast.CompositeLit); ok && c.Type == nil && len(c.Elts) > 1 {
			if name, ok := c.Elts[0].(*ast.BasicLit); ok {
				rules = append(rules, strings.Trim(name.Value, `"`))
			}
		}
		return true
	})
	return functions, rules, nil
}
