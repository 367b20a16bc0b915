package main

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// A grid is one table of a page in docs/results: the figures of one unit.
type grid struct {
	columns []string
	rows    []string
	cells   map[string][]string // by row
}

// table quotes rows of such a table, and says where all of it is.
func (b *book) table(r region) (string, error) {
	words, values, err := r.words("rows", "cols")
	if err != nil {
		return "", err
	}
	if len(words) != 2 {
		return "", errors.New("it needs a page of docs/results and a unit")
	}
	page := words[0]
	g, about, err := b.grid(page, words[1])
	if err != nil {
		return "", err
	}
	if about == "" {
		return "", fmt.Errorf("%s does not say where it was measured", page)
	}
	rows, columns := g.rows, g.columns
	if values["rows"] != "" {
		rows = strings.Split(values["rows"], "|")
	}
	if values["cols"] != "" {
		columns = strings.Split(values["cols"], "|")
	}
	var out strings.Builder
	fmt.Fprintf(&out, "\n| %s | %s |\n|---|%s\n", words[1], strings.Join(columns, " | "), strings.Repeat("---:|", len(columns)))
	for _, row := range rows {
		fmt.Fprintf(&out, "| %s |", row)
		for _, column := range columns {
			cell, err := g.cell(row, column)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&out, " %s |", cell)
		}
		out.WriteString("\n")
	}
	fmt.Fprintf(&out, "\n%s. All of it: [%s](%s).\n\n", about, path.Base(page), relative(r.page, page))
	return out.String(), nil
}

// figure quotes one figure.
func (b *book) figure(r region) (string, error) {
	words, _, err := r.words()
	if err != nil {
		return "", err
	}
	if len(words) != 4 {
		return "", errors.New("it needs a page of docs/results, a unit, a row and a column")
	}
	g, _, err := b.grid(words[0], words[1])
	if err != nil {
		return "", err
	}
	cell, err := g.cell(words[2], words[3])
	if err == nil && cell == "" {
		err = errors.New("there is no figure in that cell")
	}
	return cell, err
}

func (g grid) cell(row, column string) (string, error) {
	i := slices.Index(g.columns, column)
	if i < 0 {
		return "", fmt.Errorf("there is no column %q, there are %q", column, g.columns)
	}
	cells, ok := g.cells[row]
	if !ok {
		return "", fmt.Errorf("there is no row %q, there are %q", row, g.rows)
	}
	if cells == nil {
		return "", fmt.Errorf("there are several rows %q", row)
	}
	return cells[i], nil
}

// grid reads the table below the heading that is the unit, and the sentence
// that tells on which machine it was measured, if there is one.
func (b *book) grid(page, unit string) (grid, string, error) {
	text, err := b.read(page)
	if err != nil {
		return grid{}, "", fmt.Errorf("%w\n(the results are made by: go run -C bench/report .)", err)
	}
	about, _, ok := strings.Cut(text, ". The raw output")
	about = about[strings.LastIndex(about, "\n")+1:]
	if !ok {
		about = ""
	}
	_, after, ok := strings.Cut(text, "\n## "+unit+"\n")
	if !ok {
		return grid{}, "", fmt.Errorf("%s has no heading %q", page, unit)
	}
	g := grid{cells: map[string][]string{}}
	for line := range strings.Lines(after) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "## ") || len(g.rows) > 0 && line == "" {
			break
		}
		if !strings.HasPrefix(line, "|") {
			continue // the command, and what else there is to say
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case g.columns == nil:
			g.columns = cells[1:]
		case strings.HasPrefix(cells[0], "---"):
		case len(cells) != 1+len(g.columns):
			return grid{}, "", fmt.Errorf("%s: the row %q has %d cells, not %d", page, cells[0], len(cells), 1+len(g.columns))
		case slices.Contains(g.rows, cells[0]):
			g.cells[cells[0]] = nil
		default:
			g.rows = append(g.rows, cells[0])
			g.cells[cells[0]] = cells[1:]
		}
	}
	if len(g.rows) == 0 {
		return grid{}, "", fmt.Errorf("%s has no table below %q", page, unit)
	}
	return g, about, nil
}
