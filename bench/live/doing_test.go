package main

import (
	"html"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestDoing(t *testing.T) {
	next := time.Date(2026, 11, 22, 14, 3, 7, 250e6, time.UTC)
	spinning := figures{turns: 3_412_907, spins: true}
	for _, test := range []struct {
		stage   int
		figures figures
		pending int
		stopped bool
		want    string
	}{
		{1, spinning, 0, false, "Went round 3,412,907 times this second: is there anything yet?"},
		{1, spinning, 1, false, "Went round 3,412,907 times this second: is it time yet?"},
		{1, spinning, 100, false, "Went round 3,412,907 times this second: is it time yet?"},
		{2, spinning, 1, false, "Put the same timer back 3,412,907 times this second."},
		{2, spinning, 10_000, false, "Put the same 10,000 timers back 3,412,907 times this second."},
		{2, figures{}, 0, false, "Asleep. Nothing is in its queues."},
		{3, figures{}, 0, false, "Asleep. No timer is pending, so no alarm is set."},
		{3, figures{turns: 3}, 1, false, "Asleep until 14:03:07.250."},
		{3, figures{turns: 688}, 5000, false, "Asleep until 14:03:07.250; 688 turns this second."},
		// A Stop does not put off stage 3's alarm.
		{3, figures{}, 1, true, "Asleep until 14:03:07.250 at the latest: the alarm of a timer that was stopped may ring before."},
		{3, figures{}, 0, true, "Asleep. No timer is pending; the alarm of one that was stopped may still ring."},
		{2, figures{}, 0, true, "Asleep. Nothing is in its queues."},
		// It follows what was measured, not what the stage is meant to do.
		{1, figures{}, 1, false, "Asleep until 14:03:07.250."},
		{2, figures{turns: 12, spins: true}, 0, false, "Went round 12 times this second."},
		{3, spinning, 1, false, "Went round 3,412,907 times this second."},
	} {
		assert.Equal(t, test.want, doing(test.stage, test.figures, test.pending, next, test.stopped),
			"doing(%d, %+v, %d, %t)", test.stage, test.figures, test.pending, test.stopped)
	}
}

func TestStands(t *testing.T) {
	spinning := figures{spins: true}
	const queued, ring, wake = "case pending := <-l.pending.items:", "case <-ring:", "case <-l.wake:"
	for _, test := range []struct {
		stage   int
		figures figures
		pending int
		stopped bool
		want    []string
	}{
		{1, spinning, 0, false, []string{"default:"}},
		{1, spinning, 1, false, []string{"default:"}},
		{2, figures{}, 0, false, []string{queued}},
		{2, spinning, 1, false, []string{queued}},
		{3, figures{}, 0, false, []string{wake}},
		{3, figures{}, 0, true, []string{ring, wake}},
		{3, figures{}, 1, false, []string{ring, wake}},
		// It follows what was measured, and where that fits nothing says nothing.
		{1, figures{}, 0, false, nil},
		{2, figures{}, 1, false, nil},
		{2, spinning, 0, false, nil},
		{3, spinning, 1, false, nil},
	} {
		got := stands(test.stage, test.figures, test.pending, test.stopped)
		assert.Equal(t, test.want, got, "stands(%d, %+v, %d, %t)", test.stage, test.figures, test.pending, test.stopped)
		for _, name := range got {
			assert.Contains(t, string(newView(2).Lanes[test.stage-1].Code), `data-case="`+html.EscapeString(name)+`"`, "the page shows it")
		}
	}
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 250 * time.Millisecond: "250 ms", 3 * time.Second: "3 s", 1250 * time.Millisecond: "1.25 s", maxDelay: "600 s",
	} {
		assert.Equal(t, want, seconds(d))
	}
}

func TestHighlightKeepsTheSource(t *testing.T) {
	assert.Equal(t, "<b>for</b> { <i>// a &lt; b</i>\n\tx &lt;- &#34;for&#34;\n}",
		string(highlight("for { // a < b\n\tx <- \"for\"\n}")))
	assert.Equal(t, "<span data-case=\"case x := &lt;-c:\"><b>case</b> x := &lt;-c: <i>// y: z</i></span>\n"+
		"\t<span data-case=\"default:\"><b>default</b>:</span>\n\tcases := 1",
		string(highlight("case x := <-c: // y: z\n\tdefault:\n\tcases := 1")))
}
