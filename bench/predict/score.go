package main

import (
	"fmt"
	"math"
	"strings"

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
		return "“Nothing to do costs nothing.” Who polls has to look in order to know that there is nothing, and looks again at once."
	case c.stage == 2 && !c.pending:
		return "“A queue has to be looked at.” Receiving from an empty channel blocks: the goroutine is taken off its core, and costs nothing until somebody sends."
	case c.stage == 2 && tooLow:
		return "“A loop that blocks is asleep until the timer is due.” Its queue is not empty: what is not due is put back, and so taken out again at once, round and round."
	case c.stage == 2:
		return "“Both loops go round.” Only the timer loop has something in its queue. The callback loop is asleep at its own."
	case c.pending && guesses[i-1] < guess-near:
		return "“To wait for an instant, somebody has to look at the clock.” Not this loop: it sets one alarm and sleeps, and the system's own timer interrupts."
	}
	return "“Somebody has to look from time to time.” Nobody does: whoever brings something wakes the loop, and until then it is not even in the queue for a core."
}

// show writes guess and truth side by side, the score, and what the misses
// suggest.
func (g game) show(r *record) {
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
		p := points(guesses[i], r.truths[i])
		total += p
		line := fmt.Sprintf("%-28s %7.0f%% %7.0f%% %8d", c, guesses[i], r.truths[i], p)
		if of := r.guesses[i]; len(of) > 1 {
			line += fmt.Sprintf("   %s", span(of))
		}
		fmt.Fprintln(g.out, line)
	}
	fmt.Fprintf(g.out, "\nScore: %d of %d. (%d points within %.0f of the truth, %d within %.0f.)\n", total, full*len(cells), full, near, half, far)

	if busy, ok := disturbed(r.truths, g.cores); ok {
		fmt.Fprintf(g.out, "\n%s\n  go run ./bench/predict", wrap(busy, 76))
		if r.file != "" {
			fmt.Fprintf(g.out, " -guesses %q", r.file)
		}
		fmt.Fprintln(g.out)
		return
	}
	missed := false
	for i, c := range cells {
		if text := misunderstanding(i, guesses, r.truths); text != "" {
			if !missed {
				fmt.Fprintln(g.out, "\nWhat the misses suggest that somebody thought:")
			}
			missed = true
			fmt.Fprintf(g.out, "\n%s\n%s\n", c, wrap(text, 76))
		}
	}
}

// disturbed reports whether the stages that spin have got much less than they
// would take: then something else has had the rest.
func disturbed(truths []float64, cores int) (text string, ok bool) {
	for i, c := range cells {
		takes := 100 * float64(min(c.spinning(), cores))
		if truths[i] < 0.7*takes {
			return fmt.Sprintf("Something else is busy on this machine: %s got %.0f %%, and would take %.0f. So the misses say little. Close it and measure again, with the same guesses:", c, truths[i], takes), true
		}
	}
	return "", false
}

func span(guesses []float64) string {
	low, high := guesses[0], guesses[0]
	for _, guess := range guesses {
		low, high = min(low, guess), max(high, guess)
	}
	return fmt.Sprintf("%d guesses, %.0f to %.0f", len(guesses), low, high)
}

// wrap breaks text into lines of at most width characters, each indented.
func wrap(text string, width int) string {
	var out strings.Builder
	column := 0
	for word := range strings.FieldsSeq(text) {
		length := len([]rune(word))
		switch {
		case column == 0:
			out.WriteString("  ")
			column = 2
		case column+1+length > width:
			out.WriteString("\n  ")
			column = 2
		default:
			out.WriteString(" ")
			column++
		}
		out.WriteString(word)
		column += length
	}
	return out.String()
}
