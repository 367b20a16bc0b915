package main

import "slices"

// A trick is one of those that make package tuned fast, and how to leave it out.
type trick struct {
	name    string
	both    []edit   // of the loop with the trick and of the loop without it
	without []edit   // leave the trick out
	rows    []string // the benchmarks that it is there for
}

// An edit replaces a text that stands in a file exactly once, or with "" the whole file.
type edit struct{ file, old, new string }

// loops are the two that are compared, and how to make them.
func (t trick) loops() map[string][]edit {
	return map[string][]edit{"with": t.both, "without": slices.Concat(t.both, t.without)}
}

var tricks = []trick{
	{
		name: "stay", // stopped timers stay where they are: here both loops have a container/heap
		both: containerHeap,
		without: []edit{
			{"buckets.go", "h[i], h[j] = h[j], h[i]", "h[i], h[j] = h[j], h[i]; h[i].timer.index, h[j].timer.index = i+1, j+1"},
			{"buckets.go", "	b.h = append(b.h, e)\n", "	if e.timer.claimed.Load() {\n		return\n	}\n	b.h = append(b.h, e)\n	e.timer.index = len(b.h)\n"},
			{"loop.go", "if stopped-l.swept", "if false && stopped-l.swept"},
			{"timer.go", "	if shard.stops", "	shard.loop.pending.remove(t)\n	if shard.stops"},
			{"loop.go", "	for i := range l.shards", "	l.pending.mu.Lock()\n	defer l.pending.mu.Unlock()\n	for i := range l.shards"},
		},
		rows: []string{"Replace/pending=10000", "Replace/pending=1000000"},
	},
	{
		name:    "radix", // a radix heap, not container/heap
		without: containerHeap,
		rows:    []string{"Fire", "Replace/pending=10000", "Replace/pending=1000000"},
	},
	{
		name:    "shards", // one for each processor, not one for all
		without: []edit{{"shards.go", "runtime.GOMAXPROCS(0)", "min(1, runtime.GOMAXPROCS(0))"}},
		rows:    []string{"SetStop/goroutines=1", "SetStop/goroutines=4"},
	},
	{
		name: "chunks", // not slices that grow
		without: []edit{
			{"chunks.go", "[255]T", "[]T"},
			{"chunks.go", " || c.n == len(c.items) {", " {"},
			{"chunks.go", "	c.items[c.n] = item", "	c.items = append(c.items[:c.n], item)"},
		},
		rows: []string{"Fire", "CallSoon/goroutines=1"},
	},
	{
		name:    "reuse", // chunks are used again
		without: []edit{{"chunks.go", "	pool.Put(c)\n", ""}},
		rows:    []string{"Fire", "CallSoon/goroutines=1"},
	},
	{
		name:    "read", // callers read whether the loop sleeps before they write
		without: []edit{{"sleeper.go", "s.asleep.Load() && ", ""}},
		rows:    []string{"CallSoon/goroutines=1", "CallSoon/goroutines=4"},
	},
	{
		name: "apart", // callers and the loop write to memory that is apart
		without: []edit{
			{"soon.go", "	_ [128]byte //", "	//"},
			{"shards.go", "	_ [128]byte // keeps", "	// keeps"},
			{"shards.go", "	_ [128]byte // all", "	// all"},
		},
		rows: []string{"CallSoon/goroutines=4", "SetStop/goroutines=4"},
	},
	{
		name:    "yield", // in one turn of 16, not in each
		without: []edit{{"loop.go", "const yieldEvery = 16", "const yieldEvery = 1"}},
		rows:    []string{"Chain"},
	},
}

// containerHeap has timers wait in a container/heap. They stay there when they are
// stopped. With a few edits more, each timer knows its place, and Stop calls remove.
var containerHeap = []edit{
	{"timer.go", "	seq uint64", "	index int // one more than its place in the heap, or 0\n	seq   uint64"},
	{"buckets.go", "", `package tuned

import (
	"container/heap"
	"slices"
	"sync"
	"time"
)

type entries []entry

func (h entries) Len() int           { return len(h) }
func (h entries) Less(i, j int) bool { return compare(h[i], h[j]) < 0 }
func (h entries) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *entries) Push(any)          {}

func (h *entries) Pop() any {
	last := len(*h) - 1
	(*h)[last].timer.index = 0
	*h = (*h)[:last]
	return nil
}

type buckets struct {
	mu sync.Mutex // a look locks it too, where Stop removes
	h  entries
	n  int
}

func (b *buckets) push(e entry) {
	b.h = append(b.h, e)
	b.n = len(b.h)
	heap.Fix(&b.h, b.n-1) // without an allocation for each
}

func (b *buckets) earliest() time.Duration {
	if len(b.h) == 0 {
		return never
	}
	return b.h[0].deadline
}

func (b *buckets) due(now time.Duration, seq uint64) (due []entry) {
	last := entry{now, &timer{seq: seq}}
	for len(b.h) > 0 && compare(b.h[0], last) <= 0 {
		due = append(due, b.h[0])
		heap.Pop(&b.h)
	}
	b.n = len(b.h)
	return due
}

func (b *buckets) remove(t *timer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.index > 0 {
		heap.Remove(&b.h, t.index-1)
		b.n = len(b.h)
	}
}

func (b *buckets) sweep() {
	b.h = slices.DeleteFunc(b.h, func(e entry) bool { return e.timer.claimed.Load() })
	b.n = len(b.h)
	heap.Init(&b.h)
}
`},
}
