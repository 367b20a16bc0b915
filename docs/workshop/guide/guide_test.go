package guide_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop/docs/workshop/guide"
)

func read(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../GUIDE.md")
	require.NoError(t, err)
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// The minutes in the sections add up, and the timetable is made of them.
func TestTheTimetableIsTrue(t *testing.T) {
	text := read(t)
	want, err := guide.WithTimetable(text)
	require.NoError(t, err)
	assert.Equal(t, want, text, "to write it anew: go run . timetable")
}

// Whoever leads has something on the wall in every section, and something to
// answer.
func TestEverySectionIsWhole(t *testing.T) {
	sections, err := guide.Parse(read(t))
	require.NoError(t, err)
	for _, s := range sections {
		assert.NotEmpty(t, s.Slides, s.Title)
		for i, slide := range s.Slides {
			assert.True(t, strings.HasPrefix(slide, "### "), "%s, slide %d begins with its heading", s.Title, i+1)
		}
	}
}

const sample = `# Guide

<!-- timetable -->
old
<!-- timetable end -->

## Before

no minutes

## 1 One, “quoted”

Minutes: 45 of 45, 40 of 90, 100 of 180

<!-- slide -->
### A

` + "```md\n## not a section\nMinutes: nor this\n```" + `
<!-- slide end -->

<!-- slide -->
### B
<!-- slide end -->

## 2 Two

Minutes: none of 45, 50 of 90, 80 of 180
`

func TestParse(t *testing.T) {
	sections, err := guide.Parse(sample)
	require.NoError(t, err)
	require.Len(t, sections, 2)
	assert.Equal(t, "1 One, “quoted”", sections[0].Title)
	assert.Equal(t, map[int]int{45: 45, 90: 40, 180: 100}, sections[0].Minutes)
	assert.Equal(t, map[int]int{90: 50, 180: 80}, sections[1].Minutes)
	assert.Len(t, sections[0].Slides, 2)
	assert.Equal(t, "### B", sections[0].Slides[1])
	assert.Equal(t, 11, sections[0].Line)
	assert.Empty(t, sections[1].Slides)

	text, err := guide.WithTimetable(sample)
	require.NoError(t, err)
	assert.Contains(t, text, `<!-- timetable -->
| begins at | 45 minutes | 90 minutes | 180 minutes |
|---|---:|---:|---:|
| [1 One, “quoted”](#1-one-quoted) | 0:00 | 0:00 | 0:00 |
| [2 Two](#2-two) |  | 0:40 | 1:40 |
| end | 0:45 | 1:30 | 3:00 |
<!-- timetable end -->`)
	again, err := guide.WithTimetable(text)
	require.NoError(t, err)
	assert.Equal(t, text, again)
}

func TestWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"45 of 45", "44 of 45", "the sections of 45 minutes take 44"},
		{"50 of 90", "50 of 80", `line 30: "Minutes: none of 45, 50 of 80, 80 of 180" is not like`},
		{"no minutes", "<!-- slide -->\n### X\n<!-- slide end -->", "before line 13: a slide in a section without minutes"},
		{"<!-- timetable end -->", "", "there must be one"},
	} {
		require.Contains(t, sample, c.old)
		_, err := guide.WithTimetable(strings.Replace(sample, c.old, c.new, 1))
		assert.ErrorContains(t, err, c.want)
	}
}
