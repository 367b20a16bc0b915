package main

import (
	"go/format"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const whole = `package p

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
	all, err := mutants("p.go", whole)
	require.NoError(t, err)
	var names []string
	for _, m := range all {
		names = append(names, m.what)
		broken := m.apply(whole)
		_, err := format.Source([]byte(broken))
		assert.NoError(t, err, "%s is not Go", m.what)
		assert.NotEqual(t, whole, broken, m.what)
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

// The list is of mutants that there are, in the folders that there are.
func TestSurvivorsAreMutants(t *testing.T) {
	explained, err := readSurvivors("survivors.txt")
	require.NoError(t, err)
	all, _, err := find(filepath.Join("..", ".."), nil)
	require.NoError(t, err)
	folders, names := make(map[string]bool), make(map[string]bool)
	for _, m := range all {
		assert.False(t, names[m.name()], "two mutants are called %s", m.name())
		folders[path.Dir(m.file)], names[m.name()] = true, true
	}
	for name := range explained {
		file, _, _ := strings.Cut(name, " ")
		assert.True(t, names[name] || !folders[path.Dir(file)], "survivors.txt explains what is no mutant: %s", name)
	}
}

// A survivor needs a reason, and a reason needs a survivor.
func TestJudge(t *testing.T) {
	m := mutant{file: "a/b.go", what: "f: one"}
	explained, none := map[string]bool{m.name(): true}, map[string]bool{}
	assert.ErrorContains(t, judge([]outcome{{mutant: m, fate: survived}}, none), "a/b.go f: one")
	assert.NoError(t, judge([]outcome{{mutant: m, fate: survived}}, explained))
	assert.ErrorContains(t, judge([]outcome{{mutant: m, fate: killed}}, explained), "a/b.go f: one")
	assert.NoError(t, judge([]outcome{{mutant: m, fate: killed}, {mutant: m, fate: hung}}, none))
	assert.Equal(t, "| `a` | 2 | 1 | 0 | 1 |", strings.Split(summary([]outcome{{mutant: m, fate: killed}, {mutant: m, fate: hung}}, explained), "\n")[2])
}
