package scheduler

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.com/eventloop/internal/source"
)

// A step is some lines of stage3_event, or of a variant of it, and words on them.
type step struct {
	In    string // the method
	Lines []string
	Words string
	Only  string // the variant that has this step, if not all have it
}

// steps are those of the model, by their numbers. (Asleep has none: it is a part
// of wait.)
var steps = [2][]step{
	loop: {
		look:  {"turn", []string{"l.mu.Lock()", "l.until = l.pending[0].deadline"}, "Looks: when is the earliest due? And notes that it sleeps until then.", ""},
		note:  {"turn", []string{"l.mu.Unlock()", "l.mu.Lock()", "l.until = deadline"}, "Notes it only now, and has let go of the lock meanwhile.", "two-locks"},
		alarm: {"run", []string{"alarm.Reset(until - time.Since(l.start))"}, "Sets the alarm for that.", ""},
		clear: {"run", []string{"event.clear()"}, "Clears the event, for the next time.", "clear"},
		wait:  {"run", []string{"select {", "case <-ring:", "case <-l.wake:"}, "Sleeps until the alarm rings or the event is set. If it is set already, goes on at once, with a new turn.", ""},
	},
	code: {
		put: {"add", []string{"l.mu.Lock()", "heap.Push(&l.pending, t)", "if t.deadline < l.until {", "l.until = t.deadline"}, "Puts the timer into the heap. Would the loop look too late?", ""},
		set: {"add", []string{"l.wake.set()"}, "Then wakes it. Until here the code has the lock.", ""},
	},
}

// unplayed are lines that touch the shared, but don't run while the clock stands still
// and a timer is pending, or do nothing that another could see.
var unplayed = map[string][]string{
	"add": {"defer l.mu.Unlock()"},
	"turn": {
		"defer l.mu.Unlock()", "for len(l.pending) > 0 && l.pending[0].deadline <= now {", "due := heap.Pop(&l.pending).(*timer)",
		"l.mu.Unlock()", "l.mu.Lock()", "l.until = never", "if len(l.pending) > 0 {", "return l.until",
	},
}

// shared finds what the two of them share.
var shared = regexp.MustCompile(`\bl\.(mu|pending|until|wake)\b`)

// check says how the steps differ from the source, given timers.go and event.go:
// each of their lines has to be there, in that order, and each line there that
// touches what the two share has to be in a step.
func check(timers, event string) error {
	file, err := source.Parse("stage3_event/timers.go", timers)
	if err != nil {
		return err
	}
	for _, method := range []string{"add", "turn", "run"} {
		d, err := file.Find("timerLoop." + method)
		if err != nil {
			return err
		}
		var wanted []string
		for _, s := range slices.Concat(steps[:]...) {
			if s.In == method && s.Only == "" {
				wanted = append(wanted, s.Lines...)
			}
		}
		for text := range strings.Lines(file.Text(d.Node)) {
			text, _, _ = strings.Cut(text, "//")
			text = strings.TrimSpace(text)
			switch {
			case len(wanted) > 0 && text == wanted[0]:
				wanted = wanted[1:]
			case shared.MatchString(text) && !slices.Contains(unplayed[method], text):
				return fmt.Errorf("stage3_event/timers.go: %q in timerLoop.%s is in no step there; what should come first: %q", text, method, wanted)
			}
		}
		if len(wanted) > 0 {
			return fmt.Errorf("stage3_event/timers.go: timerLoop.%s has no %q there", method, wanted[0])
		}
	}
	for _, v := range variants {
		if !v.splits && !strings.Contains(event, v.Lines+" ") {
			return fmt.Errorf("stage3_event/event.go has no %q", v.Lines)
		}
	}
	return nil
}
