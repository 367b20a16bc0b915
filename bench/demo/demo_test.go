package main

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"example.com/eventloop/internal/loops"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const short = `Stage 3, event: both loops sleep until there is something to do.

  0.000 s  SetTimeout(2s, a)     returned after 0s
  0.000 s  SetTimeout(1s, b)     returned after 0s
  0.000 s  SetTimeout(3s, c)     returned after 0s
  0.000 s  CallSoon(add(3, 4))   returned after 0s
  0.000 s  Run                   from here on the loops go round and callbacks can run
  0.000 s  → add(3, 4) = 7       due at once, late by 0s
  1.000 s  → b                   due after 1s, late by 0s
  2.000 s  → a                   due after 2s, late by 0s
  3.000 s  → c                   due after 3s, late by 0s

What 3.0 s on this loop cost:
`

// In virtual time a loop that sleeps is exactly punctual, and three or thirty
// seconds take none. Ctrl-C in the middle is a context that is done.
func TestTheScriptInVirtualTime(t *testing.T) {
	for _, c := range []struct {
		args  []string
		until time.Duration
		code  int
		want  string
	}{
		{[]string{"-stage", "3"}, time.Hour, done, short},
		{[]string{"-stage=3", "-long"}, time.Hour, done, " 30.000 s  → d                   due after 30s, late by 0s\n\nWhat 30.0 s on this loop cost:\n"},
		{[]string{"-stage=3"}, 1500 * time.Millisecond, interrupted, "  1.500 s  stopped               2 callbacks never ran\n\nWhat 1.5 s on this loop cost:\n"},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), c.until)
			defer cancel()
			var stdout, stderr bytes.Buffer
			assert.Equal(t, c.code, run(ctx, c.args, nil, &stdout, &stderr))
			assert.Contains(t, stdout.String(), c.want)
			assert.Empty(t, stderr.String())
		})
	}
}

// Every stage plays the script, in real time: callbacks in the order of their
// deadlines, not in that in which they were set. Where a loop spins, a busy machine
// is told of.
func TestEveryStagePlaysTheScript(t *testing.T) {
	busy := func() string { return "busy" }
	for i, stage := range loops.Stages {
		var out, warn bytes.Buffer
		delays := []time.Duration{20 * time.Millisecond, 10 * time.Millisecond, 30 * time.Millisecond}
		assert.Zero(t, play(t.Context(), &out, &warn, i, delays, busy))
		var ran string
		for _, match := range regexp.MustCompile(`→ (\w) `).FindAllStringSubmatch(out.String(), -1) {
			ran += match[1]
		}
		assert.Equal(t, "bac", ran)
		assert.Contains(t, out.String(), "→ add(3, 4) = 7 ")
		assert.Regexp(t, `CPU time   \d+\.\d{3} s\n  top shows  \d+\.\d %CPU  [█░]{20} `, out.String())
		assert.Regexp(t, `turns      [1-9][0-9,]*,`, out.String())
		assert.Contains(t, out.String(), texts[i].lesson)
		assert.Equal(t, stage.SpinsPending, warn.String() == "\nbusy\n")

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		out.Reset()
		assert.Equal(t, 4, play(ctx, &out, &warn, i, delays, busy))
		assert.NotContains(t, out.String(), "→", "no callback starts once the context is done")
	}
}

func TestBadUsage(t *testing.T) {
	for args, want := range map[string]string{
		"":                     "no stage chosen: add -stage 1, 2 or 3\n",
		"-stage=4":             "no stage chosen: add -stage 1, 2 or 3\n",
		"-stage=one":           `invalid value "one" for flag -stage`,
		"-stage=3 -long=maybe": `invalid boolean value "maybe" for -long`,
		"-stage=3 5":           "unexpected argument \"5\": there are only flags\n",
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, badUsage, run(t.Context(), strings.Fields(args), nil, &stdout, &stderr), args)
		assert.Contains(t, stderr.String(), want)
		assert.Contains(t, stderr.String(), usage)
		assert.Empty(t, stdout.String())
	}
	assert.Equal(t, done, run(t.Context(), []string{"-h"}, nil, t.Output(), t.Output()))
}

func TestBar(t *testing.T) {
	for percent, want := range map[float64]int{-1: 0, 0: 0, 4: 0, 100: 10, 199: 20, 800: 20} {
		assert.Equal(t, strings.Repeat("█", want)+strings.Repeat("░", 20-want), bar(percent), "%v", percent)
	}
}
