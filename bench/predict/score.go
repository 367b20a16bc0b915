package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"example.com/eventloop/internal/text"
)

const (
	full = 10 // points for a guess within near of the truth
	half = 5  // points for one within far

	near = 25.0 // percent of a core
	far  = 60.0
)

func points(guess, truth float64) int {
	switch off := math.Abs(guess - truth); {
	case off <= near:
		return full
	case off <= far:
		return half
	}
	return 0
}

// misunderstanding says which wrong idea would lead to this guess, for all
// cells' guesses and truths; it returns "" where the guess is right. A guess
// says more beside the others: whether somebody expects a pending timer to make
// a difference, for example.
func misunderstanding(i int, guesses, truths []float64) string {
	c, guess, truth := cells[i], guesses[i], truths[i]
	if points(guess, truth) == full {
		return ""
	}
	tooLow := guess < truth
	switch {
	case c.stage == 1 && !tooLow:
		return "“Looking all the time takes all there is.” Each of the two loops is one goroutine, and a goroutine is on one core at a time: two cores at most."
	case c.stage == 1 && c.pending && guesses[i-1] > guess+near:
		return "“With a timer set there is less to look for.” The loop sweeps its map all the same: it does not know when to look, so it always looks."
	case c.stage == 1 && c.pending && guesses[i-1] < guess-near:
		return "“A pending timer makes the difference.” Not in stage 1: an empty map has to be looked at as well, to see that it is empty."
	case c.stage == 1 && guess > near:
		return "“There is one loop.” There are two, the timer loop and the callback loop, and in stage 1 neither ever sleeps."
	case c.stage == 1:
		return "“Nothing to do costs nothing.” A loop that polls has to look in order to know that there is nothing, and looks again at once."
	case c.stage == 2 && !c.pending:
		return "“A queue has to be looked at.” Receiving from an empty channel blocks: the goroutine is taken off its core, and costs nothing until somebody sends."
	case c.stage == 2 && tooLow:
		return "“A loop that blocks is asleep until the timer is due.” Its queue is not empty: what is not due is put back, and so taken out again at once, round and round."
	case c.stage == 2:
		return "“Both loops go round.” Only the timer loop has something in its queue. The callback loop is asleep at its own."
	case c.pending && guesses[i-1] < guess-near:
		return "“To wait for an instant, somebody has to look at the clock.” Not this loop: it sets one alarm and sleeps, and the system's own timer interrupts."
	}
	return "“Somebody has to look from time to time.” Nobody does: the call that brings something wakes the loop, and until then it is not even in the queue for a core."
}

// show writes guess and truth side by side, the score, and what the misses
// suggest: nothing where something else was busy.
func (g game) show(r *record, truths []float64, busy string) {
	var guesses []float64
	room := false
	for _, of := range r.guesses {
		guesses = append(guesses, text.Median(of))
		room = room || len(of) > 1
	}
	fmt.Fprintf(g.out, "\n%-28s %8s %8s %8s", "", "guess", "truth", "points")
	if room {
		fmt.Fprintf(g.out, "   %s", "the room")
	}
	fmt.Fprintln(g.out)
	total := 0
	for i, c := range cells {
		p := points(guesses[i], truths[i])
		total += p
		line := fmt.Sprintf("%-28s %7.0f%% %7.0f%% %8d", c, guesses[i], truths[i], p)
		if of := r.guesses[i]; len(of) > 1 {
			line += fmt.Sprintf("   %s", span(of))
		}
		fmt.Fprintln(g.out, line)
	}
	fmt.Fprintf(g.out, "\nScore: %d of %d. (%d points within %.0f of the truth, %d within %.0f.)\n", total, full*len(cells), full, near, half, far)

	if busy != "" { // then no misunderstanding is read out of it
		fmt.Fprintf(g.out, "\n%s\n  go run ./bench/predict -guesses %q\n", wrap(busy+" Measure again when it is quiet. The guesses can stay:", 76), r.file.Name())
		return
	}
	missed := false
	for i, c := range cells {
		if text := misunderstanding(i, guesses, truths); text != "" {
			if !missed {
				fmt.Fprintln(g.out, "\nWhat the misses suggest that somebody thought:")
			}
			missed = true
			fmt.Fprintf(g.out, "\n%s\n%s\n", c, wrap(text, 76))
		}
	}
}

func span(guesses []float64) string {
	return fmt.Sprintf("%d guesses, %.0f to %.0f", len(guesses), slices.Min(guesses), slices.Max(guesses))
}

// wrap breaks text into lines of at most width characters, each indented.
func wrap(text string, width int) string {
	var out, line string
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line+" "+word) > width-1 {
			out, line = out+" "+line+"\n", ""
		}
		line += " " + word
	}
	return out + " " + line
}
