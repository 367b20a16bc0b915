package eventloop_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop/internal/source"
)

// The stages repeat each other on purpose, so that each can be read alone and
// `diff -r` between two neighbours is the lesson. These tests keep it so: what a
// step does not change is the same to the letter, and what it changes is named
// here.
func TestStepsChangeOnlyWhatTheyTeach(t *testing.T) {
	tests := []struct {
		from, to                string
		changed, added, removed []string
	}{{
		from: "stage1_polling",
		to:   "stage2_queue",
		changed: []string{
			"timerLoop", "timerLoop.init", "timerLoop.add", "timerLoop.run", "timerLoop.turn",
			"callbackLoop", "callbackLoop.init", "callbackLoop.add", "callbackLoop.run",
		},
		added:   []string{"queue", "newQueue", "queue.take", "queue.put"},
		removed: []string{"timerLoop.shrink", "callbackLoop.take"},
	}, {
		from: "stage2_queue",
		to:   "stage3_event",
		changed: []string{
			"timer", "timer.Stop", // it takes itself out of the heap
			"timerLoop", "timerLoop.init", "timerLoop.add", "timerLoop.run", "timerLoop.turn",
			"after", // leaves room for never
		},
		added: []string{
			"timerLoop.remove", "never",
			"timerHeap", "timerHeap.Len", "timerHeap.Less", "timerHeap.Swap", "timerHeap.Push", "timerHeap.Pop",
			"event", "newEvent", "event.set",
		},
		removed: []string{"byDeadline"},
	}}
	for _, test := range tests {
		t.Run(test.from+" to "+test.to, func(t *testing.T) {
			from, to := declarations(t, test.from), declarations(t, test.to)
			var changed, added, removed []string
			for name, text := range to {
				switch old, ok := from[name]; {
				case !ok:
					added = append(added, name)
				case old != text:
					changed = append(changed, name)
				}
			}
			for name := range from {
				if _, ok := to[name]; !ok {
					removed = append(removed, name)
				}
			}
			assert.ElementsMatch(t, test.changed, changed, "changed declarations")
			assert.ElementsMatch(t, test.added, added, "added declarations")
			assert.ElementsMatch(t, test.removed, removed, "removed declarations")
		})
	}
}

// Declarations that two stages have in common stand in the same file and in the
// same order: a diff pairs them.
func TestStagesHaveTheSameOrder(t *testing.T) {
	order := func(dir, file string) []string {
		var names []string
		parse(t, filepath.Join(dir, file), func(name, _ string) { names = append(names, name) })
		return names
	}
	for _, file := range []string{"loop.go", "timers.go", "callbacks.go"} {
		for _, step := range [][2]string{{"stage1_polling", "stage2_queue"}, {"stage2_queue", "stage3_event"}} {
			from, to := order(step[0], file), order(step[1], file)
			common := func(name string) bool { return slices.Contains(from, name) && slices.Contains(to, name) }
			inCommon := func(names []string) []string {
				return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !common(name) })
			}
			assert.Equal(t, inCommon(from), inCommon(to), "%s of %v", file, step)
		}
	}
}

// What a step does not change at all: from the second on, only timers.go is new.
func TestStagesShareFiles(t *testing.T) {
	for _, file := range []struct{ name, from, to string }{
		{"loop.go", "stage1_polling", "stage2_queue"},
		{"loop.go", "stage2_queue", "stage3_event"},
		{"callbacks.go", "stage2_queue", "stage3_event"},
		{"queue.go", "stage2_queue", "stage3_event"},
	} {
		rest := func(dir string) string {
			src, err := os.ReadFile(filepath.Join(dir, file.name))
			require.NoError(t, err)
			_, rest, found := strings.Cut(string(src), "\npackage ")
			if !found {
				rest = strings.TrimPrefix(string(src), "package ")
			}
			_, rest, _ = strings.Cut(rest, "\n") // its name
			return rest
		}
		assert.Equal(t, rest(file.from), rest(file.to), "%s, from %s to %s", file.name, file.from, file.to)
	}
}

// No stage imports another.
func TestStagesReadAlone(t *testing.T) {
	for _, dir := range []string{"stage1_polling", "stage2_queue", "stage3_event"} {
		for _, path := range sources(t, dir) {
			src, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.NotContains(t, string(src), `"example.com/eventloop/`, path)
		}
	}
}

// declarations returns the text of each top-level declaration of a package, with
// its comment, by name; a method's is its receiver's type, a dot and its own.
func declarations(t *testing.T, dir string) map[string]string {
	all := make(map[string]string)
	for _, path := range sources(t, dir) {
		parse(t, path, func(name, text string) { all[name] = text })
	}
	return all
}

func sources(t *testing.T, dir string) []string {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	paths = slices.DeleteFunc(paths, func(path string) bool { return strings.HasSuffix(path, "_test.go") })
	require.NotEmpty(t, paths)
	return paths
}

func parse(t *testing.T, path string, each func(name, text string)) {
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	file, err := source.Parse(path, string(src))
	require.NoError(t, err)
	for _, decl := range file.Decls() {
		each(decl.Names[0], file.WithDoc(decl))
	}
}
