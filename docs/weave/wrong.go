package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/imports"

	"example.com/eventloop/internal/source"
)

var goFence = regexp.MustCompile("(?s)```go\n(.*?)```")

// wrong checks a snippet that is wrong on purpose, and says so above it. The
// snippet stays as it is written.
func (b *book) wrong(r region) (string, error) {
	words, err := r.words()
	if err != nil {
		return "", err
	}
	file, test := "", ""
	for _, w := range words {
		if name, ok := strings.CutPrefix(w, "fails="); ok {
			test = name
		} else {
			file = w
		}
	}
	m := goFence.FindStringSubmatch(r.body)
	if m == nil || file == "" {
		return "", errors.New("it needs the file that the snippet is about, and a ```go snippet")
	}
	snippet := m[1]
	src, err := b.read(file)
	if err != nil {
		return "", err
	}
	if strings.Contains(bare(src), bare(snippet)) {
		return "", fmt.Errorf("the snippet is marked as broken, but %s has just that", file)
	}
	t := tongueOf(r.page)
	caption := t.pick("**BROKEN**, not in ", "**写错的**，不在 ") + link(r.page, file) + t.pick("", " 里")
	if test != "" {
		if err := b.tryIt(file, src, snippet, test); err != nil {
			return "", err
		}
		caption += t.pick(": put there, it fails `", "：放进去，`") + test + t.pick("`", "` 就不通过")
	}
	return block(caption+t.pick(".", "。"), "go", b.snippet(t, file, snippet)), nil
}

// bare is code without its space and comments.
func bare(code string) string {
	for _, c := range slices.Backward(commentsOf(code)) {
		code = code[:c.from] + code[c.to:]
	}
	return strings.Join(strings.Fields(code), "")
}

// tryIt puts the declarations of the snippet in the place of those of the same
// name. The test has to fail then.
func (b *book) tryIt(file, src, snippet, test string) error {
	changed, err := replace(file, src, snippet)
	if err != nil || b.runner == nil {
		return err
	}
	name := strings.Join([]string{"with", file, changed, test}, "\n")
	if done, ok := b.outputs[name]; ok {
		return done.err
	}
	dir, err := os.MkdirTemp("", "weave-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	instead := filepath.Join(dir, path.Base(file))
	original := filepath.Join(b.root, filepath.FromSlash(file))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: instead}})
	if err != nil {
		return err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := errors.Join(os.WriteFile(instead, []byte(changed), 0o644), os.WriteFile(list, overlay, 0o644)); err != nil {
		return err
	}
	b.progress("with a broken %s, %s\n", file, test)
	pattern := "^" + strings.ReplaceAll(test, "/", "$/^") + "$"
	stdout, exit, err := b.runner([]string{"go", "test", "-short", "-timeout=1m", "-overlay=" + list, "-run=" + pattern, "./" + path.Dir(file)})
	switch {
	case exit == 0 && err == nil:
		err = fmt.Errorf("the snippet is marked as failing %s, but that passes:\n%s", test, stdout)
	case strings.Contains(stdout, "--- FAIL: "+test+" "):
		err = nil
	case exit != 0:
		err = fmt.Errorf("the snippet is marked as failing %s, but what fails is something else:\n%w", test, err)
	}
	b.outputs[name] = result{err: err}
	return err
}

// replace returns src with each declaration of the snippet in the place of the
// one of that name, and the imports that it then needs.
func replace(file, src, snippet string) (string, error) {
	parsed, err := source.Parse("the snippet", "package p\n"+snippet)
	if err != nil {
		return "", fmt.Errorf("the snippet has to be declarations: %w", err)
	}
	for _, d := range parsed.Decls() {
		whole, err := source.Parse(file, src)
		if err != nil {
			return "", err
		}
		old, err := whole.Find(d.Names[0])
		if err != nil {
			return "", fmt.Errorf("%w, which the snippet could replace", err)
		}
		src = src[:whole.Offset(old.Node.Pos())] + parsed.Text(d.Node) + src[whole.Offset(old.Node.End()):]
	}
	// Where the module has another path, that does not end in its package's name.
	root := strconv.Quote(module())
	src = strings.Replace(src, "\n\t"+root, "\n\teventloop "+root, 1)
	out, err := imports.Process(file, []byte(src), nil)
	return string(out), err
}

// module is the path of the module at the root, whatever it is called here.
func module() string {
	info, _ := debug.ReadBuildInfo()
	return strings.TrimSuffix(info.Main.Path, "/docs")
}
