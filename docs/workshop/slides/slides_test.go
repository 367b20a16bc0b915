package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The slides in the repository are those of the guide.
func TestTheSlidesAreUpToDate(t *testing.T) {
	want, err := render("..")
	require.NoError(t, err)
	got, err := os.ReadFile("../slides.html")
	require.NoError(t, err)
	assert.Equal(t, string(want), strings.ReplaceAll(string(got), "\r\n", "\n"), "to make them anew: go run -C docs/workshop/slides .")
}

// They work without a network: nothing is loaded from anywhere.
func TestTheSlidesNeedNoNetwork(t *testing.T) {
	html, err := render("..")
	require.NoError(t, err)
	for _, found := range regexp.MustCompile(`(?i)\b(?:src|srcset|poster|data)="([^"]*)"|url\(([^)]*)\)|@import|<link\b`).FindAllStringSubmatch(string(html), -1) {
		assert.True(t, strings.HasPrefix(found[1], "data:"), found[0])
	}
	for _, link := range regexp.MustCompile(`<a href="([^"#]*)`).FindAllStringSubmatch(string(html), -1) {
		assert.FileExists(t, filepath.Join("..", filepath.FromSlash(link[1])))
	}
	assert.NotContains(t, string(html), "<!-- ")
}

const oneSection = `## Section

Minutes: 45 of 45, 90 of 90, 180 of 180

<!-- slide -->
%
<!-- slide end -->
`

func TestRender(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	slide := func(text string) (string, error) {
		write("GUIDE.md", strings.Replace(oneSection, "%", text, 1))
		html, err := render(dir)
		return string(html), err
	}
	write("a.svg", "<svg/>")
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
