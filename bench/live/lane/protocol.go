package lane

import (
	"fmt"
	"time"

	"example.com/eventloop/internal/text"
)

// What can be asked for, at most. The page, the server and the stages' own
// processes all hold to these.
const (
	MaxDelay   = 10 * time.Minute
	MaxCount   = 10_000  // timers set at once
	MaxPending = 100_000 // timers pending in one stage
)

// burst is the time within which several timers that are set at once fall
// due, one after another: the first after its delay, the last burst later.
const burst = time.Second

// What can be asked of a stage.
const (
	DoTimeout  = "timeout"   // SetTimeout: Delay, Count
	DoSoon     = "soon"      // CallSoon
	DoScript   = "script"    // the article's own script
	DoStop     = "stop"      // Stop the timer with this ID
	DoStopNext = "stop-next" // Stop the timer that is due first
	DoStopAll  = "stop-all"  // Stop all of them
)

// An Order is what the server has a stage do: one line of JSON on the standard
// input of the stage's process. All stages get the same orders, and so a
// timer has the same number in every lane.
type Order struct {
	Do    string `json:"do"`
	ID    uint64 `json:"id,omitempty"`       // the number of the first callback, or of the timer to stop
	Delay int64  `json:"delay_ms,omitempty"` // milliseconds
	Count int    `json:"count,omitempty"`
}

// Callbacks returns how many callbacks the order adds.
func (o Order) Callbacks() int {
	switch o.Do {
	case DoTimeout:
		return o.Count
	case DoSoon:
		return 1
	case DoScript:
		return len(Script) + 1
	}
	return 0
}

// Check returns what is wrong with the order, in words for whoever gave it.
func (o Order) Check() error {
	switch o.Do {
	case DoTimeout:
		if longest := MaxDelay.Milliseconds(); o.Delay < 0 || o.Delay > longest {
			return fmt.Errorf("a delay must be from 0 to %s ms; %s is not", text.Thousands(longest), text.Thousands(o.Delay))
		}
		if o.Count < 1 || o.Count > MaxCount {
			return fmt.Errorf("the number of timers must be from 1 to %s; %s is not", text.Thousands(MaxCount), text.Thousands(int64(o.Count)))
		}
	case DoStop:
		if o.ID == 0 {
			return fmt.Errorf("stop needs the number of a timer")
		}
	case DoSoon, DoScript, DoStopNext, DoStopAll:
	default:
		return fmt.Errorf("%.40q is nothing that a stage can do", o.Do)
	}
	return nil
}

// A Report is what a stage's process says about itself four times a second:
// one line of JSON on its standard output. Instants are milliseconds since
// 1970, as JavaScript counts them.
type Report struct {
	At      float64     `json:"at"`
	CPU     float64     `json:"cpu"`    // percent of one core over the last second
	Turns   uint64      `json:"turns"`  // a second, over the last second
	State   State       `json:"state"`  // what it does now, by its turns since the last report
	Doing   string      `json:"doing"`  // the same in a sentence
	Stands  []string    `json:"stands"` // in which cases of its select
	Loops   []Goroutine `json:"loops"`  // nil if it has too many to tell
	Pending int         `json:"pending"`
	Timers  []Timer     `json:"timers"` // the first due, in order; then some of the others
	Ran     uint64      `json:"ran"`    // callbacks, since the process began
	Calls   []Call      `json:"calls"`  // the last of those that ran since the last report
	Skipped int         `json:"skipped"`
	Fired   int         `json:"fired"`            // timers whose callback began since the last report
	Late    float64     `json:"late_ms"`          // the mean of their lateness, if there are any
	Notice  string      `json:"notice,omitempty"` // an order that could not be carried out
}

// How much of what there is a report lists. Beyond it there are only counts.
const (
	maxFirst  = 4  // timers one by one, first due first
	maxSample = 96 // of the others
	MaxCalls  = 40 // callbacks
)

// A Timer is one that is pending.
type Timer struct {
	ID  uint64  `json:"id"`
	Set float64 `json:"set"`
	Due float64 `json:"due"`
}

// A Call is a callback that has begun.
type Call struct {
	ID   uint64  `json:"id"`
	What string  `json:"what"`    // "setTimeout 3 s"
	At   float64 `json:"at"`      // when it began
	Late float64 `json:"late_ms"` // after its deadline; for CallSoon, after the call
}

// Millis returns t as JavaScript's Date has it.
func Millis(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }
