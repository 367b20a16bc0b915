package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the excerpts anew from the stages' source")

// What the page shows as a stage's source is that stage's source.
func TestExcerptsAreTheStagesOwnLines(t *testing.T) {
	for _, lane := range laneViews {
		source := filepath.Join("..", "..", lane.Folder, lane.File)
		want, err := excerptOf(source, lane.parts)
		require.NoError(t, err)
		if *update {
			require.NoError(t, os.WriteFile(lane.excerptFile(), []byte(want), 0o644))
			continue
		}
		got, err := excerpts.ReadFile(lane.excerptFile())
		require.NoError(t, err)
		assert.Equal(t, want, string(got), "%s has changed; \"go generate ./bench/live\" writes the page's excerpt anew", source)
	}
}

// excerptOf returns the parts of a file, each below the name of its method,
// without the lines that are comment and nothing else: the page has no room
// for them.
func excerptOf(file string, parts []part) (string, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	var excerpt []string
	for _, p := range parts {
		lines := statement(fset, parsed, string(src), p)
		if lines == nil {
			return "", fmt.Errorf("%s: no statement in %s begins with %q", file, p.method, p.statement)
		}
		excerpt = append(excerpt, "// "+p.method+"\n"+strings.Join(lines, "\n")+"\n")
	}
	return strings.Join(excerpt, "\n"), nil
}

// statement returns the lines of a part, the first of them not indented.
func statement(fset *token.FileSet, file *ast.File, src string, p part) (lines []string) {
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || method(f) != p.method {
			continue
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			stmt, ok := n.(ast.Stmt)
			if !ok || lines != nil {
				return lines == nil
			}
			start, end := fset.Position(stmt.Pos()), fset.Position(stmt.End())
			if !strings.HasPrefix(src[start.Offset:], p.statement) {
				return true
			}
			rest, _, _ := strings.Cut(src[end.Offset:], "\n") // a comment on its last line
			indent := strings.Repeat("\t", start.Column-1)
			for line := range strings.Lines(src[start.Offset:end.Offset] + rest) {
				line = strings.TrimPrefix(strings.TrimRight(line, "\r\n"), indent)
				if !strings.HasPrefix(strings.TrimSpace(line), "//") {
					lines = append(lines, line)
				}
			}
			return false
		})
	}
	return lines
}

// method returns a method's name as "receiver.name".
func method(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	receiver := f.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	return fmt.Sprintf("%s.%s", receiver, f.Name)
}
