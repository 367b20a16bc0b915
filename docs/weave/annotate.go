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
	"runtime/debug"
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
	Since          string   // the file of the stage before, if it had one
	Changes        []change // from that
	Same           []string // declarations that have not changed
}

// A change is a declaration that is not as it was in the stage before.
type change struct {
	What  string
	How   string // it is new, or gone; else it has lines of both
	Lines []changed
}

type changed struct{ Sign, Text string }

var sheets = template.Must(template.New("sheets").Parse(`
<nav class="files" aria-label="{{.Say "Files"}}"><ul>
{{- range .Sheets}}<li><a href="#{{.ID}}">{{.Name}}</a>{{if .Changes}} <a class="since" href="#{{.ID}}-diff" aria-label="{{$.Say "What changed: "}}{{.Name}}">±</a>{{end}}</li>{{end -}}
</ul></nav>
{{range .Sheets}}
<section class="file" aria-labelledby="{{.ID}}">
<h2 id="{{.ID}}">{{.Path}}</h2>
{{range .Passages}}<div class="passage"{{with .ID}} id="{{.}}"{{end}}>
<div class="prose">{{.Comment}}</div>
<div class="code">{{with .Code}}<pre class="chroma" tabindex="0">{{.}}</pre>{{end}}</div>
</div>
{{end}}</section>
{{end}}
{{range .Sheets}}{{if .Changes}}<section class="diff" aria-labelledby="{{.ID}}-diff">
<h2 id="{{.ID}}-diff">{{$.Say "What changed: "}}{{with .Since}}{{.}} → {{end}}{{.Path}}</h2>
<p>{{if .Since}}{{$.Say "Lines that went begin with −, lines that came with +."}}{{else}}{{$.Say "This file is new."}}{{end}}{{with .Same}}{{$.Say " Not changed: "}}{{range $i, $name := .}}{{if $i}}{{$.Say ", "}}{{end}}<a href="#{{$name}}"><code>{{$name}}</code></a>{{end}}{{$.Say "."}}{{end}}{{$.Say " "}}<a href="#{{.ID}}">{{$.Say "The whole file"}}</a>{{$.Say "."}}</p>
{{range .Changes}}<h3>{{.What}}{{with .How}} {{$.Say .}}{{end}}</h3>
<pre class="changes" tabindex="0">{{range .Lines}}{{if eq .Sign "+"}}<ins>+{{.Text}}</ins>{{else if eq .Sign "-"}}<del>−{{.Text}}</del>{{else}}<span> {{.Text}}</span>{{end}}
{{end}}</pre>
{{end}}</section>
{{end}}{{end}}`))

// annotate renders files in two columns, and below that what has changed
// since the stage before.
func (b *book) annotate(t tongue, folder string, files []string, before string) (template.HTML, error) {
	var all []sheet
	for _, name := range files {
		file := path.Join(folder, name)
		src, err := b.source(t, file)
		if err != nil {
			return "", err
		}
		s := sheet{Name: name, ID: name, Path: file}
		if s.Passages, err = passages(file, src); err != nil {
			return "", err
		}
		if t == chinese {
			for i := range s.Passages {
				s.Passages[i].Comment = unfolded(s.Passages[i].Comment)
			}
		}
		if before != "" {
			old, err := b.source(t, path.Join(before, name))
			if err == nil {
				s.Since = path.Join(before, name)
				s.Changes, s.Same, err = changes(old, src)
			}
			if err != nil && s.Since != "" {
				return "", err
			}
			if s.Since == "" {
				s.Changes = []change{{"", "All of it", signed(whole("", strings.TrimSpace(src)))}}
			}
		}
		all = append(all, s)
	}
	var out bytes.Buffer
	err := sheets.Execute(&out, struct {
		tongue
		Sheets []sheet
	}{t, all})
	return template.HTML(out.String()), err
}

// changes compares two files declaration by declaration, as one reads them: a
// diff of the whole would tear functions apart wherever two lines happen to be
// the same.
func changes(old, new string) (cs []change, same []string, err error) {
	was, err := declarations(old)
	if err != nil {
		return nil, nil, err
	}
	is, err := declarations(new)
	if err != nil {
		return nil, nil, err
	}
	named := func(name string) func(declaration) bool {
		return func(d declaration) bool { return d.name == name }
	}
	next := 0 // of those that were, to be told of if it has gone
	gone := func(until int) {
		for ; next < until; next++ {
			if d := was[next]; !slices.ContainsFunc(is, named(d.name)) {
				cs = append(cs, change{d.name, "is gone", signed(whole(d.text, ""))})
			}
		}
	}
	for _, d := range is {
		i := slices.IndexFunc(was, named(d.name))
		switch {
		case i < 0:
			cs = append(cs, change{d.name, "is new", signed(whole("", d.text))})
			continue
		case was[i].text != d.text:
			gone(i)
			cs = append(cs, change{d.name, "", signed(whole(was[i].text, d.text))})
		default:
			gone(i)
			same = append(same, d.name)
		}
		next = max(next, i+1)
	}
	gone(len(was))
	return cs, same, nil
}

// signed takes the signs of a diff apart from the lines.
func signed(diff string) (all []changed) {
	for line := range strings.Lines(diff) {
		line = strings.TrimSuffix(line, "\n")
		all = append(all, changed{line[:1], line[1:]})
	}
	return all
}

// A declaration is a part of a file: what it declares, with the comment.
type declaration struct{ name, text string }

// declarations cuts a file into what comes first (the package, the imports)
// and its declarations.
func declarations(src string) ([]declaration, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	all := []declaration{{name: "package"}}
	from := 0
	cut := func(to int) {
		all[len(all)-1].text = strings.TrimSpace(src[from:to])
		from = to
	}
	for _, d := range f.Decls {
		name := declName(d)
		if name == "" { // imports
			continue
		}
		_, comment := find(f, name)
		begin := d.Pos()
		if comment != nil {
			begin = comment.Pos()
		}
		cut(fset.Position(begin).Offset)
		all = append(all, declaration{name: name})
	}
	cut(len(src))
	return all, nil
}

// passages cuts a file before each comment that has lines of its own, and
// before each declaration that has none.
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
		name := declName(decl)
		if name == "" { // imports
			continue
		}
		names = append(names, name)
		begin := fset.Position(decl.Pos()).Offset
		ids[begin] = name
		if _, comment := find(parsed, name); comment == nil {
			cuts = append(cuts, cut{begin, begin})
		}
	}
	slices.SortFunc(cuts, func(a, b cut) int { return a.from - b.from })
	var all []passage
	add := func(text string, from, to int) error {
		code, err := highlight(strings.Trim(src[from:to], "\n"))
		if err != nil {
			return err
		}
		p := passage{Comment: prose(file, text, parsed, names), Code: code}
		p.ID = ids[to-len(strings.TrimLeft(src[from:to], "\n"))]
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
	packages := map[string]string{"eventloop": module()}
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
		case module():
			return "contract.html#" + strings.Split(name, ".")[0]
		}
		return "https://pkg.go.dev/" + l.ImportPath + "#" + name
	}}
	html := string(printer.HTML(parser.Parse(group.Text())))
	return template.HTML(strings.ReplaceAll(html, "<pre>", `<pre tabindex="0">`))
}

// module is the path of the module at the root, whatever it is called here.
func module() string {
	info, _ := debug.ReadBuildInfo()
	return strings.TrimSuffix(info.Main.Path, "/docs/weave")
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
