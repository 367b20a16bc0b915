package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.com/eventloop/internal/keep"
)

var number = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,9})?$`)

// parse reads the guesses on a line: numbers, with or without a percent sign.
// The error is a sentence for the person who typed it.
func parse(line string, cores int) ([]float64, error) {
	line = strings.TrimPrefix(line, "\ufeff") // some shells begin a pipe with it
	fields := strings.Fields(strings.ReplaceAll(line, "%", " "))
	if len(fields) == 0 {
		return nil, errors.New("there is no number: 0 if it costs nothing")
	}
	var guesses []float64
	for _, field := range fields {
		if !number.MatchString(field) {
			return nil, fmt.Errorf("%q is no percentage: it takes a number from 0 to %d, such as 50 or 0.5, or several with spaces between them", field, 100*cores)
		}
		guess, _ := strconv.ParseFloat(field, 64) // it is a number: see there
		if guess > float64(100*cores) {
			return nil, fmt.Errorf("%s is more than there is: with %d cores a process can use %d %%", field, cores, 100*cores)
		}
		guesses = append(guesses, guess)
	}
	return guesses, nil
}

// A record is what was guessed, and the file in which it is kept: a line for each
// cell, as it could be typed, and below them the truth.
type record struct {
	file    *os.File    // nil before the first guess: a game that is given up leaves none
	guesses [][]float64 // for each cell, those of the room
}

// add keeps the guesses for the next cell.
func (r *record) add(dir string, guesses []float64) (err error) {
	r.guesses = append(r.guesses, guesses)
	if r.file == nil {
		if r.file, err = keep.File(dir, "predict", ".txt", time.Now()); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(r.file, strings.Trim(fmt.Sprint(guesses), "[]"))
	return err
}

// last is a copy of the guesses that were complete last.
const last = "last.txt"

// complete makes this record the last one.
func (r *record) complete(dir string) error {
	text, err := os.ReadFile(r.file.Name())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, last), text, 0o644)
}

// load takes the guesses from a file, or from the last one.
func load(g game, name string) (*record, error) {
	if name == "last" {
		name = filepath.Join(g.dir, last)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	r := &record{}
	for line := range strings.Lines(string(text)) {
		guesses, err := parse(line, g.cores)
		if err != nil || len(r.guesses) == len(cells) {
			break // the truth, of an earlier time
		}
		r.guesses = append(r.guesses, guesses)
	}
	if len(r.guesses) < len(cells) {
		return nil, fmt.Errorf("%s has guesses for %d of the %d cells", name, len(r.guesses), len(cells))
	}
	r.file, err = os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	return r, err
}
