package scheduler

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A step is some lines of stage3_event and what they do.
type step struct {
	Lines []line
	Words string
}

// A line is one of the source, without its comment, indented as far as a step needs
// it. In is the method that has it.
type line struct{ In, Text string }

// steps are those of the model, by their numbers. (Asleep has none: it is a part
// of wait.)
var steps = [2][]step{
	loop: {
		take: {in("turn", "l.mu.Lock()", "arrivals := l.arrivals", "l.arrivals = nil", "l.until, l.asleep = never, false", "l.mu.Unlock()"),
			"Takes what has arrived. It is awake, and says so."},
		push: {in("turn", "heap.Push(&l.pending, t)"),
			"Puts it into the heap."},
		look: {in("turn", "l.mu.Lock()", "defer l.mu.Unlock()", "l.lookBy(l.pending[0].deadline)", "l.asleep = true", "return l.until"),
			"Looks: when is the earliest due? And says: I am asleep until then."},
		alarm: {in("run", "alarm.Reset(until - time.Since(l.start))"),
			"Sets the alarm for that."},
		clear: {nil,
			"Clears the event, for the next time."},
		wait: {in("run", "select {", "case <-ring:", "case <-l.wake:"),
			"Sleeps until the alarm rings or the event is set. If it is set already, goes on at once, with a new turn."},
	},
	code: {
		arrive: {in("add", "l.mu.Lock()", "defer l.mu.Unlock()", "l.arrivals = append(l.arrivals, t)", "l.lookBy(t.deadline)"),
			"Adds the timer. It has the lock until it returns."},
		compare: {in("lookBy", "if instant >= l.until {", "\treturn", "}", "l.until = instant"),
			"Is the loop going to look by then anyhow?"},
		ask: {in("lookBy", "if l.asleep {", "\tl.asleep = false"),
			"Does the loop say that it is asleep?"},
		set: {in("lookBy", "\tl.wake.set()"),
			"Wakes it."},
	},
}

func in(method string, texts ...string) (lines []line) {
	for _, text := range texts {
		lines = append(lines, line{method, text})
	}
	return lines
}

// events are how event.go makes the event of a variant, or uses it.
var events = map[string]string{
	"no-room":    "make(chan struct{})",
	"room":       "make(chan struct{}, 1)",
	"clear":      "event.wait(); look(); event.clear()",
	"no-compare": "make(chan struct{}, 1)",
}

// shared finds what the two of them share. (Why no pending: the heap is the timer
// loop's own.)
var shared = regexp.MustCompile(`\bl\.(mu|arrivals|until|asleep|wake)\b`)

// check says how the steps differ from the source, given timers.go and event.go:
// each of their lines has to be there, in that order, and each line there that
// touches what the two share has to be in a step.
func check(timers, event string) error {
	for _, method := range []string{"add", "lookBy", "run", "turn"} {
		_, body, found := strings.Cut(timers, "\nfunc (l *timerLoop) "+method+"(")
		if !found {
			return fmt.Errorf("stage3_event/timers.go has no timerLoop.%s", method)
		}
		body, _, _ = strings.Cut(body, "\n}\n")
		wanted := linesOf(method)
		for text := range strings.Lines(body) {
			text, _, _ = strings.Cut(text, "//")
			text = strings.TrimSpace(text)
			switch {
			case len(wanted) > 0 && text == strings.TrimSpace(wanted[0]):
				wanted = wanted[1:]
			case shared.MatchString(text):
				return fmt.Errorf("stage3_event/timers.go: %q in timerLoop.%s is in no step there; what should come first: %q", text, method, wanted)
			}
		}
		if len(wanted) > 0 {
			return fmt.Errorf("stage3_event/timers.go: timerLoop.%s has no %q there", method, wanted[0])
		}
	}
	var said []string // in its comment
	for text := range strings.Lines(event) {
		text, _, _ = strings.Cut(strings.TrimPrefix(text, "//"), "//")
		said = append(said, strings.TrimSpace(text))
	}
	for _, v := range variants {
		if !slices.Contains(said, events[v.Name]) {
			return fmt.Errorf("stage3_event/event.go has no %q", events[v.Name])
		}
	}
	return nil
}

func linesOf(method string) (texts []string) {
	for _, all := range steps {
		for _, s := range all {
			for _, l := range s.Lines {
				if l.In == method {
					texts = append(texts, l.Text)
				}
			}
		}
	}
	return texts
}
