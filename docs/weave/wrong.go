package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/imports"
)

var goFence = regexp.MustCompile("(?s)```go\n(.*?)```")

// wrong checks a snippet that is wrong on purpose, and says so above it. The
// snippet stays as it is written.
func (b *book) wrong(r region) (string, error) {
	words, values, err := r.words("fails")
	if err != nil {
		return "", err
	}
	if len(words) != 1 {
		return "", errors.New("it needs the file that the snippet is about")
	}
	file := words[0]
	m := goFence.FindStringSubmatch(r.body)
	if m == nil {
		return "", errors.New("there is no ```go snippet in it")
	}
	snippet := m[1]
	src, err := b.read(file)
	if err != nil {
		return "", err
	}
	if occurs(snippet, src) {
		return "", fmt.Errorf("the snippet is marked as broken, but %s has just that", file)
	}
	caption := "**BROKEN**, not in " + link(r.page, file)
	if test := values["fails"]; test != "" {
		if err := b.tryIt(file, src, snippet, test); err != nil {
			return "", err
		}
		caption += ": put there, it fails `" + test + "`"
	}
	return block(caption+".", "go", snippet), nil
}

// occurs reports whether the code in a snippet, whatever its space and its
// comments, occurs in a source.
func occurs(snippet, src string) bool {
	part, all := tokens(snippet), tokens(src)
	for i := 0; len(part) > 0 && i+len(part) <= len(all); i++ {
		if slices.Equal(all[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

func tokens(src string) (all []string) {
	var s scanner.Scanner
	fset := token.NewFileSet()
	s.Init(fset.AddFile("", -1, len(src)), []byte(src), nil, 0)
	for {
		_, tok, literal := s.Scan()
		switch {
		case tok == token.EOF:
			return all
		case tok == token.SEMICOLON: // perhaps only the end of a line
			continue
		case literal == "" || !tok.IsLiteral():
			literal = tok.String()
		}
		all = append(all, literal)
	}
}

// tryIt puts the declarations of the snippet in the place of those of the same
// name. The test has to fail then.
func (b *book) tryIt(file, src, snippet, test string) error {
	changed, err := replace(file, src, snippet)
	if err != nil {
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
	original := filepath.Join(absolute(b.root), filepath.FromSlash(file))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: instead}})
	if err != nil {
		return err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := errors.Join(os.WriteFile(instead, []byte(changed), 0o644), os.WriteFile(list, overlay, 0o644)); err != nil {
		return err
	}
	b.say("with a broken %s, %s", file, test)
	err = b.fails(list, "./"+path.Dir(file), test)
	b.outputs[name] = result{err: err}
	return err
}

func (b *book) fails(overlay, folder, test string) error {
	pattern := "^" + strings.ReplaceAll(test, "/", "$/^") + "$"
	stdout, exit, err := b.runner.run([]string{"go", "test", "-short", "-overlay=" + overlay, "-run=" + pattern, folder})
	switch {
	case exit == 0 && err != nil:
		return err
	case exit == 0:
		return fmt.Errorf("the snippet is marked as failing %s, but that passes:\n%s", test, stdout)
	case !strings.Contains(stdout, "--- FAIL: "+test+" "):
		return fmt.Errorf("the snippet is marked as failing %s, but what fails is something else:\n%w", test, err)
	}
	return nil
}

// replace returns src with each declaration of the snippet in the place of the
// one of that name, and the imports that it then needs.
func replace(file, src, snippet string) (string, error) {
	const head = "package p\n"
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, "snippet", head+snippet, parser.ParseComments)
	if err != nil {
		return "", fmt.Errorf("the snippet has to be declarations: %w", err)
	}
	for _, decl := range parsed.Decls {
		name := declName(decl)
		text := (head + snippet)[fset.Position(decl.Pos()).Offset:fset.Position(decl.End()).Offset]
		inSrc := token.NewFileSet()
		f, err := parser.ParseFile(inSrc, file, src, parser.ParseComments)
		if err != nil {
			return "", err
		}
		old, _ := find(f, name)
		if old == nil {
			return "", fmt.Errorf("%s declares no %s that the snippet could replace", file, name)
		}
		src = src[:inSrc.Position(old.Pos()).Offset] + text + src[inSrc.Position(old.End()).Offset:]
	}
	// Where the module has another path, that does not end in its package's name.
	root := strconv.Quote(module())
	src = strings.Replace(src, "\n\t"+root, "\n\teventloop "+root, 1)
	out, err := imports.Process(file, []byte(src), nil)
	return string(out), err
}

func declName(decl ast.Decl) string {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		return funcName(d)
	case *ast.GenDecl:
		switch s := d.Specs[0].(type) {
		case *ast.TypeSpec:
			return s.Name.Name
		case *ast.ValueSpec:
			return s.Names[0].Name
		}
	}
	return ""
}
