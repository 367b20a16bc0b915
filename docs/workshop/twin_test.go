package main

import (
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop/internal/source"
)

// If you have read the stages, you know the exercises: what differs is named here.
//
// In base the text is that of stage 3, comments included, except for capitals. In the
// exercises the code is, and comments are shorter.
func TestTheExercisesAreTheStages(t *testing.T) {
	w, _ := copyOf(t) // with the starters
	const stage1, stage2, stage3 = "stage1_polling", "stage2_queue", "stage3_event"

	// Callbacks and a timer's loop are interfaces here (base/parts.go).
	const timers = "new timerloop timerloop.init timerloop.turns "
	for _, test := range []struct{ file, stage, differ string }{
		{"base/callbacks.go", stage3, ""},
		{"base/queue.go", stage3, ""},
		{"base/heap.go", stage3, ""},
		{"base/event.go", stage3, ""},
		{"base/timers.go", stage3, "timer timerloop timerloop.init timerloop.run"},
		{"base/loop.go", stage3, "loop new loop.turns"},

		{"exercises/01_sleep/timers.go", stage1, timers + "timerloop.add timerloop.remove"},
		{"exercises/01_sleep/solution/timers.go", stage1, timers + "timerloop.add timerloop.remove timerloop.run"},
		{"exercises/02_queue/timers.go", stage1, timers + "timerloop.add timerloop.remove"},
		{"exercises/02_queue/solution/timers.go", stage2, timers + "timerloop.add timerloop.remove"},
		{"exercises/03_bounded/callbacks.go", stage3, "new callbackloop callbackloop.init callbackloop.add callbackloop.run callbackloop.turns"},
		{"exercises/03_bounded/solution/callbacks.go", stage3, "new callbackloop.turns"},
		{"exercises/04_wakeup/timers.go", stage3, timers + "timerloop.add"},
		{"exercises/04_wakeup/solution/timers.go", stage3, timers},
		{"exercises/06_ties/timers.go", stage3, timers + "timerloop.add"},
		{"exercises/06_ties/solution/timers.go", stage3, timers},
		{"exercises/07_head/timers.go", stage3, timers + "timerloop.run timerloop.turn"},
		{"exercises/07_head/solution/timers.go", stage3, timers},
		{"exercises/08_panic/run.go", stage3, "new loop loop.run"},
		{"exercises/08_panic/solution/run.go", stage3, "new loop"},
	} {
		t.Run(test.file, func(t *testing.T) {
			withComments := path.Dir(test.file) == "base"
			stage := make(map[string]string)
			files, err := filepath.Glob("../../" + test.stage + "/*.go")
			require.NoError(t, err)
			for _, file := range files {
				if !strings.HasSuffix(file, "_test.go") {
					declarations(t, file, withComments, stage)
				}
			}
			here := make(map[string]string)
			declarations(t, filepath.Join(w.dir, test.file), withComments, here)
			var differ []string
			for name, text := range here {
				if text != stage[name] {
					differ = append(differ, name)
				}
			}
			assert.ElementsMatch(t, strings.Fields(test.differ), differ, "declarations that are not those of %s", test.stage)
		})
	}
}

var (
	qualifier = regexp.MustCompile(`\bbase\.`)
	comment   = regexp.MustCompile(`(?m)//.*$`)
)

// declarations adds to all the text of each declaration in a file, by name. Capitals, the
// name of the package base and breaks of lines do not count.
func declarations(t *testing.T, name string, withComments bool, all map[string]string) {
	file, err := source.Parse(name, read(t, name))
	require.NoError(t, err)
	for _, d := range file.Decls() {
		text := file.WithDoc(d)
		if !withComments {
			text = comment.ReplaceAllString(file.Text(d.Node), "")
		}
		text = qualifier.ReplaceAllString(text, "")
		all[strings.ToLower(d.Names[0])] = strings.ToLower(strings.Join(strings.Fields(text), " "))
	}
}
