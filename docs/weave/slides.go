package main

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"path"
	"strings"

	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/yuin/goldmark"
	highlighting "github.com/yuin/goldmark-highlighting/v2"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// A slide is one page.
type slide struct {
	Section string
	HTML    template.HTML
	Ends    []string // for each length when its section should end; "" if it leaves it out
}

// slidesPage is one file that needs no network. Arrow keys turn the slides; see
// its foot for the others.
const slidesPage = "docs/workshop/slides.html"

// slides makes the slides of the guide: what is on the wall is written there,
// between what to say and what to do, with code and pictures from the sources
// that the chapters use.
func (b *book) slides(guide string) (string, error) {
	sections, err := parseGuide(guide)
	if err != nil {
		return "", err
	}
	var slides []slide
	at := make(map[int]int)
	for _, section := range sections {
		var ends []string
		for _, length := range lengths {
			minutes, ok := section.minutes[length]
			at[length] += minutes
			if ok {
				ends = append(ends, clock(at[length]))
			} else {
				ends = append(ends, "")
			}
		}
		for _, markdown := range section.slides {
			content, err := b.slideHTML(markdown)
			if err != nil {
				return "", fmt.Errorf("%s: %w", section.title, err)
			}
			slides = append(slides, slide{section.title, template.HTML(content), ends})
		}
	}
	var out strings.Builder
	err = slidesLayout.Execute(&out, map[string]any{
		"Slides": slides, "Lengths": lengths, "Style": template.CSS(slidesCSS), "Script": template.JS(slidesJS),
	})
	return out.String(), err
}

//go:embed slides.css
var slidesCSS string

//go:embed slides.js
var slidesJS string

var slidesLayout = template.Must(template.New("slides").Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
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

var slideRenderer = goldmark.New(
	goldmark.WithExtensions(extension.GFM, highlighting.NewHighlighting(
		highlighting.WithFormatOptions(chromahtml.WithClasses(true)),
	)),
	goldmark.WithRendererOptions(html.WithUnsafe()), // our own text; else a picture inside the page is dropped
	goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(wide{}, 100))),
)

// slideHTML makes HTML of a slide. Its pictures become part of it.
func (b *book) slideHTML(source string) (string, error) {
	raw := []byte(anyComment.ReplaceAllString(source, ""))
	doc := slideRenderer.Parser().Parse(text.NewReader(raw))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		image, ok := n.(*ast.Image)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		name := string(image.Destination)
		if path.Ext(name) != ".svg" {
			return ast.WalkStop, fmt.Errorf("the picture %s is no SVG", name)
		}
		svg, err := b.read(path.Join(path.Dir(guidePage), name))
		if err != nil {
			return ast.WalkStop, err
		}
		image.Destination = []byte("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(svg)))
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = slideRenderer.Renderer().Render(&out, raw, doc)
	return strings.ReplaceAll(out.String(), codeTag, codeTagForKeys), err
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
