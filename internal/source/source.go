// Package source finds declarations in Go source, for what quotes, compares or changes
// them.
package source

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
)

// A File is a parsed Go file.
type File struct {
	Fset *token.FileSet
	AST  *ast.File
	Src  string
}

// Parse parses src, comments included. The name is for errors only.
func Parse(name, src string) (*File, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return &File{fset, file, src}, nil
}

// A Decl is a declaration at the top level of a file. Imports are none.
type Decl struct {
	Names []string // of a function, Type.Method, a type, or the constants and variables of one group
	Doc   *ast.CommentGroup
	Node  ast.Decl
}

// Decls returns the declarations of f, in their order.
func (f *File) Decls() (decls []Decl) {
	for _, d := range f.AST.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			decls = append(decls, Decl{[]string{funcName(d)}, d.Doc, d})
		case *ast.GenDecl:
			var names []string
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						names = append(names, name.Name)
					}
				}
			}
			if len(names) > 0 {
				decls = append(decls, Decl{names, d.Doc, d})
			}
		}
	}
	return decls
}

// Find returns the declaration of that name: Func, Type, Type.Method, a constant or a
// variable.
func (f *File) Find(name string) (Decl, error) {
	for _, d := range f.Decls() {
		if slices.Contains(d.Names, name) {
			return d, nil
		}
	}
	return Decl{}, fmt.Errorf("there is no %s in %s", name, f.Fset.Position(f.AST.Pos()).Filename)
}

// Text returns the source of a node.
func (f *File) Text(node ast.Node) string {
	return f.Src[f.Offset(node.Pos()):f.Offset(node.End())]
}

// WithDoc returns the source of a declaration with the comment above it.
func (f *File) WithDoc(d Decl) string {
	from := d.Node.Pos()
	if d.Doc != nil {
		from = d.Doc.Pos()
	}
	return f.Src[f.Offset(from):f.Offset(d.Node.End())]
}

// Offset returns where in Src a position is, in bytes.
func (f *File) Offset(p token.Pos) int { return f.Fset.Position(p).Offset }

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
	return fmt.Sprintf("%s.%s", t, f.Name.Name)
}
