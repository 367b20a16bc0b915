package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// diff quotes how a declaration differs between two files: all of its lines,
// so that it can be read without the file.
func (b *book) diff(r region) (string, error) {
	words, _, err := r.words()
	if err != nil {
		return "", err
	}
	if len(words) != 3 {
		return "", errors.New("it needs two files and the name of a declaration")
	}
	name := words[2]
	var texts [2]string
	for i, file := range words[:2] {
		src, err := b.source(tongueOf(r.page), file)
		if err != nil {
			return "", err
		}
		if texts[i], err = quote(file, src, name); err != nil {
			return "", err
		}
	}
	if texts[0] == texts[1] {
		return "", fmt.Errorf("%s is the same in both", name)
	}
	caption := fmt.Sprintf("%s → %s, `%s`:", link(r.page, words[0]), link(r.page, words[1]), name)
	return block(caption, "diff", whole(texts[0], texts[1])), nil
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
