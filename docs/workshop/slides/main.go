// Command slides makes the slides of the workshop, slides.html, from the
// leader's guide: what is on the wall is written there, between what to say and
// what to do, with code and pictures from the sources that the chapters use.
//
//	go run -C docs/workshop/slides .
//
// The result is one file that needs no network. Arrow keys turn the slides; see
// its foot for the others.
package main

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"log"
	"os"
	"path/filepath"
	"regexp"

	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/yuin/goldmark"
	highlighting "github.com/yuin/goldmark-highlighting/v2"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"example.com/eventloop/docs/workshop/guide"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("slides: ")
	page, err := render("..")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("..", "slides.html"), page, 0o644); err != nil {
		log.Fatal(err)
	}
}

// A slide is one page.
type slide struct {
	Section string
	HTML    template.HTML
	Ends    []string // for each length when its section should end; "" if it leaves it out
}

// render makes the slides of the guide in a folder.
func render(dir string) ([]byte, error) {
	source, err := os.ReadFile(filepath.Join(dir, "GUIDE.md"))
	if err != nil {
		return nil, err
	}
	sections, err := guide.Parse(string(source))
	if err != nil {
		return nil, err
	}
	var slides []slide
	at := make(map[int]int)
	for _, section := range sections {
		var ends []string
		for _, length := range guide.Lengths {
			minutes, ok := section.Minutes[length]
			at[length] += minutes
			if ok {
				ends = append(ends, guide.Clock(at[length]))
			} else {
				ends = append(ends, "")
			}
		}
		for _, markdown := range section.Slides {
			content, err := convert(dir, markdown)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", section.Title, err)
			}
			slides = append(slides, slide{section.Title, template.HTML(content), ends})
		}
	}
	var out bytes.Buffer
	err = page.Execute(&out, map[string]any{
		"Slides": slides, "Lengths": guide.Lengths, "Style": template.CSS(style), "Script": template.JS(script),
	})
	return out.Bytes(), err
}

//go:embed style.css
var style string

//go:embed slides.js
var script string

var page = template.Must(template.New("slides").Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>setTimeout, built three times: the slides</title>
<style>{{.Style}}</style>
<main>
{{range .Slides}}<section data-ends="{{range $i, $end := .Ends}}{{if $i}} {{end}}{{or $end "-"}}{{end}}" data-section="{{.Section}}" tabindex="-1">
<div class="content">
{{.HTML}}</div>
</section>
{{end}}</main>
<footer>
<span id="section"></span>
<span id="end"></span>
<label>for <select id="length" aria-label="Length of the workshop"><option value="">all</option>{{range .Lengths}}<option value="{{.}}">{{.}} minutes</option>{{end}}</select></label>
<span class="keys">← → turn · 1 2 3 length · 0 all · F full screen</span>
<span><button id="previous" aria-label="Previous slide">←</button> <span id="number" role="status"></span> <button id="next" aria-label="Next slide">→</button></span>
</footer>
<script>{{.Script}}</script>
</html>
`))

var markdown = goldmark.New(
	goldmark.WithExtensions(extension.GFM, highlighting.NewHighlighting(
		highlighting.WithFormatOptions(chromahtml.WithClasses(true)),
	)),
	goldmark.WithRendererOptions(html.WithUnsafe()), // our own text; else a picture inside the page is dropped
	goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(wide{}, 100))),
)

// comment is what stands around code quoted from a source.
var comment = regexp.MustCompile(`<!--.*?-->\n?`)

// convert makes HTML of a slide. Its pictures become part of it.
func convert(dir, source string) (string, error) {
	doc := markdown.Parser().Parse(text.NewReader([]byte(source)))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		image, ok := n.(*ast.Image)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		name := string(image.Destination)
		if filepath.Ext(name) != ".svg" {
			return ast.WalkStop, fmt.Errorf("the picture %s is no SVG", name)
		}
		svg, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return ast.WalkStop, err
		}
		svg = bytes.ReplaceAll(svg, []byte("\r\n"), []byte("\n"))
		image.Destination = []byte("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(svg))
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := markdown.Renderer().Render(&out, []byte(source), doc); err != nil {
		return "", err
	}
	return comment.ReplaceAllString(out.String(), ""), nil
}

// wide marks a paragraph that is only a picture, which gets all the room there
// is.
type wide struct{}

func (wide) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering && n.Kind() == ast.KindParagraph && n.ChildCount() == 1 && n.FirstChild().Kind() == ast.KindImage {
			n.SetAttributeString("class", []byte("picture"))
		}
		return ast.WalkContinue, nil
	})
}
