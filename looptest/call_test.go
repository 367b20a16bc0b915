package looptest_test

import (
	"context"
	"fmt"
	"runtime"
)

// call calls the callback.
func (l *loop) call(ctx context.Context, callback func()) {
	switch l.fault {
	case callsTwice:
		callback()
		callback()
	case callsTwoAtOnce:
		// At most two, and none with a Run that has ended.
		l.others <- struct{}{}
		go func() {
			defer func() { <-l.others }()
			defer func() { _ = recover() }()
			callback()
		}()
	case callsElsewhere:
		await(callback, nil)
	case leavesLast:
		await(callback, ctx.Done())
	case holdsLock:
		l.mu.Lock()
		defer l.mu.Unlock()
		callback()
	case recoversPanics:
		defer func() { _ = recover() }()
		callback()
	case wrapsPanics:
		defer func() {
			if r := recover(); r != nil {
				panic(fmt.Errorf("callback panicked: %v", r))
			}
		}()
		callback()
	case forgetsAfterGoexit:
		ended := false
		defer func() {
			if r := recover(); r != nil {
				panic(r)
			} else if !ended {
				l.mu.Lock()
				l.queue = nil
				l.mu.Unlock()
			}
		}()
		callback()
		ended = true
	default:
		callback()
	}
}

// await calls callback on another goroutine and waits until it has ended or
// enough is closed, and then ends as the callback has.
func await(callback func(), enough <-chan struct{}) {
	var panicked any
	exited := true
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() { panicked = recover() }()
		callback()
		exited = false
	}()
	select {
	case <-ended:
		if panicked != nil {
			panic(panicked)
		}
		if exited {
			runtime.Goexit()
		}
	case <-enough:
	}
}
