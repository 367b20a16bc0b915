package main

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"example.com/eventloop/internal/benchtext"
	"example.com/eventloop/internal/text"
)

// table shows the medians of benchmarks, and says on what they were measured.
func (b *book) table(r region) (string, error) {
	words, err := r.words()
	if err != nil {
		return "", err
	}
	last := len(words) - 1
	if last < 3 || !strings.Contains(words[last], "=") {
		return "", errors.New("it needs a file of docs/results, a unit, the names of benchmarks, and KEY=VALUE,VALUE for the columns")
	}
	file, unit, rows := words[0], words[1], words[2:last]
	key, values, _ := strings.Cut(words[last], "=")
	columns := strings.Split(values, ",")
	measured, err := b.measured(file)
	if err != nil {
		return "", err
	}
	t := tongueOf(r.page)
	say := b.sayIn(t)
	var out strings.Builder
	fmt.Fprintf(&out, "\n| %s |", unit)
	for _, column := range columns {
		out.WriteString(" " + say(column) + " |")
	}
	fmt.Fprintf(&out, "\n|---|%s\n", strings.Repeat("---:|", len(columns)))
	for _, row := range rows {
		fmt.Fprintf(&out, "| %s |", say(row))
		found := false
		for _, column := range columns {
			cell := ""
			for _, name := range measured.Names() {
				if strings.Replace(name, "/"+key+"="+column, "", 1) == row && row != name {
					if median, err := measured.Median(name, unit); err == nil {
						cell, found = text.Number(median), true
					}
				}
			}
			out.WriteString(" " + cell + " |")
		}
		if !found {
			return "", fmt.Errorf("%s has no Benchmark%s in %s with %s", file, row, unit, words[last])
		}
		out.WriteString("\n")
	}
	source := strings.TrimSuffix(file, ".txt") + ".md"
	if !b.exists(source, nil) {
		source = file
	}
	about := measured.Provenance() + t.pick(". All of it: ", "。全部数据：")
	fmt.Fprintf(&out, "\n%s[%s](%s)%s\n\n", t.caption(about), path.Base(source), relative(r.page, source), t.pick(".", "（英文）。"))
	return out.String(), nil
}

// figure quotes one figure.
func (b *book) figure(r region) (string, error) {
	words, err := r.words()
	switch {
	case err != nil:
		return "", err
	case len(words) != 3:
		return "", errors.New("it needs a file of docs/results, a unit and the name of a benchmark")
	}
	measured, err := b.measured(words[0])
	if err != nil {
		return "", err
	}
	median, err := measured.Median(words[2], words[1])
	return text.Number(median), err
}

func (b *book) measured(file string) (*benchtext.Text, error) {
	raw, err := b.read(file)
	if err != nil {
		return nil, err
	}
	measured, err := benchtext.Parse(strings.NewReader(raw))
	if err != nil {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return measured, err
}

// A row is one of a table in Markdown.
type row struct {
	line  int
	cells []string
}

// rows returns the rows of all tables of a page.
func (b *book) rows(page string) (all []row, err error) {
	source, err := b.read(page)
	if err != nil {
		return nil, err
	}
	var columns []string
	line := 0
	for l := range strings.Lines(source) {
		line++
		l = strings.TrimSpace(l)
		switch {
		case !strings.HasPrefix(l, "|"):
			columns = nil
		case strings.HasPrefix(l, "|---"):
		default:
			cells := strings.Split(strings.Trim(l, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			if columns == nil {
				columns = cells
				continue
			}
			if len(cells) < len(columns) {
				return nil, fmt.Errorf("%s:%d: the row has %d cells, not %d", page, line, len(cells), len(columns))
			}
			all = append(all, row{line, cells})
		}
	}
	return all, nil
}
