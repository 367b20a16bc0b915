package main

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/eventloop/internal/keep"
)

var number = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,9})?$`)

// parse reads the guesses on a line: numbers, with or without a percent sign.
// The error is a sentence for whoever typed it.
func parse(line string, cores int) ([]float64, error) {
	line = strings.TrimPrefix(line, "\ufeff") // some shells begin a pipe with it
	fields := strings.Fields(strings.ReplaceAll(line, "%", " "))
	if len(fields) == 0 {
		return nil, errors.New("there is no number: 0 if it costs nothing")
	}
	var guesses []float64
	for _, field := range fields {
		switch {
		case strings.HasPrefix(field, "-") && number.MatchString(field[1:]):
			return nil, fmt.Errorf("%q is less than nothing: a percentage is from 0 to %d here", field, 100*cores)
		case !number.MatchString(field):
			return nil, fmt.Errorf("%q is no percentage: it takes a number from 0 to %d, such as 50 or 0.5", field, 100*cores)
		}
		guess, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return nil, err
		}
		if guess > float64(100*cores) {
			return nil, fmt.Errorf("%s is more than there is: with %d cores a process can use %d %%", field, cores, 100*cores)
		}
		guesses = append(guesses, guess)
	}
	return guesses, nil
}

// A record is what was guessed and what was measured, and the file it is kept
// in: CSV, with a line for each cell.
type record struct {
	dir     string      // where a file is made for it with the first guess; none if it can't be kept
	file    string      // none if there is none yet
	guesses [][]float64 // for each cell, those of the room
	truths  []float64   // for each cell; none before it is measured
}

// create returns an empty record, or says why none can be kept. Its file begins
// with the first guess: a game that is given up before leaves none.
func create(dir string) (*record, error) {
	return &record{dir: dir}, keep.Folder(dir)
}

// newest stands for the file that was kept last.
const newest = "last"

// loadNewest returns the guesses that were kept last. It passes over those of a
// game that was given up in the middle, and tells.
func loadNewest(dir string, cores int, tell func(error)) (*record, error) {
	files, err := filepath.Glob(filepath.Join(dir, "predict-*.csv"))
	if err != nil {
		return nil, err
	}
	// Their names sort by time. Two of one second differ by what follows it: none,
	// -2, -3 and so on.
	slices.SortFunc(files, func(a, b string) int {
		return cmp.Or(cmp.Compare(stamp(b), stamp(a)), cmp.Compare(len(b), len(a)), cmp.Compare(b, a))
	})
	for _, file := range files {
		r, err := load(file, cores)
		if !errors.Is(err, errNotAll) {
			return r, err
		}
		tell(err)
	}
	return nil, fmt.Errorf("no guesses are kept in %s that are for all %d cells", dir, len(cells))
}

// errNotAll is the error of a file with guesses for some of the cells, or none.
var errNotAll = errors.New("not for all of them")

// stamp is the time in the name of a file.
func stamp(name string) string {
	const length = len("predict-20060102-150405")
	name = filepath.Base(name)
	return name[:min(length, len(name))]
}

var header = []string{"stage", "waits", "guesses (% of a core)", "truth"}

func (r *record) save() error {
	if r.file == "" && r.dir == "" {
		return nil
	}
	if r.file == "" {
		file, err := keep.File(r.dir, "predict", ".csv", time.Now())
		if err != nil {
			return err
		}
		file.Close()
		r.file = file.Name()
	}
	var text strings.Builder
	lines := csv.NewWriter(&text)
	_ = lines.Write(header) // a strings.Builder does not fail
	for i, guesses := range r.guesses {
		var fields []string
		for _, guess := range guesses {
			fields = append(fields, strconv.FormatFloat(guess, 'f', -1, 64))
		}
		truth := ""
		if i < len(r.truths) {
			truth = strconv.FormatFloat(r.truths[i], 'f', 1, 64)
		}
		_ = lines.Write([]string{strconv.Itoa(cells[i].stage), cells[i].waits(), strings.Join(fields, " "), truth})
	}
	lines.Flush()
	// Written beside it and put in its place: an older one is never lost half way.
	if err := os.WriteFile(r.file+".new", []byte(text.String()), 0o644); err != nil {
		return err
	}
	return os.Rename(r.file+".new", r.file)
}

// load returns the guesses in a file that save has written. They get a truth
// anew.
func load(name string, cores int) (*record, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(lines) != 1+len(cells) {
		return nil, fmt.Errorf("%s has guesses for %d of the %d cells, %w", name, max(0, len(lines)-1), len(cells), errNotAll)
	}
	r := &record{file: name}
	for i, line := range lines[1:] {
		if len(line) < 3 || line[0] != strconv.Itoa(cells[i].stage) || line[1] != cells[i].waits() {
			return nil, fmt.Errorf("%s, line %d: this is where %s should be", name, i+2, cells[i])
		}
		guesses, err := parse(line[2], cores)
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", name, i+2, err)
		}
		r.guesses = append(r.guesses, guesses)
	}
	return r, nil
}
