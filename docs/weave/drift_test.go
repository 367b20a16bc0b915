package main

import (
	"path/filepath"
	"testing"

	"github.com/aymanbagabas/go-udiff"
	"github.com/stretchr/testify/require"
)

// The pages in docs are what their sources make of them today. If this fails,
// "go run -C docs/weave ." writes them anew; look at what that changes.
func TestNothingHasDrifted(t *testing.T) {
	root := filepath.Join("..", "..")
	b, err := open(root, goTool{root})
	require.NoError(t, err)
	b.progress = func(what string) { t.Log(what) }
	out, problems := b.weave()
	for _, p := range problems {
		t.Error(p)
	}
	for command := range instead {
		if b.shown[command] == nil {
			t.Errorf("there is something to be run instead of %q, which nobody shows", command)
		}
	}
	for _, path := range out.drifted(b) {
		there, err := b.read(path)
		if err != nil {
			t.Errorf("%s is not there: go run -C docs/weave . makes it", path)
			continue
		}
		t.Errorf("%s has drifted: go run -C docs/weave . writes it anew\n%s", path,
			udiff.Unified("in the repository", "of today's sources", there, out[path]))
	}
}
