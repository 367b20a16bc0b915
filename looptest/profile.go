package looptest

import (
	"bytes"
	"fmt"
	"runtime/pprof"
	"strconv"
	"strings"
)

// labelKey is the profiler label of a trial's goroutines. A goroutine inherits
// the labels of the one that starts it, so the label finds the goroutines that
// a loop has started, and no others, whatever else runs in the process.
const labelKey = "looptest"

// goroutines returns how many goroutines descend from this trial, and their
// stacks, as a reader looks for them: each line a function and where it stands.
func (c *trial) goroutines() (n int, stacks string) {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		panic(err) // a bytes.Buffer does not fail
	}
	label := fmt.Sprintf("%q:%q", labelKey, c.label)
	for record := range strings.SplitSeq(profile.String(), "\n\n") {
		if !strings.Contains(record, label) {
			continue
		}
		var many int
		for line := range strings.SplitSeq(record, "\n") {
			if count, _, found := strings.Cut(line, " @ "); found { // "3 @ 0x…": so many have this stack
				var err error
				if many, err = strconv.Atoi(count); err != nil {
					panic(fmt.Sprintf("looptest: goroutine profile has an unknown form: %q", record))
				}
				stacks += fmt.Sprintf("%d ×\n", many)
			} else if frame := strings.Fields(line); len(frame) == 4 && !strings.HasPrefix(frame[2], "runtime") {
				function, _, _ := strings.Cut(frame[2], "+0x") // "# 0x… function+0x… file:line"
				stacks += "\t" + function + "  " + frame[3] + "\n"
			}
		}
		n += many
	}
	return n, stacks
}
