package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// diff quotes how a declaration differs between two files: all of its lines,
// so that it can be read without the file.
func (b *book) diff(r region) (string, error) {
	words, values, err := r.words("doc")
	if err != nil {
		return "", err
	}
	if len(words) != 3 {
		return "", errors.New("it needs two files and the name of a declaration")
	}
	name := words[2]
	var texts [2]string
	for i, file := range words[:2] {
		src, err := b.read(file)
		if err != nil {
			return "", err
		}
		if texts[i], err = quote(file, src, name, values["doc"] != "", ""); err != nil {
			return "", err
		}
	}
	if texts[0] == texts[1] {
		return "", fmt.Errorf("%s is the same in both", name)
	}
	caption := fmt.Sprintf("%s → %s, `%s`:", link(r.page, words[0]), link(r.page, words[1]), name)
	return block(caption, "diff", whole(texts[0], texts[1])), nil
}

// whole is a diff with all the lines that have not changed, and no headers.
func whole(old, new string) string {
	var out strings.Builder
	rest := lines(old)
	for _, h := range hunks(old, new) {
		for n := h.oldLine - (len(lines(old)) - len(rest)) - 1; n > 0; n-- {
			out.WriteString(" " + rest[0] + "\n")
			rest = rest[1:]
		}
		for _, line := range h.lines {
			out.WriteString(line + "\n")
			if line[0] != '+' {
				rest = rest[1:]
			}
		}
	}
	for _, line := range rest {
		out.WriteString(" " + line + "\n")
	}
	return out.String()
}

// A hunk is a part of a unified diff.
type hunk struct {
	header  string
	oldLine int // its first line in the old text
	lines   []string
}

// hunks returns the unified diff of two texts, in parts.
func hunks(old, new string) []hunk {
	var hs []hunk
	for line := range strings.Lines(string(diff.Diff("old", []byte(old+"\n"), "new", []byte(new+"\n")))) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "@@ "):
			h := hunk{header: line}
			fmt.Sscanf(line, "@@ -%d", &h.oldLine)
			hs = append(hs, h)
		case len(hs) > 0 && line != "":
			h := &hs[len(hs)-1]
			h.lines = append(h.lines, line)
		}
	}
	return hs
}

func lines(s string) []string { return strings.Split(s, "\n") }
