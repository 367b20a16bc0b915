package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Who has read the stages knows the exercises: what differs is named here.
//
// In base the text is that of stage 3, comments included, but for capitals. In
// the exercises the code is, and comments are shorter.
func TestTheExercisesAreTheStages(t *testing.T) {
	const stage1, stage2, stage3 = "stage1_polling", "stage2_queue", "stage3_event"

	// What the timer loops of exercises have that those of the stages do not:
	// Turns and Stopped are methods, callbacks and a timer's loop are interfaces
	// (base/parts.go).
	timers := func(more ...string) []string {
		return append(more, "new", "timerloop", "timerloop.init", "timerloop.turns")
	}
	for _, test := range []struct {
		file, stage string
		comments    bool
		differ      []string
	}{
		{"base/callbacks.go", stage3, true, nil},
		{"base/queue.go", stage3, true, nil},
		{"base/heap.go", stage3, true, nil},
		{"base/event.go", stage3, true, nil},
		{"base/timers.go", stage3, true, []string{"timer", "timerloop", "timerloop.init"}},
		{"base/loop.go", stage3, true, []string{"loop", "new", "loop.turns"}},

		{"exercises/01_sleep/starter/timers.go", stage1, false, timers("timerloop.add", "timerloop.stopped")},
		{"exercises/01_sleep/solution/timers.go", stage1, false, timers("timerloop.add", "timerloop.stopped", "timerloop.run")},
		{"exercises/02_queue/starter/timers.go", stage1, false, timers("timerloop.add", "timerloop.stopped")},
		{"exercises/02_queue/solution/timers.go", stage2, false, timers("timerloop.add", "timerloop.stopped")},
		{"exercises/03_bounded/starter/callbacks.go", stage3, false, []string{"new", "callbackloop", "callbackloop.init", "callbackloop.add", "callbackloop.run", "callbackloop.turns"}},
		{"exercises/03_bounded/solution/callbacks.go", stage3, false, []string{"new", "callbackloop.turns"}},
		{"exercises/04_wakeup/starter/timers.go", stage3, false, timers("timerloop.add")},
		{"exercises/04_wakeup/solution/timers.go", stage3, false, timers()},
		{"exercises/05_lost/starter/timers.go", stage3, false, timers("timerloop.run", "newevent")},
		{"exercises/05_lost/solution/timers.go", stage3, false, timers("timerloop.run")}, // it pauses
		{"exercises/06_ties/starter/timers.go", stage3, false, timers("timerloop.add")},
		{"exercises/06_ties/solution/timers.go", stage3, false, timers()},
		{"exercises/07_head/starter/timers.go", stage3, false, timers("timerloop.run", "timerloop.turn")},
		{"exercises/07_head/solution/timers.go", stage3, false, timers()},
		{"exercises/08_panic/starter/run.go", stage3, false, []string{"new", "loop", "loop.run"}},
		{"exercises/08_panic/solution/run.go", stage3, false, []string{"new", "loop"}},
	} {
		t.Run(test.file, func(t *testing.T) {
			stage := make(map[string]string)
			files, err := filepath.Glob(filepath.Join("..", "..", test.stage, "*.go"))
			require.NoError(t, err)
			for _, file := range files {
				if !strings.HasSuffix(file, "_test.go") {
					declarations(t, file, test.comments, stage)
				}
			}
			here := make(map[string]string)
			declarations(t, filepath.FromSlash(test.file), test.comments, here)
			var differ []string
			for name, text := range here {
				if text != stage[name] {
					differ = append(differ, name)
				}
			}
			assert.ElementsMatch(t, test.differ, differ, "declarations that are not those of %s", test.stage)
		})
	}
}

var qualifier = regexp.MustCompile(`\bbase\.`)

// declarations adds to all the text of each declaration in a file, by name. Left
// out is what exercises can't have as the stages do, capitals and the name of
// the package base, and where lines break.
func declarations(t *testing.T, name string, comments bool, all map[string]string) {
	src, err := os.ReadFile(name)
	require.NoError(t, err)
	files := token.NewFileSet()
	mode := parser.SkipObjectResolution
	if comments {
		mode |= parser.ParseComments
	}
	file, err := parser.ParseFile(files, name, src, mode)
	require.NoError(t, err)
	for _, decl := range file.Decls {
		var name string
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			name = decl.Name.Name
			if decl.Recv != nil {
				name = strings.TrimLeft(text(t, files, decl.Recv.List[0].Type, nil), "*") + "." + name
			}
		case *ast.GenDecl:
			switch spec := decl.Specs[0].(type) {
			case *ast.TypeSpec:
				name = spec.Name.Name
			case *ast.ValueSpec:
				name = spec.Names[0].Name
			default:
				continue
			}
		}
		plain := func(s string) string {
			return strings.ToLower(strings.Join(strings.Fields(qualifier.ReplaceAllString(s, "")), " "))
		}
		all[plain(name)] = plain(text(t, files, decl, file.Comments))
	}
}

// text returns the text of a declaration, with its comments if there are any.
func text(t *testing.T, files *token.FileSet, node ast.Node, comments []*ast.CommentGroup) string {
	var out bytes.Buffer
	require.NoError(t, (&printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 8}).Fprint(&out, files, &printer.CommentedNode{Node: node, Comments: comments}))
	return out.String()
}
