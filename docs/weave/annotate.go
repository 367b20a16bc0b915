package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"html/template"
	"path"
	"slices"
	"strings"

	"github.com/alecthomas/chroma/v2"
	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/alecthomas/chroma/v2/styles"
)

// A passage is a comment and the code that it is beside.
type passage struct {
	ID      string // of the declaration that begins here, if one does
	Comment template.HTML
	Code    template.HTML
}

// A sheet is one file on a page.
type sheet struct {
	Name, ID, Path string
	Passages       []passage
	Diff           []change // from the file of the stage before
	Since          string   // that stage's file
}

// A change is a hunk of a diff.
type change struct {
	Header string
	Lines  []changed
}

type changed struct{ Sign, Text string }

var sheets = template.Must(template.New("sheets").Parse(`
<nav class="files" aria-label="Files"><ul>
{{- range .}}<li><a href="#{{.ID}}">{{.Name}}</a>{{if .Diff}} <a class="since" href="#{{.ID}}-diff" aria-label="What changed in {{.Name}}">±</a>{{end}}</li>{{end -}}
</ul></nav>
{{range .}}
<section class="file" aria-labelledby="{{.ID}}">
<h2 id="{{.ID}}">{{.Path}}</h2>
{{range .Passages}}<div class="passage"{{with .ID}} id="{{.}}"{{end}}>
<div class="prose">{{.Comment}}</div>
<div class="code">{{with .Code}}<pre class="chroma" tabindex="0">{{.}}</pre>{{end}}</div>
</div>
{{end}}</section>
{{end}}
{{range .}}{{if .Diff}}<section class="diff" aria-labelledby="{{.ID}}-diff">
<h2 id="{{.ID}}-diff">What changed: {{.Since}} → {{.Path}}</h2>
<p>Lines that went begin with −, lines that came with +. <a href="#{{.ID}}">The whole file</a>.</p>
{{range .Diff}}<pre class="changes" tabindex="0">{{range .Lines}}{{if eq .Sign "+"}}<ins>+{{.Text}}</ins>{{else if eq .Sign "-"}}<del>−{{.Text}}</del>{{else}}<span> {{.Text}}</span>{{end}}
{{end}}</pre>
{{end}}</section>
{{end}}{{end}}`))

// annotate renders files in two columns, and below that what has changed
// since the stage before.
func (b *book) annotate(folder string, files []string, before string) (template.HTML, error) {
	var all []sheet
	for _, name := range files {
		file := path.Join(folder, name)
		src, err := b.read(file)
		if err != nil {
			return "", err
		}
		s := sheet{Name: name, ID: name, Path: file}
		if s.Passages, err = passages(file, src); err != nil {
			return "", err
		}
		if before != "" {
			s.Since = path.Join(before, name)
			old, err := b.read(s.Since)
			if err != nil { // the file is new in this stage
				old, s.Since = "", "nothing"
			}
			s.Diff = changes(old, src)
		}
		all = append(all, s)
	}
	var out bytes.Buffer
	err := sheets.Execute(&out, all)
	return template.HTML(out.String()), err
}

func changes(old, new string) (cs []change) {
	old, new = strings.TrimSuffix(old, "\n"), strings.TrimSuffix(new, "\n")
	for _, h := range hunks(old, new) {
		c := change{Header: h.header}
		for _, line := range h.lines {
			c.Lines = append(c.Lines, changed{line[:1], line[1:]})
		}
		cs = append(cs, c)
	}
	return cs
}

// passages cuts a file before each comment that has lines of its own.
func passages(file, src string) ([]passage, error) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	type cut struct{ from, to int } // of a comment
	var cuts []cut
	for _, group := range parsed.Comments {
		from := fset.Position(group.Pos()).Offset
		begin := strings.LastIndex(src[:from], "\n") + 1
		if strings.TrimSpace(src[begin:from]) == "" {
			cuts = append(cuts, cut{begin, fset.Position(group.End()).Offset})
		}
	}
	ids := map[int]string{} // by the offset at which a declaration begins
	var names []string
	for _, decl := range parsed.Decls {
		if name := declName(decl); name != "" {
			names = append(names, name)
			ids[fset.Position(decl.Pos()).Offset] = name
		}
	}
	var all []passage
	add := func(text string, from, to int) error {
		code, err := highlight(strings.Trim(src[from:to], "\n"))
		if err != nil {
			return err
		}
		p := passage{Comment: prose(file, text, parsed, names), Code: code}
		for offset, name := range ids {
			if offset >= from && offset < to && (p.ID == "" || offset < offsetOf(ids, p.ID)) {
				p.ID = name
			}
		}
		if text != "" || code != "" {
			all = append(all, p)
		}
		return nil
	}
	rest := 0
	var pending string
	for _, c := range cuts {
		if err := add(pending, rest, c.from); err != nil {
			return nil, err
		}
		pending, rest = src[c.from:c.to], c.to
	}
	if err := add(pending, rest, len(src)); err != nil {
		return nil, err
	}
	return all, nil
}

func offsetOf(ids map[int]string, name string) int {
	for offset, n := range ids {
		if n == name {
			return offset
		}
	}
	return -1
}

// prose renders a comment as godoc does. A link in it leads to the passage, or
// to the page of the contract, or to the documentation of the package.
func prose(file, text string, parsed *ast.File, names []string) template.HTML {
	if text == "" {
		return ""
	}
	group := &ast.CommentGroup{}
	for line := range strings.Lines(text) {
		group.List = append(group.List, &ast.Comment{Text: strings.TrimSpace(line)})
	}
	packages := map[string]string{}
	for _, i := range parsed.Imports {
		p := strings.Trim(i.Path.Value, `"`)
		packages[path.Base(p)] = p
	}
	parser := comment.Parser{
		LookupPackage: func(name string) (string, bool) { p, ok := packages[name]; return p, ok },
		LookupSym: func(recv, name string) bool {
			if recv != "" {
				name = recv + "." + name
			}
			return slices.Contains(names, name)
		},
	}
	printer := comment.Printer{HeadingLevel: 3, DocLinkURL: func(l *comment.DocLink) string {
		name := l.Name
		if l.Recv != "" {
			name = l.Recv + "." + name
		}
		switch l.ImportPath {
		case "":
			return "#" + name
		case "example.com/eventloop":
			return "contract.html#" + strings.Split(name, ".")[0]
		}
		return "https://pkg.go.dev/" + l.ImportPath + "#" + name
	}}
	html := string(printer.HTML(parser.Parse(group.Text())))
	return template.HTML(strings.ReplaceAll(html, "<pre>", `<pre tabindex="0">`))
}

var goLexer = chroma.Coalesce(lexers.Get("go"))

// highlight marks up Go code with classes; the style sheet colours them.
func highlight(code string) (template.HTML, error) {
	if strings.TrimSpace(code) == "" {
		return "", nil
	}
	tokens, err := goLexer.Tokenise(nil, code)
	if err != nil {
		return "", fmt.Errorf("highlighting: %w", err)
	}
	var out bytes.Buffer
	err = chromahtml.New(chromahtml.WithClasses(true), chromahtml.PreventSurroundingPre(true)).Format(&out, styles.Fallback, tokens)
	return template.HTML(out.String()), err
}
