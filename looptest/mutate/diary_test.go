package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What was noticed is not tried again; what survived is, and so is what stands in a
// file that has changed since.
func TestDiary(t *testing.T) {
	name := filepath.Join(t.TempDir(), "mutants.jsonl")
	before := map[string][]byte{"a.go": []byte("a"), "b.go": []byte("b")}
	d, err := openDiary(name, before)
	require.NoError(t, err)
	inA, inB, lives := mutant{file: "a.go", what: "1"}, mutant{file: "b.go", what: "2"}, mutant{file: "a.go", what: "3"}
	require.NoError(t, d.write(outcome{mutant: inA, fate: killed, killer: "TestX"}))
	require.NoError(t, d.write(outcome{mutant: inB, fate: hung}))
	require.NoError(t, d.write(outcome{mutant: lives, fate: survived}))
	require.NoError(t, d.close())

	d, err = openDiary(name, map[string][]byte{"a.go": []byte("a"), "b.go": []byte("b, changed")})
	require.NoError(t, err)
	defer d.close()
	o, ok := d.noticed(inA)
	assert.True(t, ok)
	assert.Equal(t, outcome{mutant: inA, fate: killed, killer: "TestX"}, o)
	for _, m := range []mutant{inB, lives, {file: "a.go", what: "4"}} {
		_, ok := d.noticed(m)
		assert.False(t, ok, m.name())
	}

	require.NoError(t, os.WriteFile(name, []byte("{}\nno line of a diary\n"), 0o666))
	_, err = openDiary(name, before)
	assert.ErrorContains(t, err, "mutants.jsonl:2")

	d, err = openDiary("", before)
	require.NoError(t, err)
	require.NoError(t, d.write(outcome{mutant: inA}), "one that keeps nothing")
	require.NoError(t, d.close())
}
