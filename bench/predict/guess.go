package main

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
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
	file    string
	guesses [][]float64 // for each cell, those of the room
	truths  []float64   // for each cell; none before it is measured
}

// create returns an empty record in a new file.
func create(dir func() (string, error)) (*record, error) {
	d, err := dir()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(d, 0o755); err != nil {
		return nil, err
	}
	base := filepath.Join(d, "predict-"+time.Now().Format("20060102-150405"))
	for n := 1; ; n++ {
		name := base + ".csv"
		if n > 1 {
			name = fmt.Sprintf("%s-%d.csv", base, n)
		}
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		r := &record{file: name}
		return r, errors.Join(file.Close(), r.save())
	}
}

// newest stands for the file that was kept last.
const newest = "last"

// newestIn returns that file. Their names sort by time.
func newestIn(dir func() (string, error)) (string, error) {
	d, err := dir()
	if err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(d, "predict-*.csv"))
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", fmt.Errorf("no guesses are kept in %s", d)
	}
	// Two of one second differ by what follows it: none, -2, -3 and so on.
	return slices.MaxFunc(files, func(a, b string) int {
		return cmp.Or(cmp.Compare(stamp(a), stamp(b)), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	}), nil
}

// stamp is the time in the name of a file.
func stamp(name string) string {
	const length = len("predict-20060102-150405")
	name = filepath.Base(name)
	return name[:min(length, len(name))]
}

var header = []string{"stage", "waits", "guesses (% of a core)", "truth"}

func (r *record) save() error {
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
		return nil, fmt.Errorf("%s has guesses for %d cells, not for all %d", name, max(0, len(lines)-1), len(cells))
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
