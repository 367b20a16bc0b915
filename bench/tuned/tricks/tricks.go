package main

// A trick is one of those that make package tuned fast, and how to leave it out.
type trick struct {
	name  string // of the row in the table
	edits []edit
	rows  []string // the benchmarks that it is there for
}

// An edit replaces a text that stands in a file exactly once.
type edit struct{ file, old, new string }

var tricks = []trick{
	{
		name:  "A door for each processor",
		edits: []edit{{"doors.go", "n := runtime.GOMAXPROCS(0)\n", "n := min(1, runtime.GOMAXPROCS(0))\n"}},
		rows:  []string{"SetStop/goroutines=1", "SetStop/goroutines=4"},
	},
	{
		name:  "Stop only counts: it tells the loop once in 1,000 times",
		edits: []edit{{"timer.go", "const notice = 1000", "const notice = 1"}},
		rows:  []string{"SetStop/goroutines=1", "SetStop/goroutines=4"},
	},
	{
		name:  "A timer of 32 bytes, not 48",
		edits: []edit{{"timer.go", "	set time.Duration // when", "	_   [2]int64\n	set time.Duration // when"}},
		rows:  []string{"SetStop/goroutines=1", "Fire"},
	},
	{
		name: "A radix heap, not container/heap",
		edits: []edit{
			{"buckets.go", "type buckets struct {", "type unused struct {"},
			{"buckets.go", "func (b *buckets) push(", "func (b *unused) push("},
			{"buckets.go", "func (b *buckets) earliest(", "func (b *unused) earliest("},
			{"buckets.go", "func (b *buckets) due(", "func (b *unused) due("},
			{"buckets.go", "func (b *buckets) empty(", "func (b *unused) empty("},
			{"buckets.go", "func (b *buckets) sweep(", "func (b *unused) sweep("},
			{"event.go", "", heap},
		},
		rows: []string{"Fire", "Replace/pending=10000", "Replace/pending=1000000"},
	},
	{
		name:  "Chunks are used again",
		edits: []edit{{"chunks.go", "const enough = 64", "const enough = 0"}},
		rows:  []string{"Fire", "CallSoon/goroutines=1"},
	},
	{
		name:  "A chunk has 255 items, not 15",
		edits: []edit{{"chunks.go", "items [255]T", "items [15]T"}},
		rows:  []string{"Fire", "CallSoon/goroutines=1"},
	},
	{
		name:  "Callers read whether the loop sleeps before they write",
		edits: []edit{{"sleeper.go", "if s.asleep.Load() && s.asleep.Swap(false) {", "if s.asleep.Swap(false) {"}},
		rows:  []string{"CallSoon/goroutines=1", "CallSoon/goroutines=4"},
	},
	{
		name:  "What callers write and what the loop writes are apart in memory",
		edits: []edit{{"soon.go", "	_ [128]byte //", "	//"}, {"doors.go", "	_ [128]byte //", "	//"}},
		rows:  []string{"CallSoon/goroutines=4", "SetStop/goroutines=4"},
	},
	{
		name:  "The loop gives way in one turn of 16, not in each",
		edits: []edit{{"loop.go", "const giveWay = 16", "const giveWay = 1"}},
		rows:  []string{"Chain"},
	},
	{
		name:  "What is stopped on arrival goes no further",
		edits: []edit{{"loop.go", "if e.timer.claimed.Load() { // stopped", "if false {"}},
		rows:  []string{"SetStop/goroutines=1", "SetStop/goroutines=4"},
	},
}

// heap is what the radix heap does, with container/heap.
const heap = `package tuned

import (
	"container/heap"
	"slices"
	"time"
)

type buckets struct {
	h     entries
	n     int
	spare spares[entry]
}

type entries []entry

func (h entries) Len() int           { return len(h) }
func (h entries) Less(i, j int) bool { return compare(h[i], h[j]) < 0 }
func (h entries) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *entries) Push(any)          {}

func (h *entries) Pop() any {
	*h = (*h)[:len(*h)-1]
	return nil
}

func (b *buckets) push(e entry) {
	b.h = append(b.h, e)
	b.n++
	heap.Fix(&b.h, len(b.h)-1) // without an allocation for each
}

func (b *buckets) earliest() time.Duration {
	if len(b.h) == 0 {
		return never
	}
	return b.h[0].deadline
}

func (b *buckets) due(now time.Duration) (due []entry) {
	for len(b.h) > 0 && b.h[0].deadline <= now && len(due) < 1000 {
		due = append(due, b.h[0])
		heap.Pop(&b.h)
		b.n--
	}
	return due
}

func (b *buckets) sweep() {
	b.h = slices.DeleteFunc(b.h, func(e entry) bool { return e.timer.claimed.Load() })
	b.n = len(b.h)
	heap.Init(&b.h)
}
`
