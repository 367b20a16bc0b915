// Package loops names the three stages, for the tools that show or try all of them.
package loops

import (
	"example.com/eventloop"
	polling "example.com/eventloop/stage1_polling"
	queue "example.com/eventloop/stage2_queue"
	event "example.com/eventloop/stage3_event"
)

// A Stage is one of the three loops.
type Stage struct {
	Dir  string // its folder, and its name in benchmarks: stage1_polling
	Name string // its package: polling
	New  func() eventloop.Loop

	// How it waits: whether it spins, and so keeps a core busy.
	SpinsIdle, SpinsPending bool
}

// Stages are the three stages, in their order.
var Stages = []Stage{
	{"stage1_polling", "polling", func() eventloop.Loop { return polling.New() }, true, true},
	{"stage2_queue", "queue", func() eventloop.Loop { return queue.New() }, false, true},
	{"stage3_event", "event", func() eventloop.Loop { return event.New() }, false, false},
}
