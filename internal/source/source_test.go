package source

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const src = `package p

import "fmt"

// F prints.
func F() { fmt.Println() }

type T[V any] struct{}

// M is a method.
func (t *T[V]) M() {}

const (
	a, b = 1, 2
	c    = 3
)
`

func TestFind(t *testing.T) {
	f, err := Parse("p.go", src)
	require.NoError(t, err)
	var all [][]string
	for _, d := range f.Decls() {
		all = append(all, d.Names)
	}
	assert.Equal(t, [][]string{{"F"}, {"T"}, {"T.M"}, {"a", "b", "c"}}, all)

	d, err := f.Find("T.M")
	require.NoError(t, err)
	assert.Equal(t, "func (t *T[V]) M() {}", f.Text(d.Node))
	assert.Equal(t, "// M is a method.\nfunc (t *T[V]) M() {}", f.WithDoc(d))

	d, err = f.Find("b")
	require.NoError(t, err)
	assert.Contains(t, f.Text(d.Node), "c    = 3")

	_, err = f.Find("fmt")
	assert.ErrorContains(t, err, "there is no fmt in p.go")
	_, err = Parse("p.go", "package")
	assert.ErrorContains(t, err, "p.go:1")
}
