package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"example.com/eventloop/internal/source"
)

// code quotes declarations of a Go file.
func (b *book) code(r region) (string, error) {
	words, err := r.words()
	if err != nil {
		return "", err
	}
	if len(words) < 2 {
		return "", errors.New("it needs a file and the name of a declaration")
	}
	file, names := words[0], words[1:]
	var parts []string
	for _, name := range names {
		part, err := b.quote(r, file, name)
		if err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	t := tongueOf(r.page)
	caption := link(r.page, file) + t.pick(", `", "，`") + strings.Join(names, t.pick("`, `", "`、`")) + t.pick("`:", "`：")
	return block(caption, "go", strings.Join(parts, "\n\n")), nil
}

// quote returns the source of a declaration, without the comment above it. Its other
// comments are in the tongue of the page.
func (b *book) quote(r region, file, name string) (string, error) {
	src, err := b.read(file)
	if err != nil {
		return "", err
	}
	f, err := source.Parse(file, src)
	if err != nil {
		return "", err
	}
	d, err := f.Find(name)
	if err != nil {
		return "", err
	}
	rest, _, _ := strings.Cut(src[f.Offset(d.Node.End()):], "\n") // a comment on its last line
	return b.snippet(tongueOf(r.page), file, f.Text(d.Node)+rest), nil
}

// diff quotes how a declaration differs between two files: all of its lines,
// so that it can be read without the file.
func (b *book) diff(r region) (string, error) {
	words, err := r.words()
	if err != nil {
		return "", err
	}
	if len(words) != 3 {
		return "", errors.New("it needs two files and the name of a declaration")
	}
	old, err := b.quote(r, words[0], words[2])
	if err != nil {
		return "", err
	}
	new, err := b.quote(r, words[1], words[2])
	if err != nil {
		return "", err
	}
	if old == new {
		return "", fmt.Errorf("%s is the same in both", words[2])
	}
	t := tongueOf(r.page)
	caption := link(r.page, words[0]) + " → " + link(r.page, words[1]) + t.pick(", `", "，`") + words[2] + t.pick("`:", "`：")
	return block(caption, "diff", whole(old, new)), nil
}

// whole is a unified diff with all the lines that have not changed, and no
// headers.
func whole(old, new string) string {
	for _, text := range []*string{&old, &new} {
		if *text != "" {
			*text += "\n"
		}
	}
	text, err := udiff.ToUnified("", "", old, udiff.Lines(old, new), strings.Count(old, "\n"))
	if err != nil {
		panic(err) // its own edits do not fit
	}
	_, body, _ := strings.Cut(text, "@@\n") // after the one header that there is
	return body
}
