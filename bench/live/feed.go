package main

import (
	"encoding/json"
	"fmt"
	"sync"

	"example.com/eventloop/bench/live/lane"
)

// A feed holds what the page shows and tells every open page what changes.
// Its methods are safe for concurrent use and never wait for a page.
type feed struct {
	mu       sync.Mutex // guards all below
	lanes    []laneNews
	watchers map[*watcher]struct{}
}

// laneNews is what is known of one lane.
type laneNews struct {
	Stage   int          `json:"stage"`
	Status  status       `json:"status"`
	PID     int          `json:"pid"` // 0 if no process is running
	Why     string       `json:"why"` // it ended
	Source  built        `json:"source"`
	History []point      `json:"history"` // percent of one core, of the last minute that it was on
	Late    []point      `json:"late"`    // milliseconds after the deadline, the last of them
	Ran     uint64       `json:"ran"`     // callbacks of its last process
	Calls   []lane.Call  `json:"calls"`   // the last of them
	Report  *lane.Report `json:"report"`  // the last one, nil if there is none
}

// built is how a lane's source and its process stand to each other.
type built struct {
	Building bool    `json:"building"`
	Problem  string  `json:"problem"` // what the compiler says of the source as it is
	At       float64 `json:"at"`      // when what runs was built, 0 if nothing was
	Code     string  `json:"code"`    // its excerpt, as HTML
	Verdict  string  `json:"verdict"` // how it waits, once that is known
	Killed   string  `json:"killed"`  // why the process before had to be
}

// A point of a plot: when, and how much.
type point [2]float64

// How much a page that is opened now is told of what was.
const (
	maxHistory  = 60 * 4 // points: a minute of reports
	maxLaneLog  = lane.MaxCalls
	maxWatchers = 64
)

// A watcher is one page's connection.
type watcher struct {
	// events are written to the page as they are. 256 is some twenty seconds
	// of reports: a page that has fallen further behind has its channel closed,
	// connects again and is told everything anew.
	events chan []byte
}

func newFeed(lanes int) *feed {
	f := &feed{lanes: make([]laneNews, lanes), watchers: make(map[*watcher]struct{})}
	for i := range f.lanes {
		f.lanes[i] = laneNews{Stage: i + 1, Status: off}
	}
	return f
}

// watch returns a watcher, and the event that says how everything stands
// before the first of its events.
func (f *feed) watch() (*watcher, []byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.watchers) == maxWatchers {
		return nil, nil, fmt.Errorf("%d connections are open and there can't be more: close a tab", maxWatchers)
	}
	w := &watcher{events: make(chan []byte, 256)}
	f.watchers[w] = struct{}{}
	return w, sse("all", f.lanes), nil
}

// leave ends a watcher. It may have been ended before.
func (f *feed) leave(w *watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.watchers, w)
}

// count returns how many watchers there are.
func (f *feed) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.watchers)
}

func (f *feed) setStatus(n int, s status, pid int, why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := &f.lanes[n-1]
	l.Status, l.PID, l.Why = s, pid, why
	if s == starting {
		l.Calls, l.Ran = nil, 0
	}
	if s != on {
		l.Report = nil // its timers and figures are gone with the process
	}
	f.tell(sse("status", struct {
		Stage  int    `json:"stage"`
		Status status `json:"status"`
		PID    int    `json:"pid"`
		Why    string `json:"why"`
	}{n, s, pid, why}))
}

// setSource changes what is known of the source of lane n.
func (f *feed) setSource(n int, change func(*built)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.lanes[n-1].Source)
	f.tell(sse("source", struct {
		Stage int `json:"stage"`
		built
	}{n, f.lanes[n-1].Source}))
}

func (f *feed) addReport(n int, r lane.Report) {
	f.mu.Lock()
	first := f.lanes[n-1].Status == starting
	pid := f.lanes[n-1].PID
	f.mu.Unlock()
	if first {
		f.setStatus(n, on, pid, "")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	l := &f.lanes[n-1]
	l.Report = &r
	l.Ran = r.Ran
	l.History = last(append(l.History, point{r.At, r.CPU}), maxHistory)
	if r.Fired > 0 {
		l.Late = last(append(l.Late, point{r.At, r.Late}), maxHistory)
	}
	l.Calls = last(append(l.Calls, r.Calls...), maxLaneLog)
	f.tell(sse("report", struct {
		Stage int `json:"stage"`
		lane.Report
	}{n, r}))
}

// tell is called with f.mu held.
func (f *feed) tell(event []byte) {
	for w := range f.watchers {
		select {
		case w.events <- event:
		default:
			delete(f.watchers, w)
			close(w.events)
		}
	}
}

// last returns the last n of s.
func last[T any](s []T, n int) []T {
	return s[max(0, len(s)-n):]
}

// sse returns a server-sent event.
func sse(name string, v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // v is one of our own types
	}
	return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", name, data)
}
