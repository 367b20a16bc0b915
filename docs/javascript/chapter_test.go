package main

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A script that the chapter shows is the one that runs.
func TestChapterShowsTheScripts(t *testing.T) {
	chapter := content(t, filepath.Join("..", "6_javascript.md"))
	shown := regexp.MustCompile("(?s)\\[`scripts/[a-z_]+\\.js`\\]\\(javascript/(scripts/[a-z_]+\\.js)\\):\n\n```text\n(.*?)```").FindAllStringSubmatch(chapter, -1)
	require.NotEmpty(t, shown)
	for _, s := range shown {
		assert.Equal(t, content(t, filepath.FromSlash(s[1])), s[2], s[1])
	}
}
