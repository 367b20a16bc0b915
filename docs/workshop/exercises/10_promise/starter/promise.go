// Package promise is an exercise: a promise, built on CallSoon.
//
// BROKEN: some functions are called too early, and some twice.
package promise

import (
	"sync"

	"example.com/eventloop"
)

// A Promise is a value that may not be there yet. It is safe for concurrent
// use.
type Promise[T any] struct {
	loop eventloop.Loop

	mu       sync.Mutex // guards what follows
	resolved bool
	value    T
	thens    []func(T) // to be called once resolved
}

// New returns a promise that is resolved by calling resolve, from anywhere.
// Only the first call counts.
func New[T any](l eventloop.Loop) (p *Promise[T], resolve func(T)) {
	p = &Promise[T]{loop: l}
	return p, p.resolve
}

func (p *Promise[T]) resolve(value T) {
	p.mu.Lock()
	p.resolved = true
	p.value = value
	thens := p.thens
	p.thens = nil
	p.mu.Unlock()
	for _, f := range thens {
		f(value)
	}
}

// Then has f called with the value on the loop's own goroutine, once there is
// one, and never before Then returns. Several are called in the order in which
// they were added.
func (p *Promise[T]) Then(f func(T)) {
	p.mu.Lock()
	if !p.resolved {
		p.thens = append(p.thens, f)
		p.mu.Unlock()
		return
	}
	value := p.value
	p.mu.Unlock()
	f(value)
}

// Map returns a promise of what f makes of p's value.
func Map[T, U any](p *Promise[T], f func(T) U) *Promise[U] {
	mapped, resolve := New[U](p.loop)
	p.Then(func(value T) { resolve(f(value)) })
	return mapped
}

// Await waits for the value. It must not be called in a callback, which would
// wait for itself.
func (p *Promise[T]) Await() T {
	value := make(chan T, 1)
	p.Then(func(v T) { value <- v })
	return <-value
}
