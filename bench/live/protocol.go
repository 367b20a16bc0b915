package main

import (
	"fmt"
	"time"

	"example.com/eventloop/bench/internal/text"
)

// What can be asked for, at most. The page, the server and the stages' own
// processes all hold to these.
const (
	maxDelay   = 10 * time.Minute
	maxCount   = 10_000  // timers set at once
	maxPending = 100_000 // timers pending in one stage
)

// burst is the time within which several timers that are set at once fall
// due, one after another: the first after its delay, the last burst later.
const burst = time.Second

// What can be asked of a stage.
const (
	doTimeout  = "timeout"   // SetTimeout: Delay, Count
	doSoon     = "soon"      // CallSoon
	doScript   = "script"    // the article's own script
	doStop     = "stop"      // Stop the timer with this ID
	doStopNext = "stop-next" // Stop the timer that is due first
	doStopAll  = "stop-all"  // Stop all of them
)

// An order is what the server has a stage do: one line of JSON on the standard
// input of the stage's process. All stages get the same orders, and so a
// timer has the same number in every lane.
type order struct {
	Do    string `json:"do"`
	ID    uint64 `json:"id,omitempty"`       // the number of the first callback, or of the timer to stop
	Delay int64  `json:"delay_ms,omitempty"` // milliseconds
	Count int    `json:"count,omitempty"`
}

// callbacks returns how many callbacks the order adds.
func (o order) callbacks() int {
	switch o.Do {
	case doTimeout:
		return o.Count
	case doSoon:
		return 1
	case doScript:
		return len(script) + 1
	}
	return 0
}

// check returns what is wrong with the order, in words for whoever gave it.
func (o order) check() error {
	switch o.Do {
	case doTimeout:
		if longest := maxDelay.Milliseconds(); o.Delay < 0 || o.Delay > longest {
			return fmt.Errorf("a delay must be from 0 to %s ms; %s is not", text.Thousands(longest), text.Thousands(o.Delay))
		}
		if o.Count < 1 || o.Count > maxCount {
			return fmt.Errorf("the number of timers must be from 1 to %s; %s is not", text.Thousands(maxCount), text.Thousands(int64(o.Count)))
		}
	case doStop:
		if o.ID == 0 {
			return fmt.Errorf("stop needs the number of a timer")
		}
	case doSoon, doScript, doStopNext, doStopAll:
	default:
		return fmt.Errorf("%.40q is nothing that a stage can do", o.Do)
	}
	return nil
}

// A report is what a stage's process says about itself four times a second:
// one line of JSON on its standard output. Instants are milliseconds since
// 1970, as JavaScript counts them.
type report struct {
	At      float64  `json:"at"`
	CPU     float64  `json:"cpu"`    // percent of one core over the last second
	Turns   uint64   `json:"turns"`  // a second, over the last second
	Spins   bool     `json:"spins"`  // what the loop does now, by its turns since the last report
	Doing   string   `json:"doing"`  // the same in a sentence
	Stands  []string `json:"stands"` // in which cases of its select
	Pending int      `json:"pending"`
	Timers  []timer  `json:"timers"` // the first due, in order; then some of the others
	Ran     uint64   `json:"ran"`    // callbacks, since the process began
	Calls   []call   `json:"calls"`  // the last of those that ran since the last report
	Skipped int      `json:"skipped"`
	Fired   int      `json:"fired"`            // timers whose callback began since the last report
	Late    float64  `json:"late_ms"`          // the mean of their lateness, if there are any
	Notice  string   `json:"notice,omitempty"` // an order that could not be carried out
}

// How much of what there is a report lists. Beyond it there are only counts.
const (
	maxFirst  = 4  // timers one by one, first due first
	maxSample = 96 // of the others
	maxCalls  = 40 // callbacks
)

// A timer is one that is pending.
type timer struct {
	ID  uint64  `json:"id"`
	Set float64 `json:"set"`
	Due float64 `json:"due"`
}

// A call is a callback that has begun.
type call struct {
	ID   uint64  `json:"id"`
	What string  `json:"what"`    // "setTimeout 3 s"
	At   float64 `json:"at"`      // when it began
	Late float64 `json:"late_ms"` // after its deadline; for CallSoon, after the call
}

// millis returns t as JavaScript's Date has it.
func millis(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }
