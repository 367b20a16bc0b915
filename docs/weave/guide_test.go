package main

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whoever leads has something on the wall in every section.
func TestEverySectionIsWhole(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(guidePage)))
	require.NoError(t, err)
	sections, err := parseGuide(strings.ReplaceAll(string(text), "\r\n", "\n"))
	require.NoError(t, err)
	for _, s := range sections {
		assert.NotEmpty(t, s.slides, s.title)
		for i, slide := range s.slides {
			assert.True(t, strings.HasPrefix(slide, "### "), "%s, slide %d begins with its heading", s.title, i+1)
		}
	}
}

const aGuide = `# Guide

<!-- timetable -->
old
<!-- end -->

## Before

no minutes

## 1 One, “quoted”

Minutes: 45 of 45, 40 of 90, 100 of 180

<!-- slide -->
### A

` + "```md\n## not a section\nMinutes: nor this\n```" + `
<!-- slide end -->

<!-- slide -->
### B
<!-- slide end -->

## 2 Two

Minutes: none of 45, 50 of 90, 80 of 180
`

func TestGuide(t *testing.T) {
	sections, err := parseGuide(aGuide)
	require.NoError(t, err)
	require.Len(t, sections, 2)
	assert.Equal(t, "1 One, “quoted”", sections[0].title)
	assert.Equal(t, map[int]int{45: 45, 90: 40, 180: 100}, sections[0].minutes)
	assert.Equal(t, map[int]int{90: 50, 180: 80}, sections[1].minutes)
	assert.Len(t, sections[0].slides, 2)
	assert.Equal(t, "### B", sections[0].slides[1])
	assert.Equal(t, 11, sections[0].line)
	assert.Empty(t, sections[1].slides)

	b := newBook(t, map[string]string{guidePage: aGuide}, nil)
	woven, problems := b.weavePage(guidePage, aGuide)
	require.NoError(t, errors.Join(problems...))
	assert.Contains(t, woven, `<!-- timetable -->
| begins at | 45 minutes | 90 minutes | 180 minutes |
|---|---:|---:|---:|
| [1 One, “quoted”](#1-one-quoted) | 0:00 | 0:00 | 0:00 |
| [2 Two](#2-two) |  | 0:40 | 1:40 |
| end | 0:45 | 1:30 | 3:00 |
<!-- end -->`)
}

func TestWhatIsWrongWithAGuide(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"45 of 45", "44 of 45", "the sections of 45 minutes take 44"},
		{"50 of 90", "50 of 80", `line 30: "Minutes: none of 45, 50 of 80, 80 of 180" is not like`},
		{"no minutes", "<!-- slide -->\n### X\n<!-- slide end -->", "before line 13: a slide in a section without minutes"},
	} {
		require.Contains(t, aGuide, c.old)
		_, err := parseGuide(strings.Replace(aGuide, c.old, c.new, 1))
		assert.ErrorContains(t, err, c.want)
	}
}

// The slides work without a network: nothing is loaded from anywhere.
func TestTheSlidesNeedNoNetwork(t *testing.T) {
	folder := filepath.Join("..", "..", filepath.FromSlash(path.Dir(slidesPage)))
	html, err := os.ReadFile(filepath.Join(folder, path.Base(slidesPage)))
	require.NoError(t, err)
	for _, found := range regexp.MustCompile(`(?i)\b(?:src|srcset|poster|data)="([^"]*)"|url\(([^)]*)\)|@import|<link\b`).FindAllStringSubmatch(string(html), -1) {
		assert.True(t, strings.HasPrefix(found[1], "data:"), found[0])
	}
	for _, link := range regexp.MustCompile(`<a href="([^"#]*)`).FindAllStringSubmatch(string(html), -1) {
		assert.FileExists(t, filepath.Join(folder, filepath.FromSlash(link[1])))
	}
	assert.NotContains(t, string(html), "<!-- ")
}

func TestSlides(t *testing.T) {
	b := newBook(t, map[string]string{"docs/workshop/a.svg": "<svg/>"}, nil)
	slide := func(text string) (string, error) {
		return b.slides("## Section\n\nMinutes: 45 of 45, 90 of 90, 180 of 180\n\n<!-- slide -->\n" + text + "\n<!-- slide end -->\n")
	}
	html, err := slide("### A &\n\n![two & more](a.svg)\n\n<!-- code x -->\n```go\nfunc f() {}\n```\n<!-- end -->")
	require.NoError(t, err)
	assert.Contains(t, html, `<p class="picture"><img src="data:image/svg+xml;base64,PHN2Zy8+" alt="two &amp; more"></p>`)
	assert.Contains(t, html, `<span class="kd">func</span>`)
	assert.Contains(t, html, `data-ends="0:45 1:30 3:00" data-section="Section"`)

	for text, want := range map[string]string{
		"![gone](gone.svg)": "gone.svg",
		"![photo](a.png)":   "the picture a.png is no SVG",
	} {
		_, err := slide(text)
		assert.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, "Section: ")
	}
}
