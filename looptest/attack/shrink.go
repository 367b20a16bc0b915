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

// shrink returns a shorter program that fails too, and how. No step of it can be left
// out, be replaced by its body, or have a shorter delay, as far as that many tries can
// tell.
func shrink(p *program, f *failure, try func(*program) *failure) (*program, *failure) {
	tries := 0
	for better := true; better; {
		better = false
		for candidate := range shorter(p.body) {
			for range shrinkTries {
				if tries++; tries > shrinkLimit {
					return p, f
				}
				if g := try(&program{candidate}); g != nil {
					p, f, better = &program{candidate}, g, true
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

// shorter yields the bodies that are one change shorter than body.
func shorter(body []*step) iter.Seq[[]*step] {
	return func(yield func([]*step) bool) {
		for i, s := range body {
			with := func(steps ...*step) bool {
				return yield(slices.Concat(body[:i], steps, body[i+1:]))
			}
			if !with() {
				return
			}
			if len(s.body) > 0 && !slices.ContainsFunc(s.body, (*step).inCallback) && !with(s.body...) {
				return
			}
			for _, d := range []delay{0, s.delay / 2, s.delay - 1} {
				if (s.kind == setTimeout || s.kind == sleep) && 0 <= d && d < s.delay {
					changed := *s
					changed.delay = d
					if !with(&changed) {
						return
					}
				}
			}
			for inner := range shorter(s.body) {
				changed := *s
				changed.body = inner
				if !with(&changed) {
					return
				}
			}
		}
	}
}
