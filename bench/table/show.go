package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.com/eventloop/internal/text"
)

// meaning says what each unit is, in the order in which they are shown.
var meaning = []struct{ unit, is string }{
	{"%cpu", "CPU time in percent of one core, as top shows it"},
	{"turns/s", "how often the loop's own loops go round, per second"},
	{"wakeups/s", "how often a thread goes to sleep and is woken, per second (says nothing where a loop spins)"},
	{"cpu-ns/op", "CPU time for each timer or call"},
	{"ns/op", "how long the caller waits for each"},
	{"late-p50-µs", "how late callbacks begin: the median"},
	{"late-p99-µs", "how late callbacks begin: 99 of 100 are within"},
}

// show writes all tables as one: they share the columns.
func show(w io.Writer, tables []*table) {
	rank := func(t *table) int {
		for i, m := range meaning {
			if m.unit == t.unit {
				return i
			}
		}
		return len(meaning)
	}
	tables = slices.SortedStableFunc(slices.Values(tables), func(a, b *table) int { return rank(a) - rank(b) })

	var columns []string
	for _, t := range tables {
		for _, column := range t.columns {
			if !slices.Contains(columns, column) {
				columns = append(columns, column)
			}
		}
	}
	cells := [][]string{append([]string{""}, columns...)}
	for _, t := range tables {
		heading := t.unit
		if i := rank(t); i < len(meaning) {
			heading += ": " + meaning[i].is
		}
		cells = append(cells, nil, []string{heading})
		for _, row := range t.rows {
			line := []string{"  " + row}
			for _, column := range columns {
				figure := "·"
				if median, ok := t.median(row, column); ok {
					figure = number(median)
				}
				line = append(line, figure)
			}
			cells = append(cells, line)
		}
	}
	fmt.Fprintln(w)
	align(w, cells)
}

// align writes lines with their cells one below the other, the first flush
// left and the others right. A line of one cell is a heading and may be long.
func align(w io.Writer, lines [][]string) {
	var widths []int
	for _, line := range lines {
		for i, cell := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if len(line) > 1 {
				widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			}
		}
	}
	for _, line := range lines {
		var out strings.Builder
		for i, cell := range line {
			if i == 0 {
				fmt.Fprintf(&out, "%-*s", widths[i], cell)
			} else {
				fmt.Fprintf(&out, "  %*s", widths[i], cell)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(out.String(), " "))
	}
}

// number writes x with about three figures, and thousands apart.
func number(x float64) string {
	switch {
	case x == 0:
		return "0"
	case x < 10:
		return strconv.FormatFloat(x, 'f', 2, 64)
	case x < 100:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return text.Thousands(int64(math.Round(x)))
}
