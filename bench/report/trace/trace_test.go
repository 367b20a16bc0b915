package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/exp/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What the pictures are there to show, of live recordings. (A machine that is busy
// elsewhere may leave a loop no time to spin, so each is given as long as it needs.)
func TestWhereALoopSpins(t *testing.T) {
	const many, few = 5000, 200
	for i, spins := range [][]bool{{true, true}, {true, false}, {false, false}} { // timer loop, callback loop
		t.Run(stages[i].title, func(t *testing.T) {
			for second := time.Millisecond; ; second *= 2 {
				raw, err := record(stages[i].newLoop(), second)
				require.NoError(t, err)
				s, err := read(bytes.NewReader(raw))
				require.NoError(t, err)
				require.Len(t, s.lanes, 3)
				enough := true
				for loop, lane := range s.lanes[1:] {
					if spins[loop] {
						enough = enough && lane.changes >= many
					} else {
						assert.Less(t, lane.changes, few, "%s, with %v for a second", lane.name, second)
					}
				}
				assert.Less(t, s.lanes[0].changes, few, "your code waits, on every stage")
				if !enough {
					continue
				}
				var names []string
				for _, c := range s.callbacks {
					if c.name != "add(3, 4)" { // no order is promised between that and the timers
						names = append(names, c.name)
					}
				}
				assert.Equal(t, []string{"b", "a", "c"}, names)
				return
			}
		})
	}
}

// Goroutines of a made-up trace, and what they do.
const you, calls, waits, other = trace.GoID(1), trace.GoID(2), trace.GoID(3), trace.GoID(4)

func becomes(t *testing.T, at trace.Time, by, g trace.GoID, from, to trace.GoState) trace.Event {
	t.Helper()
	e, err := trace.MakeEvent(trace.EventConfig[trace.StateTransition]{
		Kind: trace.EventStateTransition, Time: at, Goroutine: by, Details: trace.MakeGoStateTransition(g, from, to),
	})
	require.NoError(t, err)
	return e
}

func says(t *testing.T, at trace.Time, g trace.GoID, category, message string) trace.Event {
	t.Helper()
	e, err := trace.MakeEvent(trace.EventConfig[trace.Log]{
		Kind: trace.EventLog, Time: at, Goroutine: g, Details: trace.Log{Category: category, Message: message},
	})
	require.NoError(t, err)
	return e
}

func madeUp(t *testing.T) []trace.Event {
	return []trace.Event{
		becomes(t, 50, you, you, trace.GoUndetermined, trace.GoRunning),
		says(t, 100, you, whoIs, yourCode),
		becomes(t, 110, you, calls, trace.GoNotExist, trace.GoRunnable),
		becomes(t, 120, you, you, trace.GoRunning, trace.GoWaiting),
		becomes(t, 130, trace.NoGoroutine, calls, trace.GoRunnable, trace.GoRunning),
		becomes(t, 140, calls, waits, trace.GoNotExist, trace.GoRunnable),
		becomes(t, 145, you, other, trace.GoNotExist, trace.GoRunnable),
		becomes(t, 150, calls, calls, trace.GoRunning, trace.GoWaiting),
		becomes(t, 160, trace.NoGoroutine, waits, trace.GoRunnable, trace.GoRunning),
		becomes(t, 170, waits, waits, trace.GoRunning, trace.GoRunnable),
		becomes(t, 180, trace.NoGoroutine, waits, trace.GoRunnable, trace.GoRunning),
		becomes(t, 190, waits, calls, trace.GoWaiting, trace.GoRunnable),
		becomes(t, 200, trace.NoGoroutine, calls, trace.GoRunnable, trace.GoRunning),
		says(t, 210, calls, callback, "a"),
		becomes(t, 220, calls, you, trace.GoWaiting, trace.GoRunnable),
		becomes(t, 300, calls, calls, trace.GoRunning, trace.GoNotExist),
		becomes(t, 400, waits, waits, trace.GoRunning, trace.GoNotExist),
	}
}

func TestTell(t *testing.T) {
	s, err := tell(madeUp(t))
	require.NoError(t, err)
	assert.Equal(t, story{
		length: 200,
		lanes: []lane{
			{"your code", 2, []span{{0, 20}, {120, 200}}},
			{"timer loop", 5, []span{{40, 200}}}, // to give way is no sleep
			{"callback loop", 6, []span{{10, 50}, {90, 200}}},
		},
		callbacks: []moment{{"a", 110}},
	}, s)
	assert.Equal(t, time.Duration(110+50), story{callbacks: []moment{{"a", 110}, {"b", 50}}}.cameAt())
}

func TestTellWhatIsMissing(t *testing.T) {
	all := madeUp(t)
	for want, events := range map[string][]trace.Event{
		"there is no your code in it":  slices.Concat(all[:1], all[2:]),
		"there is no timer loop in it": slices.Concat(all[:5], all[6:]),
		"the callback loop has started more than one goroutine": append(all,
			becomes(t, 500, calls, trace.GoID(5), trace.GoNotExist, trace.GoRunnable)),
	} {
		_, err := tell(events)
		assert.EqualError(t, err, want)
	}
	_, err := read(strings.NewReader("no trace"))
	assert.Error(t, err)
}

// Each picture is sound XML, and says what it is. (That it can be read on a phone is
// tested where all pictures are, in docs/weave.)
func TestPicture(t *testing.T) {
	s, err := tell(madeUp(t))
	require.NoError(t, err)
	svg := draw("stage 1, polling", s)
	in := xml.NewDecoder(bytes.NewReader(svg))
	seen := map[string]int{}
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok {
			seen[start.Name.Local]++
		}
	}
	assert.Equal(t, 1, seen["title"])
	assert.Equal(t, 1, seen["desc"])
	assert.Contains(t, string(svg), "Timer loop: awake for 80 % of the time, 5 changes of state.")
	assert.Contains(t, string(svg), "prefers-color-scheme: dark")
}

// A moment can be seen, however short, and those that touch are one bar.
func TestBars(t *testing.T) {
	x := func(at time.Duration) float64 { return float64(at) }
	assert.Equal(t, "M10.0 5H11.5v18H10.0z", bars([]span{{10, 10}}, x, 5))
	assert.Equal(t, "M10.0 5H13.5v18H10.0zM20.0 5H40.0v18H20.0z", bars([]span{{10, 10}, {11, 11}, {12, 12}, {20, 30}, {30, 40}}, x, 5))
	assert.Empty(t, bars(nil, x, 5))
}

func TestCommand(t *testing.T) {
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run([]string{"-dir", dir}, &stdout, &stderr), stderr.String())
	text, err := os.ReadFile(filepath.Join(dir, "trace.md"))
	require.NoError(t, err)
	assert.Equal(t, string(text), stdout.String())
	assert.Contains(t, stdout.String(), "\n## changes\n\n| | your code | timer loop | callback loop |\n|---|---:|---:|---:|\n| stage 1, polling | ")
	for _, s := range stages {
		assert.FileExists(t, filepath.Join(dir, s.file))
		assert.Contains(t, stdout.String(), "]("+s.file+")")
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-h"}, 0, "-dir"},
		{[]string{"-fast"}, 2, "not defined: -fast"},
		{[]string{"stages"}, 2, `trace: unexpected argument "stages": there are only flags`},
		{[]string{"-dir", filepath.Join(dir, "nowhere")}, 1, "trace: "},
	} {
		stdout.Reset()
		stderr.Reset()
		assert.Equal(t, c.code, run(c.args, &stdout, &stderr), "%v", c.args)
		assert.Contains(t, stderr.String(), c.want)
		assert.Empty(t, stdout.String())
	}
}
