package scheduler

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOnlyTheBrokenOnesLose(t *testing.T) {
	for _, v := range variants {
		first := v.play(begin(sooner))[0]
		assert.Greater(t, first.orders, first.losing, "%s: some order is good", v.Name)
		if v.Name == "room" {
			assert.Zero(t, first.losing, v.Name)
		} else {
			assert.NotZero(t, first.losing, v.Name)
		}
	}
}

// Where each gap is, and that the same order does no harm in stage 3. (L is a step of
// the loop, C one of the code.)
func TestTheGaps(t *testing.T) {
	for _, c := range []struct {
		variant, order string
		lost           bool
	}{
		{"no-room", "LLLCCCCLL", true}, // between saying that it is asleep and sleeping
		{"room", "LLLCCCCLLLLLLL", false},
		{"no-room", "LLLLLCCCCLLLLLL", false}, // it sleeps already
		{"clear", "LLLCCCCLLL", true},
		{"clear", "LLLLLCCCCLLLLLLL", false}, // it has cleared already
		{"no-compare", "LCCCLLLL", true},     // in its turn
		{"room", "LCCCLLLL", false},
		{"no-compare", "CCCLLLLL", false}, // before it
	} {
		t.Run(c.variant+"/"+c.order, func(t *testing.T) {
			v := variants[slices.IndexFunc(variants, func(v variant) bool { return v.Name == c.variant })]
			positions := v.play(begin(sooner))
			p := positions[0]
			for i, letter := range c.order {
				to := p.moves[strings.IndexRune("LC", letter)].to
				require.NotZero(t, to, "%s: it can't make step %d", c.order, i+1)
				p = positions[to]
			}
			require.True(t, p.over(), "%+v", p.state)
			assert.Equal(t, c.lost, p.lost(), "%+v", p.state)
		})
	}
}

// Who receives from a channel takes the value; who waits for Python's Event does not.
func TestOnlyReceivingTakesTheValue(t *testing.T) {
	for _, v := range variants {
		woken := 0
		for _, p := range v.play(begin(sooner)) {
			if p.at[loop] >= wait && p.event {
				woken++
				after, _, ok := v.step(p.state, loop)
				require.True(t, ok)
				assert.Equal(t, v.Name == "clear", after.event, v.Name)
			}
		}
		assert.NotZero(t, woken, v.Name)
	}
}

// Whatever is set, and however often: sooner, later, at the same instant.
func TestStage3NeverLoses(t *testing.T) {
	delays := []time.Duration{sooner, time.Minute, time.Hour, 2 * time.Hour}
	var try func(timers []time.Duration)
	try = func(timers []time.Duration) {
		first := variants[1].play(begin(timers...))[0]
		require.Zero(t, first.losing, "%v", timers)
		require.NotZero(t, first.orders, "%v", timers)
		if len(timers) < 3 {
			for _, d := range delays {
				try(append(timers[:len(timers):len(timers)], d))
			}
		}
	}
	require.Equal(t, "room", variants[1].Name)
	try(nil)
}

// The counts are sums over positions. Going along every single order gives the same.
func TestCountsAreThoseOfEveryOrder(t *testing.T) {
	for _, v := range variants {
		var orders, losing uint64
		var walk func(state)
		walk = func(s state) {
			over := true
			for who := range 2 {
				if after, _, ok := v.step(s, who); ok {
					over = false
					walk(after)
				}
			}
			if over {
				orders++
				if s.lost() {
					losing++
				}
			}
		}
		walk(begin(sooner))
		first := v.play(begin(sooner))[0]
		assert.Equal(t, [2]uint64{orders, losing}, [2]uint64{first.orders, first.losing}, v.Name)
	}
}

// Wherever it ends, the loop sleeps and the code has returned: no order is cut off
// because two wait for each other.
func TestEveryOrderEndsAsleep(t *testing.T) {
	for _, v := range variants {
		for _, p := range v.play(begin(time.Minute, sooner)) {
			if p.over() {
				assert.Equal(t, asleep, p.at[loop], "%s: %+v", v.Name, p.state)
				assert.False(t, p.locked, "%s: %+v", v.Name, p.state)
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile("../../../" + file)
	require.NoError(t, err)
	return strings.ReplaceAll(string(raw), "\r\n", "\n")
}

func TestEachStepIsInTheSource(t *testing.T) {
	timers, event := read(t, "stage3_event/timers.go"), read(t, "stage3_event/event.go")
	require.NoError(t, check(timers, event))
	for _, c := range []struct{ old, new, want string }{
		{"\tif instant >= l.until {\n\t\treturn\n\t}\n", "", `first: ["if instant >= l.until {"`},
		{"\tl.until = instant\n", "\tl.until = min(l.until, instant)\n", "is in no step"},
		{"\t\tl.asleep = false\n\t\tl.wake.set()\n", "\t\tl.wake.set()\n\t\tl.asleep = false\n", `"l.wake.set()" in timerLoop.lookBy is in no step there`},
		{"\tl.asleep = true //", "\tl.wake = newEvent()\n\tl.asleep = true //", `"l.wake = newEvent()" in timerLoop.turn is in no step`},
		{"heap.Push(&l.pending, t)", "l.pending.put(t)", `first: ["heap.Push(&l.pending, t)"`},
		{"lookBy(instant", "lookAt(instant", "no timerLoop.lookBy"},
	} {
		changed := strings.Replace(timers, c.old, c.new, 1)
		require.NotEqual(t, timers, changed, c.old)
		assert.ErrorContains(t, check(changed, event), c.want)
	}
	for _, gone := range events {
		assert.ErrorContains(t, check(timers, strings.ReplaceAll(event, gone, "")), gone)
	}
}
