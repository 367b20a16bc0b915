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
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// In virtual time a loop that sleeps is exactly punctual, and three or thirty
// seconds take none.
func TestTheScriptInVirtualTime(t *testing.T) {
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
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-stage", "3"}, short},
		{[]string{"-stage=3", "-long"}, " 30.000 s  → d                   due after 30s, late by 0s\n\nWhat 30.0 s on this loop cost:\n"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var stdout, stderr bytes.Buffer
				code := run(t.Context(), c.args, &stdout, &stderr)
				assert.Equal(t, done, code)
				assert.Contains(t, stdout.String(), c.want)
				assert.Empty(t, stderr.String())
			})
		})
	}
}

// Every stage plays the script, in real time: callbacks in the order of their
// deadlines, not in that in which they were set.
func TestEveryStagePlaysTheScript(t *testing.T) {
	for _, stage := range stages {
		t.Run(stage.name, func(t *testing.T) {
			var out bytes.Buffer
			left := play(t.Context(), &out, stage, []time.Duration{20 * time.Millisecond, 10 * time.Millisecond, 30 * time.Millisecond})
			assert.Zero(t, left)

			ran := regexp.MustCompile(`→ (\S+)`).FindAllStringSubmatch(out.String(), -1)
			var timers, all []string
			for _, match := range ran {
				all = append(all, match[1])
				if match[1] != "add(3," {
					timers = append(timers, match[1])
				}
			}
			assert.Len(t, all, 4, "three timers and a CallSoon")
			assert.Equal(t, []string{"b", "a", "c"}, timers)
			assert.Regexp(t, `CPU time   \d+\.\d{3} s\n  top shows  \d+\.\d %CPU  [█░]{20} `, out.String())
			assert.Regexp(t, `turns      [1-9][0-9,]*,`, out.String())
			assert.Contains(t, out.String(), stage.lesson)
		})
	}
}

// What Ctrl-C does: ctx is done, in the middle of the script or before it.
func TestStoppingIsClean(t *testing.T) {
	t.Run("in the middle", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			var stdout, stderr bytes.Buffer
			code := run(ctx, []string{"-stage=3"}, &stdout, &stderr)
			assert.Equal(t, interrupted, code)
			assert.Contains(t, stdout.String(), "  1.500 s  stopped               2 callbacks never ran\n\nWhat 1.5 s on this loop cost:\n")
			assert.Empty(t, stderr.String())
		})
	})
	for _, number := range []string{"1", "2", "3"} {
		t.Run("at once, stage "+number, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			var stdout, stderr bytes.Buffer
			code := run(ctx, []string{"-stage", number}, &stdout, &stderr)
			assert.Equal(t, interrupted, code)
			assert.Contains(t, stdout.String(), "4 callbacks never ran")
			assert.NotContains(t, stdout.String(), "→", "no callback starts once the context is done")
			assert.Empty(t, stderr.String())
		})
	}
}

func TestBadUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "no stage chosen: add -stage 1, 2 or 3\n"},
		{[]string{"-long"}, "no stage chosen: add -stage 1, 2 or 3\n"},
		{[]string{"-stage=0"}, `invalid value "0" for flag -stage: there are stages 1, 2 and 3`},
		{[]string{"-stage=4"}, `invalid value "4" for flag -stage: there are stages 1, 2 and 3`},
		{[]string{"-stage=one"}, `invalid value "one" for flag -stage: there are stages 1, 2 and 3`},
		{[]string{"-stage"}, "flag needs an argument: -stage\n"},
		{[]string{"-stage=3", "-long=maybe"}, `invalid boolean value "maybe" for -long`},
		{[]string{"-stage=3", "-fast"}, "flag provided but not defined: -fast\n"},
		{[]string{"-stage=3", "5"}, "unexpected argument \"5\": there are only flags\n"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), c.args, &stdout, &stderr)
			assert.Equal(t, badUsage, code)
			assert.Contains(t, stderr.String(), c.want)
			assert.Contains(t, stderr.String(), usage)
			assert.Empty(t, stdout.String())
		})
	}
}

func TestHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Equal(t, done, run(t.Context(), []string{"-h"}, &stdout, &stderr))
	assert.Equal(t, usage, stderr.String())
}

func TestBar(t *testing.T) {
	for percent, want := range map[float64]string{
		0:   "░░░░░░░░░░░░░░░░░░░░",
		4:   "░░░░░░░░░░░░░░░░░░░░",
		100: "██████████░░░░░░░░░░",
		199: "████████████████████",
		800: "████████████████████",
		-1:  "░░░░░░░░░░░░░░░░░░░░",
	} {
		assert.Equal(t, want, bar(percent), "bar(%v)", percent)
	}
}
