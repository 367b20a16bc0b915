package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/yuin/goldmark"
	highlighting "github.com/yuin/goldmark-highlighting/v2"
	gmast "github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"

	"example.com/eventloop/docs/weave/scheduler"
)

// pagesFolder is where the HTML pages are. They are checked in: whoever has
// the repository has them, without a network and without running anything, and
// the test sees to it that they are those of today's source.
const pagesFolder = "docs/pages"

//go:embed page.html
var pageHTML string

//go:embed style.css
var styleCSS string

var layout = template.Must(template.New("page").Parse(pageHTML))

// A leaf is one HTML page.
type leaf struct {
	Title    string
	Class    string // what kind of page
	Source   string // what it is made of
	Head     template.HTML
	Body     template.HTML
	Chapters []entry
	Code     []entry
	Prev     *entry
	Next     *entry
}

// An entry is a link in the contents that every page has at its top.
type entry struct {
	File, Title string
	Current     bool
}

// A stage is a package that gets a page of its own, comment beside code.
type stage struct {
	folder, title string
	files         []string
	before        string // the folder of the stage before
}

var stages = []stage{
	{"stage1_polling", "Stage 1, polling", []string{"loop.go", "timers.go", "callbacks.go"}, ""},
	{"stage2_queue", "Stage 2, queue", []string{"loop.go", "timers.go", "callbacks.go", "queue.go"}, "stage1_polling"},
	{"stage3_event", "Stage 3, event", []string{"loop.go", "timers.go", "callbacks.go", "queue.go", "heap.go", "event.go"}, "stage2_queue"},
}

// htmlName returns the file in pagesFolder that a chapter becomes.
func htmlName(page string) string {
	if page == "docs/README.md" {
		return "index.html"
	}
	return strings.TrimSuffix(path.Base(page), ".md") + ".html"
}

// render makes all HTML pages.
func (b *book) render(out made) (made, []error) {
	pages := made{pagesFolder + "/style.css": styleCSS}
	var problems []error
	put := func(name string, l leaf, err error) {
		var page bytes.Buffer
		if err == nil {
			for _, c := range chapters {
				l.Chapters = append(l.Chapters, entry{htmlName(c.page), c.title, htmlName(c.page) == name})
			}
			l.Code = append(l.Code, entry{"contract.html", "The contract", name == "contract.html"})
			for _, s := range stages {
				l.Code = append(l.Code, entry{s.folder + ".html", s.title, s.folder+".html" == name})
			}
			err = layout.Execute(&page, l)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s/%s: %w", pagesFolder, name, err))
			return
		}
		pages[pagesFolder+"/"+name] = page.String()
	}
	for i, c := range chapters {
		if _, ok := out[c.page]; !ok {
			problems = append(problems, fmt.Errorf("there is no chapter %s", c.page))
			continue
		}
		body, err := chapterHTML(c.page, out[c.page])
		l := leaf{Title: c.title, Class: "chapter", Source: c.page, Body: body}
		if i > 0 {
			l.Prev = &entry{File: htmlName(chapters[i-1].page), Title: chapters[i-1].title}
		}
		if i+1 < len(chapters) {
			l.Next = &entry{File: htmlName(chapters[i+1].page), Title: chapters[i+1].title}
		}
		put(htmlName(c.page), l, err)
	}
	contract, err := b.annotate("", []string{"eventloop.go"}, "")
	put("contract.html", leaf{Title: "The contract", Class: "source", Source: "eventloop.go", Body: contract,
		Next: &entry{File: stages[0].folder + ".html", Title: stages[0].title}}, err)
	for i, s := range stages {
		body, err := b.annotate(s.folder, s.files, s.before)
		l := leaf{Title: s.title, Class: "source", Source: s.folder, Body: body}
		l.Prev = &entry{File: "contract.html", Title: "The contract"}
		if i > 0 {
			l.Prev = &entry{File: stages[i-1].folder + ".html", Title: stages[i-1].title}
		}
		if i+1 < len(stages) {
			l.Next = &entry{File: stages[i+1].folder + ".html", Title: stages[i+1].title}
		}
		put(s.folder+".html", l, err)
	}
	head, body, err := scheduler.Page(b.read)
	put("scheduler.html", leaf{Title: "Be the scheduler", Class: "scheduler", Source: "docs/weave/scheduler", Head: head, Body: body,
		Prev: &entry{File: "3_event.html", Title: "3 Event"}}, err)
	return pages, problems
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

// Whoever has only a keyboard can scroll only what can have the focus.
const (
	codeTag        = `<pre class="chroma">`
	codeTagForKeys = `<pre class="chroma" tabindex="0">`
)

// forPages adds what Markdown has no words for: a wide table scrolls by itself,
// also by keyboard, as does code, and the snippet below such a caption is seen to be
// wrong.
var forPages = strings.NewReplacer(
	"<table>", `<div class="wide" tabindex="0" role="region" aria-label="Table"><table>`,
	"</table>", "</table></div>",
	codeTag, codeTagForKeys,
	"<p><strong>BROKEN</strong>", `<p class="wrong"><strong>BROKEN</strong>`,
)

// chapterHTML renders a chapter.
func chapterHTML(page, source string) (template.HTML, error) {
	// The links to the neighbours are in the layout.
	source, _ = eachRegion(page, source, func(r region) (string, error) {
		if r.kind == "nav" {
			return "", nil
		}
		return r.body, nil
	})
	raw := []byte(anyComment.ReplaceAllString(source, ""))
	doc := chapterRenderer.Parser().Parse(text.NewReader(raw), parser.WithContext(parser.NewContext(parser.WithIDs(&githubIDs{}))))
	_ = gmast.Walk(doc, func(n gmast.Node, entering bool) (gmast.WalkStatus, error) {
		if !entering {
			return gmast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *gmast.Link:
			n.Destination = []byte(fromPages(string(n.Destination)))
		case *gmast.Image:
			n.Destination = []byte(fromPages(string(n.Destination)))
		}
		return gmast.WalkContinue, nil
	})
	var out bytes.Buffer
	err := chapterRenderer.Renderer().Render(&out, raw, doc)
	return template.HTML(forPages.Replace(out.String())), err
}

// githubIDs gives headings the names that GitHub gives them.
type githubIDs struct{ seen map[string]int }

func (g *githubIDs) Generate(value []byte, _ gmast.NodeKind) []byte {
	if g.seen == nil {
		g.seen = map[string]int{}
	}
	return []byte(numbered(anchor(string(value)), g.seen))
}

func (g *githubIDs) Put([]byte) {}

// fromPages turns a link of a chapter into one that leads there from the HTML
// pages: to a page, if what it leads to has become one.
func fromPages(destination string) string {
	if strings.Contains(destination, "://") || strings.HasPrefix(destination, "#") {
		return destination
	}
	to, fragment, _ := strings.Cut(destination, "#")
	if fragment != "" {
		fragment = "#" + fragment
	}
	target := path.Join("docs", to)
	if isChapter(target) {
		return htmlName(target) + fragment
	}
	if target == "eventloop.go" {
		return "contract.html"
	}
	for _, s := range stages {
		switch {
		case target == s.folder:
			return s.folder + ".html"
		case path.Dir(target) == s.folder && slices.Contains(s.files, path.Base(target)):
			return s.folder + ".html#" + path.Base(target)
		}
	}
	return "../" + destination
}

// relative returns the path that leads from a page to a file.
func relative(page, file string) string {
	rel, err := filepath.Rel(path.Dir(page), file)
	if err != nil {
		return file
	}
	return filepath.ToSlash(rel)
}

// nav is the line of links that ends a chapter.
func nav(page string) string {
	to := func(c chapter) string { return fmt.Sprintf("[%s](%s)", c.title, relative(page, c.page)) }
	i := numberOf(page)
	var links []string
	if i > 1 {
		links = append(links, "← "+to(chapters[i-1]))
	}
	links = append(links, to(chapters[0]))
	if i+1 < len(chapters) {
		links = append(links, to(chapters[i+1])+" →")
	}
	return "\n" + strings.Join(links, " · ") + "\n"
}
