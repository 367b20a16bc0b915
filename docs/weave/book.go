package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A book is the repository as weave sees it. All paths in it are relative to
// the root and have slashes.
type book struct {
	root     string
	pages    []string // the Markdown files, the chapters first
	runner   runner
	fresh    bool         // take outputs again
	progress func(string) // told what takes long; nil if nobody listens

	texts   map[string]string // files read before
	outputs map[string]result // commands run before
	shown   map[string][]string
	chinese map[string]string // Go files, with Chinese comments
	banned  []banned
}

// A chapter is a page that somebody reads in order, and what links call it.
type chapter struct{ page, title string }

var chapters = []chapter{
	{"docs/README.md", "Contents"},
	{"docs/0_question.md", "0 The question"},
	{"docs/1_polling.md", "1 Polling"},
	{"docs/2_queue.md", "2 Queue"},
	{"docs/3_event.md", "3 Event"},
	{"docs/4_real_world.md", "4 The real world"},
	{"docs/5_faster.md", "5 Faster"},
	{"docs/6_javascript.md", "6 JavaScript"},
	{"docs/attack.md", "Under attack"},
	{"docs/article.md", "The article"},
	{"docs/CONTRIBUTING.md", "Contributing"},
}

// numberOf returns which chapter a page is, or is the twin of, or -1.
func numberOf(page string) int {
	return slices.IndexFunc(chapters, func(c chapter) bool { return c.page == original(page) })
}

// made is what weaving has made: the text of files.
type made map[string]string

// open finds the pages of the repository at root.
func open(root string, r runner) (*book, error) {
	b := &book{
		root:    root,
		runner:  r,
		texts:   map[string]string{},
		outputs: map[string]result{},
		shown:   map[string][]string{},
	}
	var found []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(name, ".md") {
			rel, err := filepath.Rel(root, name)
			if err != nil {
				return err
			}
			found = append(found, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, c := range chapters {
		if slices.Contains(found, c.page) {
			b.pages = append(b.pages, c.page)
		}
	}
	for _, p := range found {
		if !slices.Contains(b.pages, p) {
			b.pages = append(b.pages, p)
		}
	}
	return b, nil
}

// isChapter reports whether a page is held to all the rules: each of its code
// blocks has to come from somewhere. Other pages are woven too, and their
// links are checked, but they may show code of their own.
func isChapter(page string) bool {
	return numberOf(page) >= 0
}

// weave makes everything anew and says what is wrong with it. It writes
// nothing.
func (b *book) weave() (made, []error) {
	out := made{}
	var problems []error
	for _, p := range b.pages {
		text, err := b.read(p)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if isChinese(p) {
			out[p] = text // to be woven when the English is
			continue
		}
		woven, errs := b.weavePage(p, text)
		out[p] = woven
		problems = append(problems, errs...)
	}
	// The list of commands needs all pages to have been read.
	for _, p := range b.pages {
		problems = append(problems, b.gatherCommands(p, out[p])...)
	}
	for _, p := range b.pages {
		woven, errs := b.weaveLists(p, out[p])
		out[p] = woven
		problems = append(problems, errs...)
	}
	problems = append(problems, b.weaveChinese(out)...)
	problems = append(problems, b.tryCommands()...)

	if guide, ok := out[guidePage]; ok {
		slides, err := b.slides(guide)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", guidePage, err))
		} else {
			out[slidesPage] = slides
		}
	}
	html, errs := b.render(out)
	problems = append(problems, errs...)
	maps.Copy(out, html)

	for _, p := range b.pages {
		problems = append(problems, b.checkPage(p, out)...)
	}
	for _, p := range slices.Sorted(maps.Keys(html)) {
		problems = append(problems, b.checkHTML(p, out)...)
	}
	return out, once(problems)
}

// once leaves out what has been said before: one page may have the same wrong
// link ten times.
func once(problems []error) (rest []error) {
	said := map[string]bool{}
	for _, p := range problems {
		if !said[p.Error()] {
			rest = append(rest, p)
		}
		said[p.Error()] = true
	}
	return rest
}

// drifted returns the files that are not what they were made anew.
func (m made) drifted(b *book) []string {
	var paths []string
	for _, p := range slices.Sorted(maps.Keys(m)) {
		if text, err := b.read(p); err != nil || text != m[p] {
			paths = append(paths, p)
		}
	}
	return paths
}

// read returns the text of a file, with \n at the end of its lines: a checkout
// may have made \r\n of them.
func (b *book) read(p string) (string, error) {
	if text, ok := b.texts[p]; ok {
		return text, nil
	}
	raw, err := os.ReadFile(filepath.Join(b.root, filepath.FromSlash(p)))
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", p, err)
	}
	text := strings.ReplaceAll(string(raw), "\r\n", "\n")
	b.texts[p] = text
	return text, nil
}

// write writes a file, unless somebody has changed it since it was read: weaving
// takes a while, and nobody's edits are to be lost.
func (b *book) write(p, text string) error {
	was, known := b.texts[p]
	delete(b.texts, p)
	if now, err := b.read(p); known && (err != nil || now != was) {
		return fmt.Errorf("%s has changed meanwhile and stays as it is: weave again", p)
	}
	name := filepath.Join(b.root, filepath.FromSlash(p))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	b.texts[p] = text
	return os.WriteFile(name, []byte(text), 0o644)
}

// exists reports whether there is such a file or folder, or will be.
func (b *book) exists(p string, out made) bool {
	for made := range out {
		if made == p || strings.HasPrefix(made, p+"/") {
			return true
		}
	}
	_, err := os.Stat(filepath.Join(b.root, filepath.FromSlash(p)))
	return err == nil
}

func (b *book) say(format string, args ...any) {
	if b.progress != nil {
		b.progress(fmt.Sprintf(format, args...))
	}
}
