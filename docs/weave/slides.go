package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"regexp"
	"strings"
)

// The slides are in the guide, among what to say and what to do. They become one page.
// Arrow keys turn them; see its foot for the others.
const (
	guidePage  = "docs/workshop/GUIDE.md"
	slidesPage = pagesFolder + "/workshop/slides.html"
)

// A slide is one page. Minutes is the line below the heading of its section: "Minutes:
// none of 45, 5 of 90" leaves it out where there are 45.
type slide struct {
	Section, Minutes string
	HTML             template.HTML
}

//go:embed slides.css
var slidesCSS string

//go:embed slides.js
var slidesJS string

//go:embed slides.html
var slidesHTML string

var (
	slidesLayout = template.Must(template.New("slides").Parse(slidesHTML))
	slideParts   = regexp.MustCompile(`(?ms)^## ([^\n]+)$|^(Minutes: [^\n]+)$|^<!-- slide -->\n(.*?)<!-- slide end -->`)
)

// slides makes the slides of the guide.
func (b *book) slides(guide string) (string, error) {
	var data struct {
		Slides []slide
		Style  template.CSS
		Script template.JS
	}
	data.Style, data.Script = template.CSS(slidesCSS), template.JS(slidesJS)
	now := slide{}
	for _, m := range slideParts.FindAllStringSubmatch(guide, -1) {
		switch {
		case m[1] != "":
			now = slide{Section: m[1]}
		case m[2] != "":
			now.Minutes = m[2]
		default:
			html, err := b.chapterHTML(guidePage, m[3])
			if err != nil {
				return "", fmt.Errorf("%s: %w", now.Section, err)
			}
			now.HTML = html
			data.Slides = append(data.Slides, now)
		}
	}
	var out strings.Builder
	err := slidesLayout.Execute(&out, data)
	return out.String(), err
}
