package main

import (
	"encoding/json"
	"slices"
	"sync"

	"example.com/eventloop/bench/live/lane"
)

// A status is what a lane's process is at.
type status string

const (
	off      status = "off"      // switched off, or not yet on
	starting status = "starting" // being built, or begun and has not reported yet
	on       status = "on"       // reports
	ended    status = "ended"    // ended without being told to, or could not be built
)

// A feed holds what the pages show. Its methods are safe for concurrent use.
type feed struct {
	mu    sync.Mutex // guards all below
	lanes []news
	done  []done // the last maxDone
	count int    // how many were done
}

// A done is a request that has been carried out.
type done struct {
	N       int     `json:"n"` // of all, from 1
	Request request `json:"request"`
}

// maxDone is more than people ask for between two tellings.
const maxDone = 8

// news is what is known of one lane.
type news struct {
	Lane   int    `json:"lane"`
	Status status `json:"status"`
	PID    int    `json:"pid"` // 0 if no process is running
	Why    string `json:"why"` // it ended

	Building bool     `json:"building"`
	Problem  string   `json:"problem"` // what the compiler says of the source as it is
	Built    string   `json:"built"`   // when what runs was built, "" if nothing runs
	Killed   string   `json:"killed"`  // how the process before it ended, if not as it should have
	Code     []string `json:"code"`    // the lines of the excerpt
	Lit      []int    `json:"lit"`     // those at which the loop is

	Report  *lane.Report `json:"report"`            // the last one, nil if there is none
	Calls   []lane.Call  `json:"calls"`             // the last of its process
	History []point      `json:"history,omitempty"` // percent of one core, for the plot
}

// A point of a plot: when, and how much.
type point [2]float64

// maxHistory is how many points a plot has: a minute of reports.
const maxHistory = 60 * 4

func newFeed(lanes int) *feed {
	f := &feed{lanes: make([]news, lanes)}
	for i := range f.lanes {
		f.lanes[i] = news{Lane: i + 1, Status: off}
	}
	return f
}

// lane returns what is known of lane n.
func (f *feed) lane(n int) news {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lanes[n-1]
}

// change changes what is known of lane n.
func (f *feed) change(n int, change func(*news)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.lanes[n-1])
}

// report takes a report of lane n, whose process runs code.
func (f *feed) report(n int, r lane.Report, code excerpt) {
	f.change(n, func(s *news) {
		s.Status, s.Report, s.Lit = on, &r, code.lit(r.Stacks)
		r.Stacks = nil
		s.History = last(append(s.History, point{r.At, r.CPU}), maxHistory)
		s.Calls = last(slices.Concat(s.Calls, r.Calls), lane.MaxCalls)
	})
}

// did notes what has been done for a page, for the others to tell.
func (f *feed) did(asked request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	f.done = last(append(f.done, done{f.count, asked}), maxDone)
}

// all returns all that is known, as JSON.
func (f *feed) all(withHistory bool) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	lanes := slices.Clone(f.lanes)
	for i := range lanes {
		if !withHistory {
			lanes[i].History = nil
		}
	}
	data, err := json.Marshal(map[string]any{"lanes": lanes, "done": f.done, "count": f.count})
	if err != nil {
		panic(err) // these are our own types
	}
	return data
}

// last returns the last n of s.
func last[T any](s []T, n int) []T { return s[max(0, len(s)-n):] }
