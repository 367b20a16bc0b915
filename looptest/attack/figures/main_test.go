package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// What has been made replaces what was there, and what has not stays.
func TestPage(t *testing.T) {
	first := page("", map[string]string{"Load and faults": "none\n", "Random programs": "a\n\nb\n"})
	assert.Regexp(t, "^# .*\n(.*\n)*\n## Random programs\n\na\n\nb\n\n## Load and faults\n\nnone\n$", first)
	assert.Equal(t, first, page(first, map[string]string{"Load and faults": "none\n"}), "the same again")
	second := page(first, map[string]string{"Load and faults": "some\n", "Under other runtimes": "c\n"})
	assert.Regexp(t, "\n## Random programs\n\na\n\nb\n\n## Load and faults\n\nsome\n\n## Under other runtimes\n\nc\n$", second)
}

func TestThousands(t *testing.T) {
	for digits, want := range map[string]string{"0": "0", "999": "999", "1000": "1,000", "1234567": "1,234,567"} {
		assert.Equal(t, want, thousands(digits))
	}
}

func TestTableAlignsFigures(t *testing.T) {
	table := newTable("stage", "how often", "took", "why")
	table.row("stage1", "1,000", "< 0.01 s", "2 of them, or")
	table.row("stage2", "", "3 s", "none")
	assert.Equal(t, "| stage | how often | took | why |\n|---|---:|---:|---|\n"+
		"| stage1 | 1,000 | < 0.01 s | 2 of them, or |\n| stage2 |  | 3 s | none |\n", table.String())
}

func TestBrief(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Hour: "1h", 20 * time.Minute: "20m", 10 * time.Second: "10s", time.Hour + 40*time.Second: "1h0m40s", 0: "0s",
		time.Hour + 10*time.Minute: "1h10m",
	} {
		assert.Equal(t, want, brief(d))
	}
}

// The command on the page has to make the section again.
func TestCommand(t *testing.T) {
	f := figures{long: time.Hour}
	assert.Equal(t, "go run ./looptest/attack/figures -only=soak -soak=1h", f.command("soak"))
	assert.Equal(t, "go run ./looptest/attack/figures -only=load", f.command("load"))
	f.short = true
	assert.Equal(t, "go run ./looptest/attack/figures -only=load -short", f.command("load"))
}
