package lane

import (
	"path"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// A Goroutine is one of the loop's own: the one that called Run, or one started by
// that, in New or in Run.
type Goroutine struct {
	Run  bool   `json:"run"`  // it called Run, and so it is the one that calls back
	Does string `json:"does"` // "runs", "naps" or "waits"
	At   string `json:"at"`   // its line in the loop's source, as in timers.go:97
}

// A State is how a loop waits, as far as it shows between two reports.
type State string

const (
	Spins  State = "spins"
	Naps   State = "naps" // goes round and round, and sleeps for a moment each time
	Asleep State = "asleep"
)

// state says what a loop does that was measured and seen so.
func state(f figures, loops []Goroutine) State {
	if !f.spins {
		return Asleep
	}
	naps := false
	for _, g := range loops {
		if g.Does == "runs" {
			return Spins
		}
		naps = naps || g.Does == "naps"
	}
	if naps {
		return Naps
	}
	return Spins
}

// maxGoroutines is how many may be looked at. The world stands still meanwhile, some
// microseconds for each.
const maxGoroutines = 32

// goroutines returns what the loop's goroutines do at this instant. It uses buf.
func goroutines(buf []byte) []Goroutine {
	if runtime.NumGoroutine() > maxGoroutines {
		return nil
	}
	return parseTrace(string(buf[:runtime.Stack(buf, true)]))
}

var (
	header  = regexp.MustCompile(`^goroutine (\d+) (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[([^,\]]*)`)
	creator = regexp.MustCompile(`(?m)^created by .* in goroutine (\d+)$`)
	frame   = regexp.MustCompile(`(?m)^\t(.+\.go):(\d+)`)
)

// Where our own source lies, and Go's, as a trace has it.
var (
	here      = path.Dir(fileOf(does)) + "/"
	goLibrary = strings.TrimSuffix(fileOf(time.Sleep), "time/sleep.go")
)

// fileOf returns the file in which a function is, or begins for the runtime.
func fileOf(function any) string {
	file, _ := runtime.FuncForPC(reflect.ValueOf(function).Pointer()).FileLine(0)
	return file
}

// parseTrace finds the loop's goroutines in a trace of all: the one in runLoop, and
// its descendants.
func parseTrace(trace string) (loops []Goroutine) {
	blocks := strings.Split(strings.TrimSpace(trace), "\n\n")
	ours := make(map[string]bool) // by their number
	for grown := true; grown; {
		grown = false
		rest := blocks[:0]
		for _, block := range blocks {
			head := header.FindStringSubmatch(block)
			if head == nil {
				continue // cut off
			}
			run := strings.Contains(block, "/lane.runLoop(")
			parent := creator.FindStringSubmatch(block)
			if !run && (parent == nil || !ours[parent[1]]) {
				rest = append(rest, block)
				continue
			}
			ours[head[1]], grown = true, true
			loops = append(loops, Goroutine{Run: run, Does: does(head[2]), At: place(block)})
		}
		blocks = rest
	}
	return loops
}

// does says what a goroutine does whose state the runtime calls so.
func does(state string) string {
	switch state {
	case "running", "runnable":
		return "runs"
	case "sleep":
		return "naps"
	}
	return "waits"
}

// place returns the innermost line of a stack that is neither Go's nor ours.
func place(block string) string {
	for _, f := range frame.FindAllStringSubmatch(block, -1) {
		if !strings.HasPrefix(f[1], goLibrary) && path.Dir(f[1])+"/" != here {
			return path.Base(f[1]) + ":" + f[2]
		}
	}
	return ""
}
