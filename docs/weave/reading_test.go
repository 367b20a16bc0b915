package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

// A numbered chapter ends with three questions, each with an answer to unfold.
func TestChaptersEndWithThreeQuestions(t *testing.T) {
	for page, doc := range chaptersAsHTML(t) {
		name := filepath.Base(page)
		if name[0] < '0' || name[0] > '9' {
			continue
		}
		var heading string
		var folded int
		for n := range doc.Descendants() {
			switch n.Data {
			case "h2":
				heading, folded = textOf(n), 0
			case "details":
				folded++
			}
		}
		assert.Equal(t, "Three questions", heading, "the last heading of %s", page)
		assert.Equal(t, 3, folded, "answers at the end of %s", page)
	}
}

// What is folded has a summary, and is Markdown: without an empty line above and
// below it would be taken for HTML, and its ` and * be shown.
func TestWhatIsFoldedIsMarkdown(t *testing.T) {
	for page, doc := range chaptersAsHTML(t) {
		for n := range doc.Descendants() {
			if n.Data != "details" {
				continue
			}
			var elements []string
			for child := range n.ChildNodes() {
				if child.Type == html.ElementNode {
					elements = append(elements, child.Data)
				} else {
					assert.Empty(t, strings.TrimSpace(child.Data), "%s: not in a paragraph", page)
				}
			}
			require.NotEmpty(t, elements, page)
			assert.Equal(t, "summary", elements[0], page)
			assert.Greater(t, len(elements), 1, "%s: nothing is folded in %q", page, textOf(n))
			assert.NotContains(t, elements, "details", "%s: %q is not closed", page, textOf(n))
		}
	}
}

// What may be wider than the page scrolls by itself, also for who has only a keyboard.
func TestWhatScrollsCanHaveTheFocus(t *testing.T) {
	for page, doc := range chaptersAsHTML(t) {
		for n := range doc.Descendants() {
			if n.Data == "pre" || n.Data == "table" {
				if n.Data == "table" {
					n = n.Parent
				}
				assert.Contains(t, n.Attr, html.Attribute{Key: "tabindex", Val: "0"}, "%s: %.60q", page, textOf(n))
			}
		}
	}
}

// On a phone a picture is some 360 points wide, and its text should be 10 high at least.
// And each says what it is, and has colours for a dark page.
func TestPicturesCanBeReadOnAPhone(t *testing.T) {
	viewBox := regexp.MustCompile(`viewBox="0 0 ([\d.]+) `)
	fontSize := regexp.MustCompile(`font(?:-size)?: ?([\d.]+)px`)
	for _, folder := range []string{"pictures", "results"} {
		files, err := filepath.Glob(filepath.Join("..", folder, "*.svg"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			svg, err := os.ReadFile(file)
			require.NoError(t, err)
			box := viewBox.FindSubmatch(svg)
			sizes := fontSize.FindAllSubmatch(svg, -1)
			require.NotEmpty(t, box, file)
			require.NotEmpty(t, sizes, file)
			width, err := strconv.ParseFloat(string(box[1]), 64)
			require.NoError(t, err, file)
			for _, size := range sizes {
				points, err := strconv.ParseFloat(string(size[1]), 64)
				require.NoError(t, err, file)
				assert.GreaterOrEqual(t, points*360/width, 10.0, "%s: %s", file, size[0])
			}
			assert.Contains(t, string(svg), "</title>", file)
			assert.Contains(t, string(svg), "prefers-color-scheme: dark", file)
		}
	}
}

func chaptersAsHTML(t *testing.T) map[string]*html.Node {
	t.Helper()
	root := filepath.Join("..", "..")
	b, err := open(root, goTool{root})
	require.NoError(t, err)
	pages := map[string]*html.Node{}
	for _, c := range chapters {
		source, err := b.read(c.page)
		require.NoError(t, err)
		body, err := chapterHTML(c.page, source)
		require.NoError(t, err)
		pages[c.page], err = html.Parse(strings.NewReader(string(body)))
		require.NoError(t, err)
	}
	return pages
}

func textOf(n *html.Node) string {
	var text strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			text.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(text.String())
}
