package main

import (
	"bytes"
	"cmp"
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

//go:embed page.html
var pageHTML string

//go:embed style.css
var styleCSS string

var layout = template.Must(template.New("page").Parse(pageHTML))

// A leaf is one HTML page. They are checked in: whoever has the repository has
// them, without a network and without running anything, and the test sees to it
// that they are those of today's source.
type leaf struct {
	tongue
	Top      string // the way to the folder of the English pages
	Other    string // the same page in the other tongue, if there is one
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

// htmlName returns the file that a chapter becomes, in the folder of its tongue.
func htmlName(page string) string {
	if original(page) == "docs/README.md" {
		return "index.html"
	}
	return strings.TrimSuffix(path.Base(page), ".md") + ".html"
}

// render makes all HTML pages.
func (b *book) render(out made) (made, []error) {
	pages := made{english.folder + "/style.css": styleCSS}
	problems := b.renderIn(english, out, pages)
	problems = append(problems, b.renderIn(chinese, out, pages)...)
	head, body, err := scheduler.Page(b.read)
	l := leaf{Title: "Be the scheduler", Class: "scheduler", Source: "docs/weave/scheduler", Head: head, Body: body,
		Prev: &entry{File: "3_event.html", Title: "3 Event"}}
	return pages, append(problems, put(english, pages, "scheduler.html", l, err)...)
}

// source returns a Go file as somebody of this tongue reads it.
func (b *book) source(t tongue, file string) (string, error) {
	if src, ok := b.chinese[file]; ok && t == chinese {
		return src, nil
	}
	return b.read(file)
}

// contents returns the links to the chapters and to the source.
func contents(t tongue) (told, code []entry, err error) {
	for _, c := range t.chapters() {
		told = append(told, entry{File: htmlName(c.page), Title: c.title})
	}
	title, err := t.Say("The contract")
	code = append(code, entry{File: "contract.html", Title: title})
	for _, s := range stages {
		title, e := t.Say(s.title)
		err = cmp.Or(err, e)
		code = append(code, entry{File: s.folder + ".html", Title: title})
	}
	return told, code, err
}

// beside returns the neighbours of an entry.
func beside(all []entry, i int) (prev, next *entry) {
	if i > 0 {
		prev = &all[i-1]
	}
	if i+1 < len(all) {
		next = &all[i+1]
	}
	return prev, next
}

// renderIn adds to pages those of one tongue.
func (b *book) renderIn(t tongue, out, pages made) (problems []error) {
	told, code, err := contents(t)
	if err != nil {
		return []error{err}
	}
	for i, c := range t.chapters() {
		if _, ok := out[c.page]; !ok {
			problems = append(problems, fmt.Errorf("there is no chapter %s", c.page))
			continue
		}
		l := leaf{Title: c.title, Class: "chapter", Source: c.page}
		l.Prev, l.Next = beside(told, i)
		l.Body, err = chapterHTML(c.page, out[c.page])
		problems = append(problems, put(t, pages, told[i].File, l, err)...)
	}
	for i, e := range code {
		l := leaf{Title: e.Title, Class: "source", Source: "eventloop.go"}
		l.Prev, l.Next = beside(code, i)
		if i == 0 {
			l.Body, err = b.annotate(t, "", []string{"eventloop.go"}, "")
		} else {
			s := stages[i-1]
			l.Source = s.folder
			l.Body, err = b.annotate(t, s.folder, s.files, s.before)
		}
		problems = append(problems, put(t, pages, e.File, l, err)...)
	}
	return problems
}

// put lays out a page.
func put(t tongue, pages made, name string, l leaf, err error) []error {
	var page bytes.Buffer
	if err == nil {
		l.tongue = t
		other := english
		if t == english {
			other = chinese
		} else {
			l.Top = "../"
		}
		for _, o := range []tongue{t, other} {
			told, code, e := contents(o)
			err = cmp.Or(err, e)
			for _, e := range slices.Concat(told, code) {
				if e.File == name && o == other {
					l.Other = relative(t.folder+"/"+name, o.folder+"/"+name)
				}
			}
			if o == t {
				l.Chapters, l.Code = told, code
			}
		}
		for _, all := range [][]entry{l.Chapters, l.Code} {
			for i := range all {
				all[i].Current = all[i].File == name
			}
		}
		if err == nil {
			err = layout.Execute(&page, l)
		}
	}
	if err != nil {
		return []error{fmt.Errorf("%s/%s: %w", t.folder, name, err)}
	}
	pages[t.folder+"/"+name] = page.String()
	return nil
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
	"<p><strong>写错的</strong>", `<p class="wrong"><strong>写错的</strong>`,
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
			n.Destination = []byte(fromPages(page, string(n.Destination)))
		case *gmast.Image:
			n.Destination = []byte(fromPages(page, string(n.Destination)))
		}
		return gmast.WalkContinue, nil
	})
	var out bytes.Buffer
	err := chapterRenderer.Renderer().Render(&out, raw, doc)
	woven := forPages.Replace(out.String())
	if tongueOf(page) == chinese {
		woven = anchored.ReplaceAllString(woven, `<h$2 id="$1">`)
		woven = strings.ReplaceAll(woven, `aria-label="Table"`, `aria-label="`+inChinese["Table"]+`"`)
	}
	return template.HTML(woven), err
}

// A Chinese heading has its anchor in a line above it, for GitHub. Here it can
// have it itself.
var anchored = regexp.MustCompile(`<p><a id="([^"]+)"></a></p>\n<h([1-6]) id="[^"]*">`)

// githubIDs gives headings the names that GitHub gives them.
type githubIDs struct{ seen map[string]int }

func (g *githubIDs) Generate(value []byte, _ gmast.NodeKind) []byte {
	if g.seen == nil {
		g.seen = map[string]int{}
	}
	return []byte(numbered(anchor(string(value)), g.seen))
}

func (g *githubIDs) Put([]byte) {}

// fromPages turns a link of a chapter into one that leads there from its HTML
// page: to a page, if what it leads to has become one.
func fromPages(page, destination string) string {
	if strings.Contains(destination, "://") || strings.HasPrefix(destination, "#") {
		return destination
	}
	to, fragment, _ := strings.Cut(destination, "#")
	if fragment != "" {
		fragment = "#" + fragment
	}
	folder := tongueOf(page).folder
	target := path.Join(path.Dir(page), to)
	if isChapter(target) {
		return relative(folder+"/x", tongueOf(target).folder+"/"+htmlName(target)) + fragment
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
	return relative(folder+"/x", target) + fragment
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
	t := tongueOf(page)
	all := t.chapters()
	to := func(title, file string) string { return fmt.Sprintf("[%s](%s)", title, relative(page, file)) }
	i := slices.IndexFunc(all, func(c chapter) bool { return c.page == page })
	var links []string
	if i > 1 {
		links = append(links, "← "+to(all[i-1].title, all[i-1].page))
	}
	links = append(links, to(all[0].title, all[0].page))
	if i+1 < len(all) {
		links = append(links, to(all[i+1].title, all[i+1].page)+" →")
	}
	if t == chinese {
		links = append(links, to("English", original(page)))
	} else if i >= 0 && inChinese[all[i].title] != "" {
		links = append(links, to("中文", twinOf(page)))
	}
	return "\n" + strings.Join(links, " · ") + "\n"
}
