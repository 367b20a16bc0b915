package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"path"
	"regexp"
	"slices"
	"strings"

	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/yuin/goldmark"
	highlighting "github.com/yuin/goldmark-highlighting/v2"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"

	"example.com/eventloop/docs/weave/scheduler"
)

// The web pages are built here. Git ignores them.
const pagesFolder = "docs/pages"

//go:embed page.html
var pageHTML string

//go:embed style.css
var styleCSS string

var layout = template.Must(template.New("page").Parse(pageHTML))

// A leaf is one web page.
type leaf struct {
	Lang     tongue
	Top      string // the way to the folder of all pages
	Other    string // the same page in the other tongue, if there is one
	Title    string
	Class    string
	Head     template.HTML
	Body     template.HTML
	Chapters []entry
	Code     []entry
	Prev     *entry
	Next     *entry
}

// Pick returns words in the tongue of the page.
func (l leaf) Pick(en, zh string) string { return l.Lang.pick(en, zh) }

// An entry is a link in the contents that every page has at its top.
type entry struct {
	Link, Title string
	Current     bool
}

// build makes the web pages of all Markdown as it stands, those of the source, and the
// slides.
func (b *book) build() made {
	pages := made{pagesFolder + "/style.css": styleCSS}
	b.readComments()
	for _, p := range b.pages {
		source, err := b.read(p)
		b.problem(err)
		body, err := b.chapterHTML(p, source)
		other := ""
		for _, o := range []string{twinOf(p), original(p)} {
			if o != p && slices.Contains(b.pages, o) {
				other = relative(pageOf(p), pageOf(o))
			}
		}
		title := strings.TrimSpace(strings.TrimPrefix(firstHeading.FindString(source), "# "))
		b.put(pages, pageOf(p), leaf{Lang: tongueOf(p), Other: other, Title: title, Class: "chapter", Body: body}, err)
	}
	for _, t := range []tongue{english, chinese} {
		for _, s := range b.sections() {
			body, err := b.annotate(t, s)
			other := relative(sectionPage(t, s), sectionPage(tongue(t.pick(string(chinese), string(english))), s))
			l := leaf{Lang: t, Other: other, Title: t.pick(s.title, s.zh), Class: "source", Body: body}
			b.put(pages, sectionPage(t, s), l, err)
		}
	}
	guide, err := b.read(guidePage)
	b.problem(err)
	pages[slidesPage], err = b.slides(guide)
	b.problem(err)
	b.problems = slices.DeleteFunc(b.problems, func(err error) bool { return errors.Is(err, errNoChinese) })
	return pages
}

var firstHeading = regexp.MustCompile(`(?m)^# .*$`)

// pageOf returns the web page of a page of Markdown.
func pageOf(page string) string {
	switch page {
	case "docs/README.md":
		return pagesFolder + "/index.html"
	case zhFolder + "/contents.md":
		return pagesFolder + "/zh/index.html"
	}
	return pagesFolder + "/" + strings.TrimSuffix(strings.TrimPrefix(page, "docs/"), ".md") + ".html"
}

func sectionPage(t tongue, s section) string {
	return pagesFolder + t.pick("/", "/zh/") + s.name + ".html"
}

// put lays out a page.
func (b *book) put(pages made, name string, l leaf, err error) {
	var page bytes.Buffer
	l.Top = relative(name, pagesFolder) + "/"
	l.Chapters, l.Code = b.contents(l.Lang, name)
	for _, all := range [][]entry{l.Chapters, l.Code} {
		i := slices.IndexFunc(all, func(e entry) bool { return e.Current })
		if i > 0 {
			l.Prev = &all[i-1]
		}
		if i >= 0 && i+1 < len(all) {
			l.Next = &all[i+1]
		}
	}
	if strings.Contains(string(l.Body), boardHere) && err == nil {
		var board template.HTML
		l.Head, board, err = scheduler.Page(b.read, b.sayIn(l.Lang))
		l.Body = template.HTML(strings.Replace(string(l.Body), boardHere, string(board), 1))
	}
	if err == nil {
		err = layout.Execute(&page, l)
	}
	if err != nil {
		b.problem(fmt.Errorf("%s: %w", name, err))
	}
	pages[name] = page.String()
}

// contents returns the links from a page to the chapters and to the source.
func (b *book) contents(t tongue, page string) (told, code []entry) {
	to := func(file, title string) entry { return entry{relative(page, file), title, file == page} }
	for _, c := range b.chapters(t) {
		told = append(told, to(pageOf(c.page), c.title))
	}
	for _, s := range b.sections() {
		code = append(code, to(sectionPage(t, s), t.pick(s.title, s.zh)))
	}
	return told, code
}

var (
	anyComment = regexp.MustCompile(`(?s)<!--.*?-->`)

	chapterRenderer = goldmark.New(
		goldmark.WithExtensions(
			extension.GFM,
			highlighting.NewHighlighting(highlighting.WithFormatOptions(chromahtml.WithClasses(true))),
		),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(html.WithUnsafe()), // <details>, which is our own
	)
)

// Without a mouse, only an element that can have the focus can be scrolled.
const (
	codeTag        = `<pre class="chroma">`
	codeTagForKeys = `<pre class="chroma" tabindex="0">`
	boardHere      = "<div id=\"board\"></div>"
)

// forPages adds what Markdown has no words for: a wide table and code scroll within the
// page, also by keyboard, and a snippet that is wrong is seen to be.
var forPages = strings.NewReplacer(
	"<table>", `<div class="wide" tabindex="0" role="region" aria-label="Table"><table>`,
	"</table>", "</table></div>",
	codeTag, codeTagForKeys,
	"<pre><code", `<pre class="text" tabindex="0"><code`,
	"<p><strong>BROKEN</strong>", `<p class="wrong"><strong>BROKEN</strong>`,
	"<p><strong>写错的</strong>", `<p class="wrong"><strong>写错的</strong>`,
)

// chapterHTML renders a page of Markdown.
func (b *book) chapterHTML(page, source string) (template.HTML, error) {
	source, _ = eachRegion(page, source, func(r region) (string, error) {
		switch r.kind {
		case "nav": // the layout has these links
			return "", nil
		case "play":
			return "\n" + boardHere + "\n\n", nil
		}
		return r.body, nil
	})
	blocks := slices.DeleteFunc(strings.Split(source, "\n\n"), func(s string) bool { return strings.Contains(s, notInPages) })
	raw := []byte(anyComment.ReplaceAllString(strings.Join(blocks, "\n\n"), ""))
	doc := chapterRenderer.Parser().Parse(text.NewReader(raw), parser.WithContext(parser.NewContext(parser.WithIDs(githubIDs{}))))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Link:
			if entering {
				n.Destination = []byte(b.fromPages(page, string(n.Destination)))
			}
		case *ast.Image:
			if entering {
				n.Destination = []byte(b.fromPages(page, string(n.Destination)))
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = chapterRenderer.Renderer().Render(&out, raw, doc)
	rendered := anchored.ReplaceAllString(forPages.Replace(out.String()), `<h$2 id="$1">`)
	return template.HTML(builtPage.ReplaceAllString(rendered, `<a href="`+relative(pageOf(page), pagesFolder)+`/$1">$0</a>`)), err
}

// Markdown can't link to a page that is built, but name it. Here it is a link.
var builtPage = regexp.MustCompile(`<code>` + pagesFolder + `/(\S+\.html)</code>`)

// A Chinese heading has its anchor in a line above it, for GitHub. Here it can
// have it itself.
var anchored = regexp.MustCompile(`<p><a id="([^"]+)"></a></p>\n<h([1-6]) id="[^"]*">`)

// githubIDs gives headings the names that GitHub gives them.
type githubIDs map[string]int

func (g githubIDs) Generate(value []byte, _ ast.NodeKind) []byte {
	return []byte(anchor(string(value), g))
}

func (g githubIDs) Put([]byte) {}

// fromPages turns a link of a page of Markdown into one from its web page: to a web
// page, if there is one.
func (b *book) fromPages(page, destination string) string {
	to, fragment, found := strings.Cut(destination, "#")
	if strings.Contains(destination, ":") || to == "" {
		return destination
	}
	if found {
		fragment = "#" + fragment
	}
	target := path.Join(path.Dir(page), to)
	for _, s := range b.sections() {
		web := sectionPage(tongueOf(page), s)
		switch {
		case target == s.name, target == "eventloop.go" && s.name == "contract":
			return relative(pageOf(page), web)
		case slices.Contains(s.files, target):
			return relative(pageOf(page), web) + "#" + path.Base(target)
		}
	}
	if slices.Contains(b.pages, path.Join(target, "README.md")) {
		target = path.Join(target, "README.md")
	}
	if slices.Contains(b.pages, target) {
		target = pageOf(target)
	}
	return relative(pageOf(page), target) + fragment
}

// steps are the board of "Be the scheduler" on paper.
func (b *book) steps(r region) (string, error) {
	return scheduler.Markdown(b.read, b.sayIn(tongueOf(r.page)))
}
