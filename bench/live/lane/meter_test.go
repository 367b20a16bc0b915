package lane

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestMeterReadsTheLastSecond(t *testing.T) {
	start := time.Now()
	m := &meter{marks: []mark{{at: start}}}
	at := func(elapsed, cpu time.Duration, turns uint64) figures {
		return m.add(mark{at: start.Add(elapsed), cpu: cpu, turns: turns})
	}
	const s, ms = time.Second, time.Millisecond

	assert.Equal(t, figures{}, m.add(mark{at: start}), "no time has passed")
	f := at(250*ms, 500*ms, 1000)
	assert.Equal(t, figures{cpu: 200, turns: 4000, spins: true}, f, "less than a second is all there is")
	for i := range 8 {
		f = at(time.Duration(i+2)*250*ms, 500*ms, 1000)
	}
	assert.Equal(t, figures{}, f, "two seconds later the burst is over")
	f = at(s*3600, 500*ms+36*s, 1000)
	assert.InDelta(t, 1, f.cpu, 0.01, "an hour without a reading is a mean of the hour")
}

func TestSpins(t *testing.T) {
	const interval = 250 * time.Millisecond
	for _, test := range []struct {
		what          string
		turns, events uint64
		cpu           time.Duration
		want          bool
	}{
		{"asleep", 0, 0, 0, false},
		{"woken by one timer that was set and ran", 6, 2, 100 * time.Microsecond, false},
		{"fires thousands of timers", 7_500, 2_500, 20 * time.Millisecond, false},
		{"spins", 900_000, 0, interval, true},
		{"spins on a machine that others keep busy", 9_000, 0, 3 * time.Millisecond, true},
		{"sweeps ten thousand timers a turn", 2_000, 2_500, interval, true},
		{"collects garbage while it sleeps", 0, 0, interval, false},
	} {
		assert.Equal(t, test.want, spins(test.turns, test.events, test.cpu, interval), test.what)
	}
}
