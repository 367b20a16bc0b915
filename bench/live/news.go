package main

import (
	"encoding/json"
	"slices"
	"time"

	"example.com/eventloop/bench/live/lane"
)

// A status says what a lane's process is doing.
type status string

const (
	off      status = "off"      // switched off, or not yet on
	starting status = "starting" // being built, or begun and has not reported yet
	on       status = "on"       // reports
	ended    status = "ended"    // ended without being told to, or could not be built
)

// news is everything the pages are told of one lane.
type news struct {
	Lane   int    `json:"lane"`
	Status status `json:"status"`
	PID    int    `json:"pid"` // 0 if no process is running
	Why    string `json:"why"` // it ended

	Building bool     `json:"building"`
	Problem  string   `json:"problem"` // what the compiler says of the source as it is
	Built    string   `json:"built"`   // when the running program was built, "" if nothing runs
	Code     []string `json:"code"`    // the lines of the excerpt
	Lit      []int    `json:"lit"`     // those at which the loop is

	Report  *lane.Report `json:"report"`  // the last one, nil if there is none
	Calls   []lane.Call  `json:"calls"`   // the last of its process
	History []point      `json:"history"` // percent of one core, for the plot
}

// A point of a plot: when, and how much.
type point [2]float64

// maxHistory is how many points a plot has: a minute of reports.
const maxHistory = 60 * 4

// A done is a request that has been carried out.
type done struct {
	At      int64   `json:"at"` // milliseconds since 1970
	Request request `json:"request"`
}

// maxDone is more than people ask for between two tellings.
const maxDone = 8

// change changes what is known of lane n.
func (l *lanes) change(n int, change func(*news)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.news[n])
}

// report takes a report of lane n, whose process runs code.
func (l *lanes) report(n int, r lane.Report, code excerpt) {
	l.change(n, func(s *news) {
		s.Status, s.Report, s.Lit = on, &r, code.lit(r.Stacks)
		r.Stacks = nil
		s.History = last(append(s.History, point{r.At, r.CPU}), maxHistory)
		s.Calls = last(slices.Concat(s.Calls, r.Calls), lane.MaxCalls)
	})
}

// did notes a request that was carried out for one page, so that the others can tell.
func (l *lanes) did(asked request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done = last(append(l.done, done{time.Now().UnixMilli(), asked}), maxDone)
}

// all returns everything that is known, as JSON.
func (l *lanes) all() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	data, err := json.Marshal(map[string]any{"lanes": l.news[1:], "done": l.done})
	if err != nil {
		panic(err) // these are our own types
	}
	return data
}

// last returns the last n of s.
func last[T any](s []T, n int) []T { return s[max(0, len(s)-n):] }
