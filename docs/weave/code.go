package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// code quotes declarations of a Go file.
func (b *book) code(r region) (string, error) {
	words, _, err := r.words()
	if err != nil {
		return "", err
	}
	if len(words) < 2 {
		return "", errors.New("it needs a file and the name of a declaration")
	}
	file, names := words[0], words[1:]
	src, err := b.source(tongueOf(r.page), file)
	if err != nil {
		return "", err
	}
	var parts []string
	for _, name := range names {
		part, err := quote(file, src, name)
		if err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	what := "`" + strings.Join(names, "`, `") + "`"
	return block(link(r.page, file)+", "+what+":", "go", strings.Join(parts, "\n\n")), nil
}

// quote returns the source of the declaration called name (Func, Type,
// Type.Method, a constant or variable), without the comment above it.
func quote(file, src, name string) (string, error) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	decl, _ := find(parsed, name)
	if decl == nil {
		return "", fmt.Errorf("there is no %s in %s", name, file)
	}
	to := fset.Position(decl.End()).Offset
	rest, _, _ := strings.Cut(src[to:], "\n") // a comment on its last line
	return src[fset.Position(decl.Pos()).Offset:to] + rest, nil
}

// find returns the declaration of that name and its comment.
func find(file *ast.File, name string) (ast.Decl, *ast.CommentGroup) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if funcName(d) == name {
				return d, d.Doc
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if s.Name.Name == name {
						return d, d.Doc
					}
				case *ast.ValueSpec:
					for _, n := range s.Names {
						if n.Name == name {
							return d, d.Doc
						}
					}
				}
			}
		}
	}
	return nil, nil
}

// funcName returns the name of a function, or Type.name of a method.
func funcName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	t := f.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if generic, ok := t.(*ast.IndexExpr); ok {
		t = generic.X
	}
	return fmt.Sprintf("%s.%s", t, f.Name)
}
