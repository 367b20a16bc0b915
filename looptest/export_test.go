package looptest

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"example.com/eventloop"
)

// Rules returns the text of each rule by the name of its sub-test.
func Rules() map[string]string {
	texts := map[string]string{
		"BlocksIdle":    blocksIdle,
		"BlocksPending": blocksPending,
	}
	for _, r := range rules {
		texts[r.name] = r.text
	}
	return texts
}

// Only tries these rules, in real time.
func Only(t *testing.T, newLoop func() eventloop.Loop, names ...string) {
	s := newSuite(t, newLoop)
	for _, r := range rules {
		if slices.Contains(names, r.name) {
			s.ask(t, r, false, true)
		}
	}
}

// SetPatience sets the watchdog.
func SetPatience(d time.Duration) { patience = d }

// SetHaste shortens what takes longest: for loops in which that is not in question.
func SetHaste() (reset func()) {
	haste := hasty
	hasty = true
	return func() { hasty = haste }
}

// ForgetProfiles has the suite understand no goroutine profile.
func ForgetProfiles() { countOfStack = regexp.MustCompile(`this is no profile`) }

// Probe is one half of Waits, with an error in place of a failure.
func Probe(t *testing.T, newLoop func() eventloop.Loop, pending bool) (Mode, error) {
	return probe(t, newLoop, pending)
}
