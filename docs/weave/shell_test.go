package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	aCommand = regexp.MustCompile(`\bgo (run|test|tool|build|vet|-C)\b.*`)
	// A flag that PowerShell tears apart at the full stop (-bench=. runs nothing,
	// and says ok), or any shell at the bar.
	torn = regexp.MustCompile("\\s-\\w+=(?:\\.|[^\\s\"'`]*[.|][^\\s\"'`.,;])[^\\s\"'`]*")
)

func tornFlags(line string) []string { return torn.FindAllString(aCommand.FindString(line), -1) }

// Whoever copies a command from a text or a comment may have any shell.
func TestCommandsWorkInEveryShell(t *testing.T) {
	for line, want := range map[string]int{
		"//	go test -bench=. ./bench":                      1,
		"`go test -bench=Idle|Waiting ./bench`":            1,
		"go test -benchtime=1.5s ./bench, said -bench=. .": 2,
		`go test -bench="." ./bench -run=NONE.`:            0,
		"go run ./bench/table -bench=Idle. And -short":     0,
	} {
		assert.Len(t, tornFlags(line), want, line)
	}
	err := filepath.WalkDir(filepath.Join("..", ".."), func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".git") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		code := filepath.Ext(name) == ".go"
		if d.IsDir() || !code && filepath.Ext(name) != ".md" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			if code && !strings.HasPrefix(strings.TrimSpace(line), "//") {
				continue
			}
			assert.Empty(t, tornFlags(line), "%s: quote this: %s", name, strings.TrimSpace(line))
		}
		return nil
	})
	require.NoError(t, err)
}
