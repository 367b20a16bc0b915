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
		assert.Equal(t, v.Name != "room", first.losing > 0, v.Name)
	}
}

// Where each gap is, and that the same order does no harm in stage 3. (L is a step of
// the loop, C one of the code.)
func TestTheGaps(t *testing.T) {
	for _, c := range []struct {
		variant, order string
		lost           bool
	}{
		{"no-room", "LCCLL", true}, // between the note and the sleep
		{"room", "LCCLLLLL", false},
		{"no-room", "LLLCCLLLL", false}, // it sleeps already
		{"clear", "LCCLLL", true},
		{"clear", "LLLLCCLLLLL", false}, // it has cleared already
		{"two-locks", "LCLLL", true},    // between the look and the note
		{"two-locks", "CLLLL", false},   // before the look
		{"room", "CLLL", false},
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

// Receiving from a channel takes the value; waiting for Python's Event does not.
func TestOnlyReceivingTakesTheValue(t *testing.T) {
	for _, v := range variants {
		woken := 0
		for _, p := range v.play(begin(sooner)) {
			if p.at[loop] >= wait && p.event {
				woken++
				after, _, ok := v.step(p.state, loop)
				require.True(t, ok)
				assert.Equal(t, v.clears, after.event, v.Name)
			}
		}
		assert.NotZero(t, woken, v.Name)
	}
}

// Whatever is set, and however often: sooner, later, at the same instant.
func TestStage3NeverLoses(t *testing.T) {
	var try func(timers []time.Duration)
	try = func(timers []time.Duration) {
		first := variants[1].play(begin(timers...))[0]
		require.Zero(t, first.losing, "%v", timers)
		require.NotZero(t, first.orders, "%v", timers)
		for _, d := range []time.Duration{sooner, time.Minute, time.Hour, 2 * time.Hour} {
			if len(timers) < 3 {
				try(append(timers[:len(timers):len(timers)], d))
			}
		}
	}
	require.Equal(t, "room", variants[1].Name)
	try(nil)
}

// The counts are sums over positions. Going along every single order gives the same.
// Each ends with the loop asleep and the lock free: none is cut off because two wait
// for each other.
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
				assert.Equal(t, asleep, s.at[loop], "%s: %+v", v.Name, s)
				assert.False(t, s.locked, "%s: %+v", v.Name, s)
			}
		}
		walk(begin(time.Minute, sooner))
		first := v.play(begin(time.Minute, sooner))[0]
		assert.Equal(t, [2]uint64{orders, losing}, [2]uint64{first.orders, first.losing}, v.Name)
	}
}

func read(file string) (string, error) {
	raw, err := os.ReadFile("../../../" + file)
	return strings.ReplaceAll(string(raw), "\r\n", "\n"), err
}

func TestEachStepIsInTheSource(t *testing.T) {
	timers, err := read("stage3_event/timers.go")
	require.NoError(t, err)
	event, err := read("stage3_event/event.go")
	require.NoError(t, err)
	require.NoError(t, check(timers, event))
	for _, c := range []struct{ old, new, want string }{
		{"\t\tl.until = t.deadline\n", "", `"l.wake.set()" in timerLoop.add is in no step there`},
		{"\tif t.deadline < l.until {\n", "\tif true {\n", `"l.until = t.deadline" in timerLoop.add is in no step`},
		{"\t\tl.until = l.pending[0].deadline\n", "\t\tl.until = min(l.until, l.pending[0].deadline)\n", "in timerLoop.turn is in no step"},
		{"\treturn l.until\n", "\tl.wake = newEvent()\n\treturn l.until\n", `"l.wake = newEvent()" in timerLoop.turn is in no step`},
		{"\t\tcase <-l.wake:", "\t\tcase <-wake:", `timerLoop.run has no "case <-l.wake:" there`},
		{") add(", ") put(", "no timerLoop.add"},
	} {
		changed := strings.Replace(timers, c.old, c.new, 1)
		require.NotEqual(t, timers, changed, c.old)
		assert.ErrorContains(t, check(changed, event), c.want)
	}
	assert.ErrorContains(t, check(timers, strings.ReplaceAll(event, "make(chan struct{}, 1)", "")), "make(chan struct{}, 1)")
}
