// Package benchtext reads what go test -bench prints, and takes medians of it.
//
//	text, err := benchtext.Parse(file)
//	share, err := text.Median("Waiting/impl=stage1_polling/timers=1", "%cpu")
//
// A name is the benchmark's without Benchmark in front and without the number of
// processors behind. What was run several times has several values, in their order.
//
// The program that is measured may print what it likes, and its output stands among the
// figures. So a line may be of any length, a figure may have text before it, and it may
// stand lines below its benchmark's name.
package benchtext

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/eventloop/internal/text"
)

// A Result is what one benchmark has said once.
type Result struct {
	Pkg     string // the package, if a line before has told
	Name    string // with the number of processors still behind: Idle/impl=none-2
	Count   string // the number of iterations
	Figures []Figure
}

// A Figure is a value with its unit.
type Figure struct {
	Value string
	Unit  string
}

// String returns the line as go test prints it, with nothing else in it.
func (r Result) String() string {
	line := "Benchmark" + r.Name + "\t" + r.Count
	for _, f := range r.Figures {
		line += "\t" + f.Value + " " + f.Unit
	}
	return line
}

// A Reader takes in lines, one after the other. The zero Reader is ready.
type Reader struct {
	pkg  string
	name string // of the benchmark that runs
}

var (
	// The name comes when a benchmark begins, and the figures when it has ended.
	begun   = regexp.MustCompile(`Benchmark(\S+) *\t`)
	figures = regexp.MustCompile(`(\d+)((?:\t *\S+ \S+)+)$`)
)

// Line reads the next line, and reports whether a result ends with it.
func (r *Reader) Line(line string) (Result, bool) {
	if pkg, ok := strings.CutPrefix(line, "pkg: "); ok {
		r.pkg, r.name = pkg, ""
		return Result{}, false
	}
	if names := begun.FindAllStringSubmatch(line, -1); names != nil {
		r.name = names[len(names)-1][1]
	}
	found := figures.FindStringSubmatch(line)
	if found == nil || r.name == "" {
		return Result{}, false
	}
	result := Result{Pkg: r.pkg, Name: r.name, Count: found[1]}
	for pair := range strings.SplitSeq(strings.TrimPrefix(found[2], "\t"), "\t") {
		value, unit, _ := strings.Cut(strings.TrimLeft(pair, " "), " ")
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			return Result{}, false
		}
		result.Figures = append(result.Figures, Figure{value, unit})
	}
	r.name = ""
	return result, true
}

// Split takes the part impl=... out of a name: Waiting/impl=x/timers=1 is the row
// Waiting/timers=1 of the loop x.
func Split(name string) (row, impl string) {
	var rest []string
	for part := range strings.SplitSeq(name, "/") {
		if loop, ok := strings.CutPrefix(part, "impl="); ok && impl == "" {
			impl = loop
		} else {
			rest = append(rest, part)
		}
	}
	return strings.Join(rest, "/"), impl
}

// byRun matches the names that bench.Run gives: there the scenario is below the loop.
var byRun = regexp.MustCompile(`^[^/]*/(impl=[^/]+)/([A-Z][A-Za-z]*)`)

// Canonical gives what bench.Run has named the name that the same scenario has in
// package bench, so that both are in one row: it makes Waiting/impl=yours/timers=1 of
// Loop/impl=yours/Waiting/timers=1. It returns other names as they are.
func Canonical(name string) string { return byRun.ReplaceAllString(name, "$2/$1") }

// A Text holds results and the key: value lines above them. The zero Text is ready.
type Text struct {
	config map[string]string
	names  []string // in the order in which they came
	values map[string]map[string][]float64
	procs  string // what stands behind all names: -2
}

// Parse reads a whole text. It is an error if there is no result in it, if a benchmark
// has failed, or if a figure is none (NaN, infinite).
func Parse(r io.Reader) (*Text, error) {
	var t Text
	var reader Reader
	var failed error
	err := Lines(r, func(line string) {
		if result, ok := reader.Line(line); ok {
			failed = errors.Join(failed, t.Add(result))
		} else if strings.HasPrefix(line, "FAIL") || strings.HasPrefix(line, "--- FAIL") {
			failed = errors.Join(failed, errors.New("the benchmarks failed: "+line))
		} else if key, value, ok := strings.Cut(line, ": "); ok && configKey.MatchString(key) {
			t.Configure(key, value)
		}
	})
	if err = errors.Join(err, failed); err != nil {
		return nil, err
	}
	if len(t.names) == 0 {
		return nil, errors.New("no benchmark result in it")
	}
	return &t, nil
}

var (
	configKey = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	procs     = regexp.MustCompile(`-[0-9]+$`)
)

// Configure keeps the value of a key, unless it has one: those of go test come before
// those that look like them.
func (t *Text) Configure(key, value string) {
	if t.config == nil {
		t.config = make(map[string]string)
	}
	if _, known := t.config[key]; !known {
		t.config[key] = strings.TrimSpace(value)
	}
}

// Config returns the value of a key, or "".
func (t *Text) Config(key string) string { return t.config[key] }

// Add takes in a result. It is an error if a figure is none; the others of the result
// count.
func (t *Text) Add(r Result) (err error) {
	if suffix := procs.FindString(r.Name); len(t.names) == 0 {
		t.procs = suffix
	} else if suffix != t.procs {
		t.procs = "" // it is part of a name, then: go test writes the same behind each
	}
	if t.values == nil {
		t.values = make(map[string]map[string][]float64)
	}
	if t.values[r.Name] == nil {
		t.values[r.Name] = make(map[string][]float64)
		t.names = append(t.names, r.Name)
	}
	for _, f := range r.Figures {
		value, parse := strconv.ParseFloat(f.Value, 64)
		if parse != nil || math.IsNaN(value) || math.IsInf(value, 0) {
			err = errors.Join(err, fmt.Errorf("%s %s of Benchmark%s is no measurement", f.Value, f.Unit, r.Name))
			continue
		}
		t.values[r.Name][f.Unit] = append(t.values[r.Name][f.Unit], value)
	}
	return err
}

// Names returns the names of the benchmarks, in the order in which they came.
func (t *Text) Names() []string {
	names := make([]string, len(t.names))
	for i, name := range t.names {
		names[i] = strings.TrimSuffix(name, t.procs)
	}
	return names
}

// Units returns the units in which a benchmark has values, sorted.
func (t *Text) Units(name string) []string {
	return slices.Sorted(maps.Keys(t.values[name+t.procs]))
}

// Values returns the values of a benchmark, one of each round.
func (t *Text) Values(name, unit string) []float64 { return t.values[name+t.procs][unit] }

// Median returns the median of the values. If there are none, the error says what there
// is.
func (t *Text) Median(name, unit string) (float64, error) {
	if values := t.Values(name, unit); len(values) > 0 {
		return text.Median(values), nil
	}
	if units := t.Units(name); len(units) > 0 {
		return 0, fmt.Errorf("no figure in %s is in Benchmark%s: there are %s", unit, name, strings.Join(units, ", "))
	}
	return 0, fmt.Errorf("there is no Benchmark%s: there are %s", name, strings.Join(t.Names(), ", "))
}

// Rounds returns how often the benchmarks were run: the least of them.
func (t *Text) Rounds() int {
	least := math.MaxInt
	for _, units := range t.values {
		for _, values := range units {
			least = min(least, len(values))
		}
	}
	return least
}

// Provenance says on what, with what and when it was measured, in one line.
func (t *Text) Provenance() string {
	known := func(key, otherwise string) string {
		if value := t.config[key]; value != "" {
			return value
		}
		return otherwise
	}
	cpu := known("cpu", "unknown CPU")
	if cores := t.config["cores"]; cores != "" {
		cpu += ", " + cores + " cores"
	}
	return strings.Join([]string{
		cpu,
		known("go", "unknown Go version") + " " + known("goos", "unknown system") + "/" + known("goarch", "unknown"),
		known("date", "undated"),
		"medians of " + text.Plural(t.Rounds(), "pass"),
	}, " · ")
}

// longest is how much of a line is kept. A result stands at the ends of its line, so
// what goes is the middle.
const longest = 32 << 10

// Lines calls each with every line of r, until its end. Of lines that are too long to
// be read by anybody the middle is left out.
func Lines(r io.Reader, each func(line string)) error {
	in := bufio.NewReader(r)
	var line []byte
	for {
		part, more, err := in.ReadLine()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		line = append(line, part...)
		if len(line) > 2*longest {
			end := line[len(line)-longest/2:]
			line = append(append(line[:longest/2], " … "...), end...)
		}
		if !more {
			each(string(line))
			line = line[:0]
		}
	}
}
