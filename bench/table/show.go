package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"example.com/eventloop/internal/benchtext"
	"example.com/eventloop/internal/text"
)

// units says what each unit is, in the order in which they are shown.
var units = []struct{ unit, is string }{
	{"%cpu", "CPU time in percent of one core, as top shows it"},
	{"turns/s", "how often the loop's own loops go round, per second"},
	{"wakeups/s", "how often a thread goes to sleep and is woken, per second (says nothing where a loop spins)"},
	{"cpu-ns/op", "CPU time for each timer or call"},
	{"ns/op", "how long the caller waits for each"},
	{"late-p50-µs", "how late callbacks begin: the median"},
	{"late-p99-µs", "how late callbacks begin: 99 of 100 are within"},
}

// rows says what each scenario is.
var rows = []struct{ name, is string }{
	{"Idle", "the loop has nothing to do"},
	{"Waiting/timers=1", "one timer is pending, due in an hour"},
	{"Waiting/timers=100", "100 timers are pending, due in an hour"},
	{"Waiting/timers=10000", "10,000 timers are pending, due in an hour"},
	{"Firing", "1,000 timers fall due within 10 ms"},
	{"SetStop", "a timer is set for an hour, and stopped at once"},
	{"CallSoon", "10,000 callbacks are handed over, and run"},
	{"Lateness", "timers of 1 to 2 ms, one after the other"},
}

// show writes the scenarios, and a table of the medians for each unit.
func show(w io.Writer, t *benchtext.Text) {
	var columns []string
	names := map[[2]string]string{} // by row and column
	measured := map[string]bool{}
	for _, name := range t.Names() {
		row, column := benchtext.Split(name)
		if !slices.Contains(columns, column) {
			columns = append(columns, column)
		}
		names[[2]string{row, column}], measured[row] = name, true
	}
	line := func(first string, cell func(column string) string) {
		fmt.Fprintf(w, "%-22s", first)
		for _, column := range columns {
			fmt.Fprintf(w, "  %*s", max(9, utf8.RuneCountInString(column)), cell(column))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
	for _, row := range rows {
		if measured[row.name] {
			fmt.Fprintf(w, "%-22s%s\n", row.name, row.is)
		}
	}
	fmt.Fprintln(w)
	line("", func(column string) string { return column })
	for _, unit := range units {
		heading := "\n" + unit.unit + ": " + unit.is + "\n"
		for _, row := range rows {
			figures := map[string]string{}
			for _, column := range columns {
				if median, err := t.Median(names[[2]string{row.name, column}], unit.unit); err == nil {
					figures[column] = text.Number(median)
				}
			}
			if len(figures) > 0 {
				fmt.Fprint(w, heading)
				heading = ""
				line("  "+row.name, func(column string) string { return cmp.Or(figures[column], "·") })
			}
		}
	}
}
