package lane

import (
	"fmt"
	"time"

	"example.com/eventloop/internal/text"
)

// What can be asked for, at most.
const (
	MaxDelay = 10 * time.Minute
	MaxCount = 10_000 // timers set at once
)

// burst is the time within which several timers that are set at once fall
// due, one after another: the first after its delay, the last burst later.
const burst = time.Second

// What can be asked of a loop.
const (
	DoTimeout  = "timeout"   // SetTimeout: Delay, Count
	DoStopNext = "stop-next" // Stop the timer that is due first
	DoStopAll  = "stop-all"  // Stop all of them
)

// An Order tells a loop what to do: one line of JSON on the standard input of the
// lane's process. All lanes get the same orders, and so a timer has the same number
// in each of them.
type Order struct {
	Do    string `json:"do"`
	ID    uint64 `json:"id,omitempty"`       // the number of the first timer
	Delay int64  `json:"delay_ms,omitempty"` // milliseconds
	Count int    `json:"count,omitempty"`
}

// Timers returns how many timers the order sets.
func (o Order) Timers() int {
	if o.Do == DoTimeout {
		return o.Count
	}
	return 0
}

// Check returns what is wrong with the order, in words for the person who gave it.
func (o Order) Check() error {
	switch o.Do {
	case DoTimeout:
		if longest := MaxDelay.Milliseconds(); o.Delay < 0 || o.Delay > longest {
			return fmt.Errorf("a delay must be from 0 to %s ms; %s is not", text.Thousands(longest), text.Thousands(o.Delay))
		}
		if o.Count < 1 || o.Count > MaxCount {
			return fmt.Errorf("the number of timers must be from 1 to %s; %s is not", text.Thousands(MaxCount), text.Thousands(o.Count))
		}
	case DoStopNext, DoStopAll:
	default:
		return fmt.Errorf("%.40q is nothing that a loop can do", o.Do)
	}
	return nil
}

// A Report tells what a lane's process measures, four times a second: one line of
// JSON on its standard output. Instants are milliseconds since 1970, as JavaScript
// counts them.
type Report struct {
	At      float64 `json:"at"`
	CPU     float64 `json:"cpu"`   // percent of one core
	Turns   uint64  `json:"turns"` // a second
	State   State   `json:"state"` // how the loop waits
	Pending int     `json:"pending"`
	Timers  []Timer `json:"timers"`           // the first due, in order
	Ran     uint64  `json:"ran"`              // callbacks, since the process began
	Calls   []Call  `json:"calls"`            // the last of those since the last report
	Stacks  [][]int `json:"stacks,omitempty"` // in which lines its goroutines are: see look
}

// A report lists this many at most. It only counts the rest.
const (
	maxFirst = 4 // timers
	MaxCalls = 6 // callbacks
)

// A Timer is one that is pending.
type Timer struct {
	ID  uint64  `json:"id"`
	Due float64 `json:"due_ms"` // from the instant of the report; negative if overdue
}

// A Call is a callback that has begun.
type Call struct {
	ID    uint64  `json:"id"`
	Delay int64   `json:"delay_ms"`
	At    float64 `json:"at"`      // when it began
	Late  float64 `json:"late_ms"` // after its deadline; negative if it was early
}

// millis returns t as JavaScript's Date has it.
func millis(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }
