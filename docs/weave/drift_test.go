package main

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aymanbagabas/go-udiff"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

func theBook(t *testing.T) *book {
	b, err := open(filepath.Join("..", ".."))
	require.NoError(t, err)
	b.progress = func(format string, args ...any) { fmt.Printf(format, args...) } // at once: it takes a while
	return b
}

// The chapters are what their sources make of them today. If this fails,
// "go run -C docs/weave ." writes them anew; look at what that changes.
func TestNothingHasDrifted(t *testing.T) {
	b := theBook(t)
	out := b.weave()
	for _, p := range b.problems {
		t.Error(p)
	}
	for _, path := range out.drifted(b) {
		there, _ := b.read(path)
		t.Errorf("%s has drifted: go run -C docs/weave . writes it anew\n%s", path,
			udiff.Unified("in the repository", "of today's sources", there, out[path]))
	}
}

// Every link of a page leads somewhere, and nothing is loaded from the network. A
// numbered chapter ends with three questions and their answers.
func TestPages(t *testing.T) {
	b := theBook(t)
	pages := b.build()
	require.Empty(t, b.problems)
	ids := map[string]bool{}
	docs := map[string]*html.Node{}
	for page, text := range pages {
		doc, err := html.Parse(strings.NewReader(text))
		require.NoError(t, err)
		docs[page] = doc
		for n := range doc.Descendants() {
			ids[page+"#"+attribute(n, "id")] = true
		}
	}
	for page, doc := range docs {
		heading, folded := "", 0
		for n := range doc.Descendants() {
			switch n.Data {
			case "h2":
				heading, folded = n.FirstChild.Data, 0
			case "details":
				folded++
			}
			to := attribute(n, "src") + attribute(n, "href")
			file, fragment, _ := strings.Cut(to, "#")
			target := path.Join(path.Dir(page), file)
			if file == "" {
				target = page
			}
			switch {
			case strings.Contains(to, ":"):
				if n.Data != "a" {
					t.Errorf("%s loads %s from the network", page, to)
				}
			case !b.exists(target, pages), fragment != "" && docs[target] != nil && !ids[target+"#"+fragment]:
				t.Errorf("%s: the link %q leads nowhere", page, to)
			}
		}
		if name := path.Base(page); name[0] >= '0' && name[0] <= '9' && path.Dir(page) == pagesFolder {
			assert.Equal(t, "Three questions", heading, page)
			assert.Equal(t, 3, folded, page)
		}
	}
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
