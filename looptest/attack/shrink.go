package attack

import (
	"iter"
	"slices"
)

// How much shrinking may cost. This only limits how short the printed program gets.
const (
	shrinkTries = 20      // of a program that fails only now and then
	shrinkLimit = 100_000 // of all programs together
)

// shrink returns a shorter program that fails too, and how. No step of it can
// be left out, nor be replaced by its body, nor have a shorter delay; as far as
// so many tries can tell.
func shrink(p *program, f *failure, try func(*program) *failure) (*program, *failure) {
	tries := 0
	for better := true; better; {
		better = false
		for candidate := range shorter(p) {
			for range shrinkTries {
				if tries++; tries > shrinkLimit {
					return p, f
				}
				if g := try(candidate); g != nil {
					p, f, better = candidate, g, true
					break
				}
			}
			if better {
				break
			}
		}
	}
	return p, f
}

// shorter yields the programs that are one change shorter than p.
func shorter(p *program) iter.Seq[*program] {
	return bodies(p.body, func(body []*step) *program { return &program{body} })
}

// bodies yields what becomes of a program when one step of body is changed;
// whole makes a program of a changed body.
func bodies(body []*step, whole func([]*step) *program) iter.Seq[*program] {
	return func(yield func(*program) bool) {
		for i, s := range body {
			with := func(steps ...*step) *program {
				return whole(slices.Concat(body[:i], steps, body[i+1:]))
			}
			if !yield(with()) {
				return
			}
			if len(s.body) > 0 && !slices.ContainsFunc(s.body, (*step).inCallback) && !yield(with(s.body...)) {
				return
			}
			for _, d := range []delay{0, s.delay / 2, s.delay - 1} {
				if (s.kind == setTimeout || s.kind == sleep) && 0 <= d && d < s.delay {
					changed := *s
					changed.delay = d
					if !yield(with(&changed)) {
						return
					}
				}
			}
			for p := range bodies(s.body, func(inner []*step) *program {
				changed := *s
				changed.body = inner
				return with(&changed)
			}) {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// renumber gives the timers and callbacks of p the numbers 0, 1, 2 and so on,
// in the order in which they stand.
func renumber(p *program) *program {
	timers, soons := make(map[int]int), make(map[int]int)
	number(p.body, timers, soons)
	return &program{renamed(p.body, timers, soons)}
}

func number(body []*step, timers, soons map[int]int) {
	for _, s := range body {
		switch s.kind {
		case setTimeout:
			timers[s.id] = len(timers)
		case callSoon:
			soons[s.id] = len(soons)
		}
		number(s.body, timers, soons)
	}
}

func renamed(body []*step, timers, soons map[int]int) []*step {
	var all []*step
	for _, s := range body {
		c := *s
		switch s.kind {
		case setTimeout, stop:
			c.id = timers[s.id]
		case callSoon:
			c.id = soons[s.id]
		}
		c.body = renamed(s.body, timers, soons)
		all = append(all, &c)
	}
	return all
}
