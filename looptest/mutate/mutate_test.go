package main

import (
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const source = `package p

import "sync"

const size = 4

func (l *loop) turn(done chan bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over && l.n < size {
		l.a, l.b = 1, l.n
	}
	select {
	case <-done:
		return
	default:
		l.n++
	}
}
`

// What is broken in a small file: each line once read by a person.
func TestMutants(t *testing.T) {
	all, err := mutants("p.go", []byte(source))
	require.NoError(t, err)
	var names []string
	for _, m := range all {
		names = append(names, m.what)
		_, err := format.Source(m.apply([]byte(source)))
		assert.NoError(t, err, "%s is not Go", m.what)
		assert.NotEqual(t, source, string(m.apply([]byte(source))), m.what)
	}
	assert.Equal(t, []string{
		"const: 4 → 5 in const size = 4",
		"const: 4 → 3 in const size = 4",
		"loop.turn: without l.mu.Lock()",
		"loop.turn: without defer l.mu.Unlock()",
		"loop.turn: defer l.mu.Unlock() → l.mu.Unlock()",
		"loop.turn: !l.over && l.n < size → (true || !l.over && l.n < size)",
		"loop.turn: !l.over && l.n < size → (false && !l.over && l.n < size)",
		"loop.turn: && → || in if !l.over && l.n < size {",
		"loop.turn: !l.over && l.n < size → !l.over",
		"loop.turn: !l.over && l.n < size → l.n < size",
		"loop.turn: !l.over → l.over",
		"loop.turn: < → <= in if !l.over && l.n < size {",
		"loop.turn: < → >= in if !l.over && l.n < size {",
		"loop.turn: without l.a, l.b = 1, l.n",
		"loop.turn: without l.a = 1 in l.a, l.b = 1, l.n",
		"loop.turn: without l.b = l.n in l.a, l.b = 1, l.n",
		"loop.turn: 1 → 2 in l.a, l.b = 1, l.n",
		"loop.turn: 1 → 0 in l.a, l.b = 1, l.n",
		"loop.turn: without case <-done: …",
		"loop.turn: without return",
		"loop.turn: without default: …",
		"loop.turn: without l.n++",
		"loop.turn: ++ → -- in l.n++",
		"loop.turn: without l.mu",
	}, names)
}

// once imports a package once.
type once struct {
	types.Importer
	imported map[string]*types.Package
}

func (o once) Import(path string) (*types.Package, error) {
	if o.imported[path] == nil {
		imported, err := o.Importer.Import(path)
		if err != nil {
			return nil, err
		}
		o.imported[path] = imported
	}
	return o.imported[path], nil
}

// A mutant that does not compile would be one that no test had to notice.
func TestMutantsCompile(t *testing.T) {
	root := filepath.Join("..", "..")
	files, err := stageFiles(root)
	require.NoError(t, err)
	set := token.NewFileSet()
	check := types.Config{Importer: once{importer.ForCompiler(set, "source", nil), make(map[string]*types.Package)}}
	parse := func(name string, src []byte) *ast.File {
		parsed, err := parser.ParseFile(set, name, src, parser.SkipObjectResolution)
		require.NoError(t, err, name)
		return parsed
	}
	read := func(file string) []byte {
		src, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		return src
	}
	for _, file := range files {
		var others []*ast.File
		for _, other := range files {
			if other != file && path.Dir(other) == path.Dir(file) {
				others = append(others, parse(other, read(other)))
			}
		}
		src := read(file)
		all, err := mutants(file, src)
		require.NoError(t, err)
		for _, m := range all {
			_, err := check.Check(path.Dir(file), set, append(others, parse(m.name(), m.apply(src))), nil)
			assert.NoError(t, err, m.name())
		}
	}
}

func TestReadSurvivors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "survivors.txt")
	require.NoError(t, os.WriteFile(file, []byte("# Comment\na.go f: one\na.go f: two\n\tBecause\n\tof this.\n\nb.go g: three\n\tOther.\n"), 0o666))
	explained, err := readSurvivors(file)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		"a.go f: one":   "Because of this.",
		"a.go f: two":   "Because of this.",
		"b.go g: three": "Other.",
	}, explained)

	require.NoError(t, os.WriteFile(file, []byte("a.go f: one\n"), 0o666))
	_, err = readSurvivors(file)
	assert.ErrorContains(t, err, "no reason is given for a.go f: one")
}

// The list is of mutants that there are.
func TestSurvivorsAreMutants(t *testing.T) {
	explained, err := readSurvivors("survivors.txt")
	require.NoError(t, err)
	root := filepath.Join("..", "..")
	files, err := stageFiles(root)
	require.NoError(t, err)
	names := make(map[string]bool)
	for _, file := range files {
		src, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		all, err := mutants(file, src)
		require.NoError(t, err)
		for _, m := range all {
			assert.False(t, names[m.name()], "two mutants are called %s", m.name())
			names[m.name()] = true
		}
	}
	for name := range explained {
		assert.True(t, names[name], "survivors.txt explains what is no mutant: %s", name)
	}
}
