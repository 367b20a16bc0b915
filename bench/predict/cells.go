package main

import (
	"example.com/eventloop"
	polling "example.com/eventloop/stage1_polling"
	queue "example.com/eventloop/stage2_queue"
	event "example.com/eventloop/stage3_event"
)

// A cell of the table is a stage and what it waits for.
type cell struct {
	stage   int  // 1, 2, 3
	pending bool // one timer, due in an hour; otherwise idle
}

// cells are in the order in which they are asked for.
var cells = []cell{{1, false}, {1, true}, {2, false}, {2, true}, {3, false}, {3, true}}

var stages = map[int]struct {
	name    string
	newLoop func() eventloop.Loop
}{
	1: {"polling", func() eventloop.Loop { return polling.New() }},
	2: {"queue", func() eventloop.Loop { return queue.New() }},
	3: {"event", func() eventloop.Loop { return event.New() }},
}

// String returns, for example, "stage 2 (queue), pending".
func (c cell) String() string {
	return "stage " + string(rune('0'+c.stage)) + " (" + stages[c.stage].name + "), " + c.waits()
}

func (c cell) waits() string {
	if c.pending {
		return "pending"
	}
	return "idle"
}

// spinning is how many of the stage's two loops spin: the design, which the
// truth is expected to follow where there are cores enough.
func (c cell) spinning() int {
	switch {
	case c.stage == 1:
		return 2
	case c.stage == 2 && c.pending:
		return 1
	}
	return 0
}
