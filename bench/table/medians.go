package main

import (
	"runtime"
	"slices"
	"strconv"
	"strings"

	"example.com/eventloop/internal/text"
)

// A table holds the figures of one unit.
type table struct {
	unit    string
	columns []string // the loops
	rows    []string // the scenarios
	cells   map[cell][]float64
}

type cell struct{ row, column string }

// median returns what a cell shows, or false if nothing was measured for it.
func (t *table) median(row, column string) (float64, bool) {
	values := t.cells[cell{row, column}]
	if len(values) == 0 {
		return 0, false
	}
	return text.Median(values), true
}

// medians takes in the lines of go test -bench.
type medians struct {
	cores  int // of GOMAXPROCS, which is written behind a name if it is above 1
	tables []*table

	current  string          // the package whose lines come
	measured map[string]bool // packages that have ended, and whether there was a figure
}

func newMedians() *medians {
	return &medians{cores: runtime.GOMAXPROCS(0), measured: make(map[string]bool)}
}

// add takes in one line. It passes over what is no benchmark of a loop.
func (m *medians) add(line string) {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return
	}
	switch fields[0] {
	case "pkg:":
		m.current = fields[1]
		return
	case "ok", "?":
		if _, known := m.measured[fields[1]]; !known {
			m.measured[fields[1]] = false
		}
		return
	}
	name, loop := m.name(canonical(fields[0]))
	if loop == "" || len(fields)%2 != 0 {
		return
	}
	for i := 2; i < len(fields); i += 2 {
		value, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return
		}
		t := m.table(fields[i+1])
		if !slices.Contains(t.rows, name) {
			t.rows = append(t.rows, name)
		}
		if !slices.Contains(t.columns, loop) {
			t.columns = append(t.columns, loop)
		}
		at := cell{name, loop}
		t.cells[at] = append(t.cells[at], value)
		m.measured[m.current] = true
	}
}

// name takes the name of a benchmark apart: BenchmarkWaiting/impl=x/timers=1-2
// is the scenario Waiting/timers=1 of the loop x.
func (m *medians) name(benchmark string) (scenario, loop string) {
	name, ok := strings.CutPrefix(benchmark, "Benchmark")
	if !ok {
		return "", ""
	}
	if m.cores > 1 {
		name = strings.TrimSuffix(name, "-"+strconv.Itoa(m.cores))
	}
	var parts []string
	for part := range strings.SplitSeq(name, "/") {
		if impl, ok := strings.CutPrefix(part, "impl="); ok && loop == "" {
			loop = impl
		} else {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "/"), loop
}

// table returns the one of that unit.
func (m *medians) table(unit string) *table {
	for _, t := range m.tables {
		if t.unit == unit {
			return t
		}
	}
	t := &table{unit: unit, cells: make(map[cell][]float64)}
	m.tables = append(m.tables, t)
	return t
}

// silent returns the packages that have ended without a figure, sorted.
func (m *medians) silent() (packages []string) {
	for p, figures := range m.measured {
		if !figures {
			packages = append(packages, p)
		}
	}
	slices.Sort(packages)
	return packages
}
