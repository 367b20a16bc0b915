package lane

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// An interval is what a loop does between two reports.
type interval struct {
	turns, events uint64
	cpu           time.Duration
	busy          bool
}

func TestMeter(t *testing.T) {
	const ms = time.Millisecond
	spin := interval{900_000, 0, 250 * ms, true}
	starved := interval{0, 0, 0, true}
	slow := interval{40, 0, 60 * ms, true} // it sweeps many timers, on a machine that others keep busy
	nap := interval{235, 0, 9 * ms, false}
	longNap := interval{5, 0, 1 * ms, false}
	sleep := interval{0, 0, 1 * ms, false}
	fires := interval{7_500, 2_500, 70 * ms, true}
	half := interval{300_000, 0, 100 * ms, false} // it spun, and then fell asleep
	for _, test := range []struct {
		what      string
		intervals []interval
		want      figures
	}{
		{"asleep", []interval{sleep, sleep, sleep, sleep}, figures{0.4, 0, Asleep}},
		{"spins", []interval{spin, spin, spin, spin, spin, spin}, figures{100, 3_600_000, Spins}},
		{"spins, and gets no core", []interval{spin, slow, starved, starved, starved, starved}, figures{0, 0, Spins}},
		{"sweeps many timers", []interval{slow, slow, slow, slow}, figures{24, 160, Spins}},
		{"naps", []interval{nap, nap, nap, nap}, figures{3.6, 940, Naps}},
		{"is seen awake between two naps", []interval{nap, nap, {235, 0, 9 * ms, true}, {235, 0, 9 * ms, true}, nap, nap}, figures{3.6, 940, Naps}},
		{"naps for 50 ms", []interval{longNap, longNap, longNap, longNap}, figures{0.4, 20, Naps}},
		{"fires many timers", []interval{fires, fires, fires, fires}, figures{28, 30_000, Works}},
		{"one interval is no change", []interval{spin, spin, spin, sleep}, figures{75.1, 2_700_000, Spins}},
		{"falls asleep: the figures begin anew", []interval{spin, spin, spin, half, sleep, sleep}, figures{0.4, 0, Asleep}},
		{"begins to spin", []interval{sleep, sleep, sleep, sleep, spin, spin}, figures{100, 3_600_000, Spins}},
	} {
		end := mark{at: time.Now()}
		m := &meter{marks: []mark{end}}
		var got figures
		for _, i := range test.intervals {
			end = mark{end.at.Add(250 * ms), end.cpu + i.cpu, end.turns + i.turns, end.events + i.events, i.busy}
			got = m.add(end)
		}
		assert.Equal(t, test.want.state, got.state, test.what)
		assert.Equal(t, test.want.turns, got.turns, test.what)
		assert.InDelta(t, test.want.cpu, got.cpu, 0.01, test.what)
	}
	m := &meter{marks: []mark{{}}}
	assert.Equal(t, figures{state: Asleep}, m.add(mark{}), "no time has passed")
}
