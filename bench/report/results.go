package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"

	"example.com/eventloop/internal/text"
)

// results are the figures of one benchmark text, by row, implementation and
// unit. A row is a benchmark's name without Benchmark, without impl=... and
// without the number of cores at its end: Fire/timers=1000000.
type results struct {
	source string            // what to call the text in an error
	config map[string]string // its key: value lines
	rows   []string          // in the order of the text
	values map[string]map[string]map[string][]float64
}

// parse reads what go test -bench printed. It is an error if there is no
// result in it, if a line that should be one is malformed, if the benchmarks
// failed, or if a figure is none (NaN, infinite).
func parse(source string, text []byte) (*results, error) {
	r := &results{source: source, config: map[string]string{}, values: map[string]map[string]map[string][]float64{}}
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("FAIL")) || bytes.HasPrefix(line, []byte("--- FAIL")) {
			return nil, fmt.Errorf("%s: the benchmarks failed: %s", source, bytes.TrimSpace(line))
		}
	}
	reader := benchfmt.NewReader(bytes.NewReader(text), source)
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, record
		case *benchfmt.Result:
			if err := r.add(record); err != nil {
				return nil, err
			}
		}
	}
	if err := reader.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	if len(r.rows) == 0 {
		return nil, fmt.Errorf("%s: no benchmark result in it", source)
	}
	return r, nil
}

func (r *results) add(result *benchfmt.Result) error {
	for _, c := range result.Config {
		r.config[c.Key] = string(c.Value)
	}
	base, parts := result.Name.Parts()
	row, impl := string(base), ""
	for _, part := range parts {
		if name, ok := bytes.CutPrefix(part, []byte("/impl=")); ok {
			impl = string(name)
		} else if part[0] == '/' { // and not the number of cores
			row += string(part)
		}
	}
	if r.values[row] == nil {
		r.rows = append(r.rows, row)
		r.values[row] = map[string]map[string][]float64{}
	}
	if r.values[row][impl] == nil {
		r.values[row][impl] = map[string][]float64{}
	}
	for _, v := range result.Values {
		value, unit := v.Value, v.Unit
		if v.OrigUnit != "" { // ns/op, which benchfmt makes seconds of
			value, unit = v.OrigValue, v.OrigUnit
		}
		if math.IsNaN(value) || math.IsInf(value, 0) {
			file, line := result.Pos()
			return fmt.Errorf("%s:%d: %v %s is no measurement", file, line, value, unit)
		}
		r.values[row][impl][unit] = append(r.values[row][impl][unit], value)
	}
	return nil
}

// A figure is the median of what the passes measured, and what they did.
type figure struct {
	median float64
	passes []float64
}

// figure returns the figure of one row, or false if it was not measured.
func (r *results) figure(row, impl, unit string) (figure, bool) {
	values := r.values[row][impl][unit]
	if len(values) == 0 {
		return figure{}, false
	}
	return figure{text.Median(values), values}, true
}

var errMissing = errors.New("no such result")

// need is figure for what must be there.
func (r *results) need(row, impl, unit string) (figure, error) {
	f, ok := r.figure(row, impl, unit)
	if !ok {
		return f, fmt.Errorf("%s: Benchmark%s with impl=%s in %s: %w", r.source, row, impl, unit, errMissing)
	}
	return f, nil
}

// passes returns how often the rows were measured: the least of them.
func (r *results) passes() int {
	n := math.MaxInt
	for _, impls := range r.values {
		for _, units := range impls {
			for _, values := range units {
				n = min(n, len(values))
			}
		}
	}
	return n
}

// impls returns who has figures in unit, in the order of the legend and then
// of the alphabet.
func (r *results) impls(row, unit string) []string {
	var impls []string
	for impl, units := range r.values[row] {
		if len(units[unit]) > 0 {
			impls = append(impls, impl)
		}
	}
	return inOrder(impls)
}

// units returns all units of the text, sorted.
func (r *results) units() []string {
	units := map[string]bool{}
	for _, impls := range r.values {
		for _, values := range impls {
			for unit := range values {
				units[unit] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(units))
}

// provenance says on what, with what and when it was measured.
func (r *results) provenance() string {
	known := func(key, otherwise string) string {
		if v := r.config[key]; v != "" {
			return v
		}
		return otherwise
	}
	cpu := known("cpu", "unknown CPU")
	if cores := r.config["cores"]; cores != "" {
		cpu += ", " + cores + " cores"
	}
	return strings.Join([]string{
		cpu,
		known("go", "unknown Go version") + " " + known("goos", "unknown system") + "/" + known("goarch", "unknown"),
		known("date", "undated"),
		"medians of " + text.Plural(r.passes(), "pass"),
	}, " · ")
}
