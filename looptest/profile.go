package looptest

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"runtime/pprof"
	"strconv"
	"strings"

	"example.com/eventloop/internal/text"
)

// labelKey is the profiler label of a trial's goroutines. A goroutine inherits
// the labels of the one that starts it, so the label finds the goroutines that
// a loop has started, and no others, whatever else runs in the process.
const labelKey = "looptest"

// goroutines returns how many goroutines descend from this trial, and where those
// of the loop stand: each line a function and its place, without what belongs to
// looptest and to Go.
func (t *trial) goroutines() (n int, stacks string, err error) {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		panic(err) // a bytes.Buffer does not fail
	}
	label := fmt.Sprintf("%q:%q", labelKey, t.label)
	for record := range strings.SplitSeq(profile.String(), "\n\n") {
		if !strings.Contains(record, label) {
			continue
		}
		head := countOfStack.FindStringSubmatch(record)
		if head == nil {
			first, _, _ := strings.Cut(record, "\n")
			return 0, "", fmt.Errorf("this release of Go writes its goroutine profile in a form that looptest does not know: %q", first)
		}
		many, _ := strconv.Atoi(head[1])
		n += many
		frames := ""
		for _, frame := range frameOfStack.FindAllStringSubmatch(record, -1) {
			if !notOfLoop.MatchString(frame[1]) {
				frames += "\t" + frame[1] + "  " + frame[2] + "\n"
			}
		}
		if frames != "" {
			stacks += text.Plural(many, "goroutine") + " at\n" + frames
		}
	}
	if n == 0 { // the trial itself is one
		err = errors.New("this release of Go writes its goroutine profile without labels, or in a form that looptest does not know")
	}
	return n, stacks, err
}

var (
	countOfStack = regexp.MustCompile(`(?m)^(\d+) @ `)                          // "3 @ 0x…": so many have this stack
	frameOfStack = regexp.MustCompile(`(?m)^#\s+0x\S+\s+(\S+)\+0x\S+\s+(\S+)$`) // "# 0x… function+0x… file:line"
	notOfLoop    = regexp.MustCompile(`^(runtime|internal|sync|time|context|testing)[./]|^example\.com/eventloop/looptest\.`)
)
