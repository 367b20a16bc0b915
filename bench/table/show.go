package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A table holds the medians of one unit.
type table struct {
	unit    string
	columns []string // the loops
	rows    []row    // the scenarios
}

type row struct {
	scenario string
	medians  map[string]float64 // by column; a loop may have none
}

// The header's second line has the unit where a median is, and these elsewhere.
var besides = []string{"", "CI", "vs base", "P"}

var gomaxprocs = regexp.MustCompile(`-[0-9]+$`)

// readTables reads what benchstat writes as CSV: for each unit two lines of
// header, a line for each benchmark, and geometric means, which mean nothing
// here. What benchstat has turned into seconds becomes nanoseconds again.
func readTables(text string) ([]table, error) {
	lines := csv.NewReader(strings.NewReader(text))
	lines.FieldsPerRecord = -1
	records, err := lines.ReadAll()
	if err != nil {
		return nil, err
	}
	var tables []table
	var columns map[int]string // by field
	for i, record := range records {
		switch {
		case len(record) < 2 || record[0] == "geomean":
		case record[0] == "" && i+1 < len(records) && records[i+1][0] == "": // first header
			columns = make(map[int]string)
			for field, unit := range records[i+1] {
				if !slices.Contains(besides, unit) && field < len(record) {
					columns[field] = cmp.Or(record[field], "(no impl=)")
				}
			}
		case record[0] == "": // second header
			t := table{}
			for field, unit := range record {
				if column, ok := columns[field]; ok {
					t.unit = unit
					t.columns = append(t.columns, column)
				}
			}
			tables = append(tables, t)
		case len(tables) == 0:
			return nil, fmt.Errorf("a line before any header: %q", record)
		default:
			t := &tables[len(tables)-1]
			medians := make(map[string]float64)
			for field, column := range columns {
				if field >= len(record) || record[field] == "" {
					continue
				}
				median, err := strconv.ParseFloat(record[field], 64)
				if err != nil {
					return nil, err
				}
				if strings.HasSuffix(t.unit, "sec/op") {
					median *= 1e9
				}
				medians[column] = median
			}
			t.rows = append(t.rows, row{gomaxprocs.ReplaceAllString(record[0], ""), medians})
		}
	}
	for i := range tables {
		tables[i].unit = strings.Replace(tables[i].unit, "sec/op", "ns/op", 1)
	}
	return tables, nil
}

// meaning says what each unit is, in the order in which they are shown.
var meaning = []struct{ unit, is string }{
	{"%cpu", "CPU time in percent of one core, as top shows it"},
	{"turns/s", "how often the loop's own loops go round, per second"},
	{"cpu-ns/op", "CPU time for each timer or call"},
	{"ns/op", "how long the caller waits for each"},
	{"late-p50-µs", "how late callbacks begin: the median"},
	{"late-p99-µs", "how late callbacks begin: 99 of 100 are within"},
}

// show writes all tables as one: they share the columns.
func show(w io.Writer, tables []table) {
	rank := func(t table) int {
		for i, m := range meaning {
			if m.unit == t.unit {
				return i
			}
		}
		return len(meaning)
	}
	slices.SortStableFunc(tables, func(a, b table) int { return rank(a) - rank(b) })

	var columns []string
	cells := [][]string{{""}}
	for _, t := range tables {
		for _, column := range t.columns {
			if !slices.Contains(columns, column) {
				columns = append(columns, column)
			}
		}
	}
	cells[0] = append(cells[0], columns...)
	for _, t := range tables {
		heading := t.unit
		if i := rank(t); i < len(meaning) {
			heading += ": " + meaning[i].is
		}
		cells = append(cells, nil, []string{heading})
		for _, row := range t.rows {
			line := []string{"  " + row.scenario}
			for _, column := range columns {
				cell := "·"
				if median, ok := row.medians[column]; ok {
					cell = number(median)
				}
				line = append(line, cell)
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
		var text strings.Builder
		for i, cell := range line {
			if i == 0 {
				fmt.Fprintf(&text, "%-*s", widths[i], cell)
			} else {
				fmt.Fprintf(&text, "  %*s", widths[i], cell)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(text.String(), " "))
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
	digits := strconv.FormatFloat(x, 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
