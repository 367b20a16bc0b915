package peers

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// A program measures a loop that is no Go: it is run with a kind of work and a
// number, and prints metrics, one "value unit" a line.
type program struct {
	name     string   // as in impl=
	commands []string // the first that works is taken
	source   string
}

var (
	//go:embed programs/node.js
	nodeSource string
	//go:embed programs/asyncio.py
	asyncioSource string

	programs = []program{
		{"node", []string{"node"}, nodeSource},
		{"asyncio", []string{"python3", "python"}, asyncioSource},
	}
)

const notInstalled = "not installed"

// command returns the command that works, and what it calls itself, or notInstalled.
func (p program) command() (command, version string) {
	for _, command := range p.commands {
		// What is found may still be no interpreter: Windows has a python3 that
		// opens a shop.
		out, err := exec.Command(command, "--version").CombinedOutput()
		if err == nil && len(out) > 0 {
			return command, strings.TrimSpace(string(out))
		}
	}
	return "", notInstalled
}

// run has the program do some work and returns what it has measured.
func (p program) run(work ...string) (map[string]float64, error) {
	command, _ := p.command()
	cmd := exec.Command(command, append([]string{"-"}, work...)...) // it reads the program from stdin
	cmd.Stdin, cmd.Stderr = strings.NewReader(p.source), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", p.name, strings.Join(work, " "), err)
	}
	return parseMetrics(string(out))
}

// parseMetrics reads lines of a value and a unit.
func parseMetrics(out string) (map[string]float64, error) {
	metrics := make(map[string]float64)
	for in := strings.NewReader(out); in.Len() > 0; {
		var value float64
		var unit string
		if _, err := fmt.Fscanln(in, &value, &unit); err != nil {
			return nil, fmt.Errorf("no lines of a value and a unit: %w\n%s", err, out)
		}
		metrics[unit] = value
	}
	return metrics, nil
}
