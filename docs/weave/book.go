package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/eventloop/internal/loops"
)

// A book is the repository as weave sees it. All paths in it are relative to
// the root and have slashes.
type book struct {
	root     string
	pages    []string // the Markdown files, the chapters first
	runner   runner   // nil to take outputs as they stand
	fresh    bool     // take outputs again
	progress func(format string, args ...any)

	texts   map[string]string // files read before
	outputs map[string]result // commands run before
	chinese map[string]saying // see chinese.go

	problems []error
}

// A chapter is a page to be read in order, and what links call it.
type chapter struct{ page, title, zh string }

var chapters = []chapter{
	{"docs/README.md", "Contents", "目录"},
	{"docs/0_question.md", "0 The question", "0 一个问题"},
	{"docs/1_polling.md", "1 Polling", "1 轮询"},
	{"docs/2_queue.md", "2 Queue", "2 队列"},
	{"docs/3_event.md", "3 Event", "3 事件"},
	{"docs/scheduler.md", "Be the scheduler", "由你来调度"},
	{"docs/4_real_world.md", "4 The real world", "4 现实世界"},
	{"docs/5_faster.md", "5 Faster", "5 更快"},
	{"docs/6_javascript.md", "6 JavaScript", "6 JavaScript"},
	{"docs/attack.md", "Under attack", "攻击之下"},
	{"docs/article.md", "The article", "文章对照"},
	{"docs/CONTRIBUTING.md", "Contributing", "参与"},
}

// isChapter reports whether a page is held to all the rules: each of its code
// blocks has to come from somewhere. Other pages are woven too, and their
// links are checked, but they may show code of their own.
func isChapter(page string) bool {
	return slices.ContainsFunc(chapters, func(c chapter) bool { return c.page == original(page) })
}

// chapters returns the chapters that are told in a tongue.
func (b *book) chapters(t tongue) (told []chapter) {
	for _, c := range chapters {
		if t == chinese {
			c.page, c.title = twinOf(c.page), c.zh
		}
		if slices.Contains(b.pages, c.page) {
			told = append(told, c)
		}
	}
	return told
}

// A section is some source with a page of its own, comment beside code: the contract,
// or a stage.
type section struct {
	name, title, zh string
	files           []string
	before          string // the folder of the stage before
}

// The files of a stage, as they are read.
var inOrder = []string{"loop.go", "timers.go", "callbacks.go", "queue.go", "heap.go", "event.go"}

func (b *book) sections() []section {
	all := []section{{"contract", "The contract", "契约", []string{"eventloop.go"}, ""}}
	zh := map[string]string{"polling": "轮询", "queue": "队列", "event": "事件"}
	before := ""
	for i, stage := range loops.Stages {
		s := section{stage.Dir, fmt.Sprintf("Stage %d, %s", i+1, stage.Name), fmt.Sprintf("阶段 %d，%s", i+1, zh[stage.Name]), nil, before}
		for _, name := range inOrder {
			if file := stage.Dir + "/" + name; b.exists(file, nil) {
				s.files = append(s.files, file)
			}
		}
		before = stage.Dir
		all = append(all, s)
	}
	return all
}

// made is the text of files, made anew.
type made map[string]string

// open finds the pages of the repository at root.
func open(root string) (*book, error) {
	root, err := filepath.Abs(root)
	b := &book{root: root, runner: goTool(root), texts: map[string]string{}, outputs: map[string]result{}, progress: func(string, ...any) {}}
	for _, c := range chapters {
		if b.exists(c.page, nil) {
			b.pages = append(b.pages, c.page)
		}
	}
	err = cmp.Or(err, filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(root, name)
		if page := filepath.ToSlash(rel); err == nil && !d.IsDir() && path.Ext(page) == ".md" && !slices.Contains(b.pages, page) {
			b.pages = append(b.pages, page)
		}
		return err
	}))
	return b, err
}

// problem notes problems, each once.
func (b *book) problem(problems ...error) {
	for _, p := range problems {
		if p != nil && !slices.ContainsFunc(b.problems, func(e error) bool { return e.Error() == p.Error() }) {
			b.problems = append(b.problems, p)
		}
	}
}

// weave makes everything anew that is committed. It writes nothing.
func (b *book) weave() made {
	out := b.english()
	b.weaveChinese(out)
	for _, p := range b.pages {
		b.problem(b.checkPage(p, out)...)
	}
	return out
}

// english weaves the English pages, if commands are to be run. The others are there as
// they stand.
func (b *book) english() made {
	out := made{}
	for _, p := range b.pages {
		text, err := b.read(p)
		b.problem(err)
		if !isChinese(p) && b.runner != nil {
			var problems []error
			text, problems = eachRegion(p, text, b.weaveRegion)
			b.problem(problems...)
		}
		out[p] = text
	}
	return out
}

// drifted returns the files that are not what they were made anew.
func (m made) drifted(b *book) []string {
	var paths []string
	for p, want := range m {
		if text, err := b.read(p); err != nil || text != want {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
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

// write writes a file, unless it has changed since it was read. Weaving takes a while,
// and nobody's edits are to be lost.
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
	if _, ok := out[p]; ok {
		return true
	}
	_, err := os.Stat(filepath.Join(b.root, filepath.FromSlash(p)))
	return err == nil
}

// relative returns the path that leads from a page to a file.
func relative(page, file string) string {
	rel, _ := filepath.Rel(path.Dir(page), file) // both are within the repository
	return filepath.ToSlash(rel)
}

// nav is the line of links that ends a chapter.
func (b *book) nav(r region) (string, error) {
	page := r.page
	t := tongueOf(page)
	all := b.chapters(t)
	to := func(title, file string) string { return fmt.Sprintf("[%s](%s)", title, relative(page, file)) }
	i := slices.IndexFunc(all, func(c chapter) bool { return c.page == page })
	var links []string
	if i > 1 {
		links = append(links, "← "+to(all[i-1].title, all[i-1].page))
	}
	links = append(links, to(all[0].title, all[0].page))
	if i+1 < len(all) {
		links = append(links, to(all[i+1].title, all[i+1].page)+" →")
	}
	if t == chinese {
		links = append(links, to("English", original(page)))
	} else if twin := twinOf(page); slices.Contains(b.pages, twin) {
		links = append(links, to("中文", twin))
	}
	return "\n" + strings.Join(links, " · ") + "\n", nil
}
