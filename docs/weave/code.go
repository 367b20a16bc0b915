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
	words, values, err := r.words("doc", "stmt")
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
		part, err := quote(file, src, name, values["doc"] != "", values["stmt"])
		if err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	what := "`" + strings.Join(names, "`, `") + "`"
	if values["stmt"] != "" {
		what = "in " + what
	}
	return block(link(r.page, file)+", "+what+":", "go", strings.Join(parts, "\n\n")), nil
}

// quote returns the source of the declaration called name (Func, Type,
// Type.Method, a constant or variable), with its comment if doc is set. With a
// statement it returns only the first one in there that begins so, dedented.
func quote(file, src, name string, doc bool, statement string) (string, error) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	decl, comment := find(parsed, name)
	if decl == nil {
		return "", fmt.Errorf("there is no %s in %s", name, file)
	}
	var node ast.Node = decl
	if statement != "" {
		if node = statementIn(fset, decl, src, statement); node == nil {
			return "", fmt.Errorf("no statement in %s of %s begins with %q", name, file, statement)
		}
	}
	from := fset.Position(node.Pos())
	if doc && comment != nil && statement == "" {
		from = fset.Position(comment.Pos())
	}
	to := fset.Position(node.End()).Offset
	rest, _, _ := strings.Cut(src[to:], "\n") // a comment on its last line
	return dedent(src[from.Offset:to]+rest, from.Column-1), nil
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

func statementIn(fset *token.FileSet, decl ast.Decl, src, prefix string) (found ast.Node) {
	ast.Inspect(decl, func(n ast.Node) bool {
		if stmt, ok := n.(ast.Stmt); ok && found == nil && strings.HasPrefix(src[fset.Position(stmt.Pos()).Offset:], prefix) {
			if _, isBlock := stmt.(*ast.BlockStmt); !isBlock {
				found = stmt
			}
		}
		return found == nil
	})
	return found
}

// dedent takes the indentation of the first line, whose tabs are cut off
// already, from all others.
func dedent(code string, tabs int) string {
	return strings.ReplaceAll(code, "\n"+strings.Repeat("\t", tabs), "\n")
}
