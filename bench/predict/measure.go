package main

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"example.com/eventloop/bench/cputime"
	"example.com/eventloop/internal/loops"
)

// A cell of the table is a stage and what it waits for.
type cell struct {
	stage   int  // 1, 2, 3
	pending bool // one timer, due in an hour; otherwise idle
}

// cells are in the order in which they are asked for.
var cells = []cell{{1, false}, {1, true}, {2, false}, {2, true}, {3, false}, {3, true}}

// String returns, for example, "stage 2 (queue), pending".
func (c cell) String() string {
	return fmt.Sprintf("stage %d (%s), %s", c.stage, loops.Stages[c.stage-1].Name, c.waits())
}

func (c cell) waits() string {
	if c.pending {
		return "pending"
	}
	return "idle"
}

// cost runs a loop in the state of the cell for that long and returns its CPU
// time, in percent of one core.
func (c cell) cost(window time.Duration) (percent float64, err error) {
	const settling = 50 * time.Millisecond

	runtime.GC() // what the loop before has left is not charged to this one
	l := loops.Stages[c.stage-1].New()
	if c.pending {
		l.SetTimeout(time.Hour, func() {})
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = l.Run(ctx) }) // its error is that ctx is done
	defer running.Wait()
	defer cancel()
	begun := make(chan struct{})
	l.CallSoon(func() { close(begun) })
	<-begun
	time.Sleep(settling)

	meter := cputime.Start()
	time.Sleep(window)
	wall, cpu, err := meter.Read()
	return cputime.Percent(cpu, wall), err
}
