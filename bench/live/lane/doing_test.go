package lane

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDoing(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 3, 4, 0, time.UTC)
	const next = 3250 * time.Millisecond
	for _, test := range []struct {
		stage   int
		state   State
		turns   uint64
		pending int
		next    time.Duration
		stopped bool
		want    string
	}{
		{1, Spins, 3_412_907, 0, 0, false, "Went round 3,412,907 times this second: is there anything yet?"},
		{1, Spins, 3_412_907, 1, next, false, "Went round 3,412,907 times this second: is it time yet?"},
		{1, Spins, 3_412_907, 100, next, false, "Went round 3,412,907 times this second: is it time yet?"},
		{2, Spins, 3_412_907, 1, next, false, "Put the same timer back 3,412,907 times this second."},
		{2, Spins, 3_412_907, 10_000, next, false, "Put the same 10,000 timers back 3,412,907 times this second."},
		{2, Asleep, 0, 0, 0, false, "Asleep. No timer is pending."},
		{3, Asleep, 0, 0, 0, false, "Asleep. No timer is pending, so no alarm is set."},
		{3, Asleep, 3, 1, next, false, "Asleep. The next timer is due at 14:03:07.250."},
		{3, Asleep, 688, 5000, next, false, "Asleep. The next timer is due at 14:03:07.250; 688 turns this second."},
		// A Stop does not put off stage 3's alarm.
		{3, Asleep, 0, 1, next, true, "Asleep. The next timer is due at 14:03:07.250; the alarm of one that was stopped may ring before."},
		{3, Asleep, 0, 0, 0, true, "Asleep. No timer is pending; the alarm of one that was stopped may still ring."},
		{2, Asleep, 0, 0, 0, true, "Asleep. No timer is pending."},
		// It follows what was measured, not what the stage is meant to do.
		{1, Asleep, 0, 1, next, false, "Asleep. The next timer is due at 14:03:07.250."},
		{2, Spins, 12, 0, 0, false, "Went round 12 times this second."},
		{3, Spins, 3_412_907, 1, next, false, "Went round 3,412,907 times this second."},
		{1, Naps, 912, 1, next, false, "Slept and looked again 912 times this second."},
		// A wake-up that is missing.
		{3, Asleep, 0, 2, -4270 * time.Millisecond, false, "Asleep, though a timer was due 4.2 s ago."},
		{3, Asleep, 0, 2, -time.Millisecond, false, "Asleep. The next timer is due at 14:03:03.999."},
	} {
		assert.Equal(t, test.want, doing(test.stage, test.state, test.turns, test.pending, now, test.next, test.stopped), "%+v", test)
	}
}

func TestStands(t *testing.T) {
	const queued, ring, wake = "case pending := <-l.pending.items:", "case <-ring:", "case <-l.wake:"
	for _, test := range []struct {
		stage   int
		state   State
		pending int
		stopped bool
		want    []string
	}{
		{1, Spins, 0, false, []string{"default:"}},
		{1, Spins, 1, false, []string{"default:"}},
		{2, Asleep, 0, false, []string{queued}},
		{2, Spins, 1, false, []string{queued}},
		{3, Asleep, 0, false, []string{wake}},
		{3, Asleep, 0, true, []string{ring, wake}},
		{3, Asleep, 1, false, []string{ring, wake}},
		// It follows what was measured, and where that fits nothing says nothing.
		{1, Asleep, 0, false, nil},
		{1, Naps, 0, false, nil},
		{2, Asleep, 1, false, nil},
		{2, Spins, 0, false, nil},
		{3, Spins, 1, false, nil},
		{0, Asleep, 1, false, nil},
	} {
		got := stands(test.stage, test.state, test.pending, test.stopped)
		assert.Equal(t, test.want, got, "%+v", test)
		for _, name := range got {
			source, err := os.ReadFile([]string{"../../../stage1_polling", "../../../stage2_queue", "../../../stage3_event"}[test.stage-1] + "/timers.go")
			require.NoError(t, err)
			assert.Contains(t, string(source), name, "the stage has it")
		}
	}
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 250 * time.Millisecond: "250 ms", 3 * time.Second: "3 s", 1250 * time.Millisecond: "1.25 s", MaxDelay: "600 s",
	} {
		assert.Equal(t, want, seconds(d))
	}
}
