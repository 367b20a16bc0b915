package main

import (
	"bytes"
	"go/ast"
	"go/doc/comment"
	"html/template"
	"path"
	"regexp"
	"slices"
	"strings"

	"example.com/eventloop/internal/source"
)

// A passage is a comment and the code that it is beside.
type passage struct {
	ID      string // of the declaration that begins here, if one does
	Comment template.HTML
	Code    template.HTML
}

// A sheet is one file on a page.
type sheet struct {
	Path, Name string
	Passages   []passage
	Since      string        // the file of the stage before, if it had one
	Changes    template.HTML // from that
}

var sheets = template.Must(template.New("sheets").Parse(`<h1>{{.Title}}</h1>
<nav class="files" aria-label="{{.Pick "Files" "文件"}}"><ul>
{{- range .Sheets}}<li><a href="#{{.Name}}">{{.Name}}</a>{{if .Changes}} <a class="since" href="#{{.Name}}-diff" aria-label="{{$.Pick "What changed: " "改了什么："}}{{.Name}}">±</a>{{end}}</li>{{end -}}
</ul></nav>
{{range .Sheets}}
<section class="file" aria-labelledby="{{.Name}}">
<h2 id="{{.Name}}">{{.Path}}</h2>
{{range .Passages}}<div class="passage"{{with .ID}} id="{{.}}"{{end}}>
<div class="prose">{{.Comment}}</div>
<div class="code">{{.Code}}</div>
</div>
{{end}}</section>
{{end}}
{{range .Sheets}}{{if .Changes}}<section class="diff" aria-labelledby="{{.Name}}-diff">
<h2 id="{{.Name}}-diff">{{$.Pick "What changed: " "改了什么："}}{{.Since}} → {{.Path}}</h2>
{{.Changes}}
</section>
{{end}}{{end}}`))

// annotate renders files in two columns, and below that their changes since the stage
// before.
func (b *book) annotate(t tongue, s section) (template.HTML, error) {
	data := struct {
		leaf
		Sheets []sheet
	}{leaf: leaf{Lang: t, Title: t.pick(s.title, s.zh)}}
	for _, file := range s.files {
		src, err := b.read(file)
		if err != nil {
			return "", err
		}
		src = b.in(t, file, src)
		sh := sheet{Name: path.Base(file), Path: file, Since: path.Join(s.before, path.Base(file))}
		if sh.Passages, err = passages(t, file, src); err != nil {
			return "", err
		}
		if old, err := b.read(sh.Since); s.before != "" && err == nil {
			if sh.Changes, err = highlight("diff", whole(b.in(t, sh.Since, old), src)); err != nil {
				return "", err
			}
		}
		data.Sheets = append(data.Sheets, sh)
	}
	var out bytes.Buffer
	err := sheets.Execute(&out, data)
	return template.HTML(out.String()), err
}

// passages cuts a file before each comment that has lines of its own, and
// before each declaration that has none.
func passages(t tongue, file, src string) (all []passage, err error) {
	f, err := source.Parse(file, src)
	if err != nil {
		return nil, err
	}
	type cut struct{ from, to int } // of a comment
	var cuts []cut
	for _, group := range f.AST.Comments {
		from := f.Offset(group.Pos())
		begin := strings.LastIndex(src[:from], "\n") + 1
		if strings.TrimSpace(src[begin:from]) == "" {
			cuts = append(cuts, cut{begin, f.Offset(group.End())})
		}
	}
	ids := map[int]string{} // by the offset at which a declaration begins
	var names []string
	for _, d := range f.Decls() {
		names = append(names, d.Names...)
		begin := f.Offset(d.Node.Pos())
		ids[begin] = d.Names[0]
		if d.Doc == nil {
			cuts = append(cuts, cut{begin, begin})
		}
	}
	slices.SortFunc(cuts, func(a, b cut) int { return a.from - b.from })
	rest := 0
	pending := ""
	for _, c := range append(cuts, cut{len(src), len(src)}) {
		code, err := highlight("go", strings.Trim(src[rest:c.from], "\n"))
		if err != nil {
			return nil, err
		}
		p := passage{Comment: prose(t, pending, f, names), Code: code}
		p.ID = ids[c.from-len(strings.TrimLeft(src[rest:c.from], "\n"))]
		if pending != "" || code != "" {
			all = append(all, p)
		}
		pending, rest = src[c.from:c.to], c.to
	}
	return all, nil
}

// prose renders a comment as godoc does. A link in it leads to the passage, or
// to the page of the contract, or to the documentation of the package.
func prose(t tongue, text string, f *source.File, names []string) template.HTML {
	group := &ast.CommentGroup{}
	for line := range strings.Lines(text) {
		group.List = append(group.List, &ast.Comment{Text: strings.TrimSpace(line)})
	}
	imported := map[string]string{"eventloop": module()}
	for _, i := range f.AST.Imports {
		p := strings.Trim(i.Path.Value, `"`)
		imported[path.Base(p)] = p
	}
	parser := comment.Parser{
		LookupPackage: func(name string) (string, bool) { p, ok := imported[name]; return p, ok },
		LookupSym: func(recv, name string) bool {
			return slices.Contains(names, strings.TrimPrefix(recv+"."+name, "."))
		},
	}
	printer := comment.Printer{HeadingLevel: 3, DocLinkURL: func(l *comment.DocLink) string {
		name := strings.TrimPrefix(l.Recv+"."+l.Name, ".")
		switch l.ImportPath {
		case "":
			return "#" + name
		case module():
			return "contract.html#" + strings.Split(name, ".")[0]
		}
		return "https://pkg.go.dev/" + l.ImportPath + "#" + name
	}}
	html := string(printer.HTML(parser.Parse(group.Text())))
	if t == chinese { // a Go comment has no words for code
		html = codeSpan.ReplaceAllString(html, "<code>$1</code>")
	}
	return template.HTML(strings.ReplaceAll(html, "<pre>", `<pre class="text" tabindex="0">`))
}

var codeSpan = regexp.MustCompile("`([^`<\n]+)`")

// highlight marks up code with classes; the style sheet colours them.
func highlight(language, code string) (template.HTML, error) {
	if code == "" {
		return "", nil
	}
	var out bytes.Buffer
	err := chapterRenderer.Convert([]byte("```"+language+"\n"+code+"\n```\n"), &out)
	return template.HTML(forPages.Replace(out.String())), err
}
