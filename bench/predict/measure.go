package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/eventloop/bench/cputime"
)

// measureArg, as the first argument, makes this program measure one cell and
// print the result: it calls itself so.
const measureArg = "measure-one-cell"

// inProcess measures a cell in a process of its own.
func inProcess(ctx context.Context, c cell, window time.Duration) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, measureArg, strconv.Itoa(slices.Index(cells, c)), window.String())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, errors.Join(err, errors.New(strings.TrimSpace(stderr.String())))
	}
	return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
}

// child is that process. It returns the exit code.
func child(args []string, stdout, stderr io.Writer) int {
	percent, err := func() (float64, error) {
		if len(args) != 2 {
			return 0, fmt.Errorf("%s is for predict itself", measureArg)
		}
		i, err := strconv.Atoi(args[0])
		if err != nil || i < 0 || i >= len(cells) {
			return 0, fmt.Errorf("there is no cell %q", args[0])
		}
		window, err := time.ParseDuration(args[1])
		if err != nil {
			return 0, err
		}
		return cells[i].cost(window)
	}()
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	fmt.Fprintln(stdout, percent)
	return 0
}

// cost runs a loop in the state of the cell for that long and returns its CPU
// time, in percent of one core.
func (c cell) cost(window time.Duration) (percent float64, err error) {
	const settling = 50 * time.Millisecond

	l := stages[c.stage].newLoop()
	if c.pending {
		l.SetTimeout(time.Hour, func() {})
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{}) // closed when Run has returned
	go func() {
		defer close(ended)
		_ = l.Run(ctx) // its error is that ctx is done
	}()
	defer func() {
		cancel()
		<-ended
	}()
	begun := make(chan struct{})
	l.CallSoon(func() { close(begun) })
	<-begun
	time.Sleep(settling)

	before, err := cputime.Process()
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	time.Sleep(window)
	wall := time.Since(begin)
	after, err := cputime.Process()
	if err != nil {
		return 0, err
	}
	return cputime.Percent(after-before, wall), nil
}
