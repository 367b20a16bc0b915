package peers

import (
	"bytes"
	_ "embed"
	"fmt"
	"math"
	"os/exec"
	"strconv"
	"strings"
)

// A program measures a loop that is no Go: it is run with a kind of work and a
// number, and prints metrics, one "value unit" a line.
type program struct {
	name     string   // as in impl=
	commands []string // the first that works is taken
	args     []string // before the kind of work: read the program from stdin
	source   string
}

var (
	//go:embed programs/node.js
	nodeSource string
	//go:embed programs/asyncio.py
	asyncioSource string

	programs = []program{
		{"node", []string{"node"}, []string{"-"}, nodeSource},
		{"asyncio", []string{"python3", "python"}, []string{"-"}, asyncioSource},
	}
)

const notInstalled = "not installed"

// version returns what the program's interpreter calls itself, or
// notInstalled if there is none that starts.
func (p program) version() string {
	for _, command := range p.commands {
		// What is found may still be no interpreter: Windows has a python3 that
		// opens a shop.
		out, err := exec.Command(command, "--version").CombinedOutput()
		if err == nil && len(out) > 0 {
			return strings.TrimSpace(string(out))
		}
	}
	return notInstalled
}

// run has the program do some work and returns what it prints.
func (p program) run(work ...string) (string, error) {
	for _, command := range p.commands {
		if exec.Command(command, "--version").Run() != nil {
			continue
		}
		var out, complaint bytes.Buffer
		cmd := exec.Command(command, append(p.args, work...)...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(p.source), &out, &complaint
		if err := cmd.Run(); err != nil {
			return "", fmt.Errorf("%s %s: %w\n%s", p.name, strings.Join(work, " "), err, &complaint)
		}
		return out.String(), nil
	}
	return "", fmt.Errorf("%s: %s", p.name, notInstalled)
}

// parseMetrics reads lines of a value and a unit.
func parseMetrics(out string) (map[string]float64, error) {
	words := strings.Fields(out)
	if len(words) == 0 || len(words)%2 != 0 {
		return nil, fmt.Errorf("no metrics, each a value and a unit: %q", out)
	}
	metrics := make(map[string]float64)
	for i := 0; i < len(words); i += 2 {
		value, err := strconv.ParseFloat(words[i], 64)
		if err != nil {
			return nil, err
		}
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return nil, fmt.Errorf("%s %s is no measurement", words[i], words[i+1])
		}
		metrics[words[i+1]] = value
	}
	return metrics, nil
}
