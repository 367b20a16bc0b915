package lane

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"example.com/eventloop"
	polling "example.com/eventloop/stage1_polling"
	queue "example.com/eventloop/stage2_queue"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const stages = 3

// newLoop returns a constructor of stage n's loop.
func newLoop(n int) func() eventloop.Loop {
	return []func() eventloop.Loop{
		func() eventloop.Loop { return polling.New() },
		func() eventloop.Loop { return queue.New() },
		func() eventloop.Loop { return event.New() },
	}[n-1]
}

// A watched stage runs in this process, between pipes.
type watched struct {
	t        *testing.T
	orders   *json.Encoder
	end      func()
	reports  *json.Decoder
	last     Report
	calls    []string // all that have been reported
	lateness float64  // of the timers among them, the sum
	skipped  int
}

func watchStage(t *testing.T, n int) *watched {
	t.Helper()
	return watchLoop(t, n, newLoop(n))
}

func watchLoop(t *testing.T, n int, newLoop func() eventloop.Loop) *watched {
	t.Helper()
	inRead, inWrite := io.Pipe()
	outRead, outWrite := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(n, newLoop, inRead, outWrite)
		outWrite.Close()
	}()
	w := &watched{t: t, orders: json.NewEncoder(inWrite), end: func() { inWrite.Close() }, reports: json.NewDecoder(outRead)}
	t.Cleanup(func() {
		inWrite.Close()
		io.Copy(io.Discard, outRead)
		assert.NoError(t, <-ended, "a stage whose orders end has ended well")
	})
	return w
}

func (w *watched) order(o Order) {
	w.t.Helper()
	require.NoError(w.t, w.orders.Encode(o))
}

// until reads reports until one is as it must be. The test binary's own
// timeout is the only watchdog: nothing here is a matter of how long.
func (w *watched) until(is func(Report) bool) Report {
	w.t.Helper()
	for {
		w.last = Report{}
		require.NoError(w.t, w.reports.Decode(&w.last))
		for _, c := range w.last.Calls {
			w.calls = append(w.calls, fmt.Sprintf("#%d %s", c.ID, c.What))
			assert.GreaterOrEqual(w.t, c.Late, 0.0, "a callback never runs early")
			if c.What != "CallSoon" {
				w.lateness += c.Late
			}
		}
		w.skipped += w.last.Skipped
		if is(w.last) {
			return w.last
		}
	}
}

func forEachStage(t *testing.T, test func(t *testing.T, n int)) {
	for n := 1; n <= stages; n++ {
		t.Run(fmt.Sprintf("stage=%d", n), func(t *testing.T) { test(t, n) })
	}
}

func TestStageRunsTheArticlesScript(t *testing.T) {
	forEachStage(t, func(t *testing.T, n int) {
		w := watchStage(t, n)
		w.order(Order{Do: DoScript, ID: 1})
		r := w.until(func(r Report) bool { return r.Ran == 4 })
		assert.Equal(t, []string{"#4 CallSoon", "#2 setTimeout 1 s", "#1 setTimeout 2 s", "#3 setTimeout 3 s"}, w.calls)
		assert.Zero(t, r.Pending)
	})
}

func TestStageReportsWhatIsPending(t *testing.T) {
	forEachStage(t, func(t *testing.T, n int) {
		w := watchStage(t, n)
		before := Millis(time.Now())
		w.order(Order{Do: DoTimeout, ID: 1, Delay: 600_000, Count: 1})
		w.order(Order{Do: DoTimeout, ID: 2, Delay: 300_000, Count: 1})
		r := w.until(func(r Report) bool { return r.Pending == 2 })
		require.Len(t, r.Timers, 2)
		assert.Equal(t, []uint64{2, 1}, []uint64{r.Timers[0].ID, r.Timers[1].ID}, "the first due first")
		assert.GreaterOrEqual(t, r.Timers[0].Due, before+300_000-1)
		assert.InDelta(t, 300_000, r.Timers[0].Due-r.Timers[0].Set, 1)

		w.order(Order{Do: DoStop, ID: 1})
		r = w.until(func(r Report) bool { return r.Pending == 1 })
		assert.Equal(t, uint64(2), r.Timers[0].ID, "the one that was not stopped")
		w.order(Order{Do: DoStopNext})
		w.until(func(r Report) bool { return r.Pending == 0 })
		w.order(Order{Do: DoStopNext}) // none is left: nothing to do
		w.order(Order{Do: DoSoon, ID: 3})
		w.until(func(r Report) bool { return r.Ran == 1 })
		assert.Equal(t, []string{"#3 CallSoon"}, w.calls, "a stopped timer never runs")
	})
}

func TestStageWithManyTimers(t *testing.T) {
	forEachStage(t, func(t *testing.T, n int) {
		w := watchStage(t, n)
		w.order(Order{Do: DoTimeout, ID: 1, Delay: 600_000, Count: MaxCount})
		r := w.until(func(r Report) bool { return r.Pending == MaxCount })
		assert.Len(t, r.Timers, maxFirst+maxSample, "a report lists so many and no more")
		w.order(Order{Do: DoStopAll})
		w.until(func(r Report) bool { return r.Pending == 0 })

		w.order(Order{Do: DoTimeout, ID: 20_001, Delay: 0, Count: 1000})
		w.until(func(r Report) bool { return r.Ran == 1000 })
		assert.Equal(t, 1000, len(w.calls)+w.skipped, "listed or counted, none is forgotten")
	})
}

// What a report costs is charged to the loop that it is about.
func TestReportLooksAtNoMoreThanItLists(t *testing.T) {
	s := &stage{n: 3, loop: event.New(), pending: make(map[uint64]*pending)}
	m, err := newMeter(s.loop, time.Now())
	require.NoError(t, err)
	for i := range uint64(MaxCount) {
		s.setTimeout(i+1, time.Duration(i*7919%MaxCount)*time.Hour)
	}
	listed := s.report(m).Timers
	require.Len(t, listed, maxFirst+maxSample)
	for i := range maxFirst {
		assert.InDelta(t, float64(time.Duration(i)*time.Hour/time.Millisecond), listed[i].Due-listed[i].Set, 1, "the first due first")
	}
	ids := make(map[uint64]bool)
	for _, timer := range listed {
		ids[timer.ID] = true
	}
	require.Len(t, ids, len(listed), "none twice")

	for i, p := range s.order {
		if !ids[p.id] {
			s.order[i] = nil // whoever looks at it panics
			delete(s.pending, p.id)
		}
	}
	again := s.report(m)
	assert.Equal(t, MaxCount, again.Pending)
	for i, timer := range again.Timers {
		assert.Equal(t, listed[i].ID, timer.ID)
	}
}

func TestStageReportsHowLateItsTimersAre(t *testing.T) {
	forEachStage(t, func(t *testing.T, n int) {
		w := watchStage(t, n)
		w.order(Order{Do: DoSoon, ID: 1})
		r := w.until(func(r Report) bool { return r.Ran == 1 })
		assert.Zero(t, r.Fired, "a call has no deadline")
		w.order(Order{Do: DoTimeout, ID: 2, Count: 10})
		fired, late := 0, 0.0
		w.until(func(r Report) bool {
			fired += r.Fired
			late += r.Late * float64(r.Fired)
			return r.Ran == 11
		})
		assert.Equal(t, 10, fired)
		assert.InDelta(t, w.lateness, late, 1e-6, "the mean is that of what is listed")
	})
}

// Stage 3 leaves a stopped timer where it is until it comes to it.
func TestStageSaysThatAStoppedTimerMayWakeIt(t *testing.T) {
	w := watchStage(t, 3)
	w.order(Order{Do: DoTimeout, ID: 1, Delay: 300_000, Count: 1})
	w.order(Order{Do: DoTimeout, ID: 2, Delay: 600_000, Count: 1})
	r := w.until(func(r Report) bool { return r.Pending == 2 && r.State == Asleep })
	assert.NotContains(t, r.Doing, "stopped")
	w.order(Order{Do: DoStopNext})
	w.until(func(r Report) bool { return r.Pending == 1 && strings.Contains(r.Doing, "may ring before") })
	w.order(Order{Do: DoStopAll})
	w.until(func(r Report) bool { return r.Pending == 0 && strings.Contains(r.Doing, "may still ring") })
}

func TestStageSaysHowItWaits(t *testing.T) {
	type waits struct{ idle, pending bool }
	spins := map[int]waits{1: {true, true}, 2: {false, true}, 3: {false, false}}
	forEachStage(t, func(t *testing.T, n int) {
		w := watchStage(t, n)
		w.until(func(r Report) bool { return (r.State == Spins) == spins[n].idle })
		w.order(Order{Do: DoTimeout, ID: 1, Delay: 600_000, Count: 1})
		w.until(func(r Report) bool { return r.Pending == 1 && (r.State == Spins) == spins[n].pending })
		w.order(Order{Do: DoStopAll})
		w.until(func(r Report) bool { return r.Pending == 0 && (r.State == Spins) == spins[n].idle })
	})
}

func TestStageRefusesMoreThanItsBounds(t *testing.T) {
	w := watchStage(t, 3)
	for i := range MaxPending / MaxCount {
		w.order(Order{Do: DoTimeout, ID: uint64(i*MaxCount + 1), Delay: 600_000, Count: MaxCount})
	}
	w.until(func(r Report) bool { return r.Pending == MaxPending })
	w.order(Order{Do: DoTimeout, ID: MaxPending + 1, Delay: 600_000, Count: 1})
	r := w.until(func(r Report) bool { return r.Notice != "" })
	assert.Contains(t, r.Notice, "100,000 timers are pending here")
	assert.Equal(t, MaxPending, r.Pending, "an order is carried out as a whole or not at all")
	w.order(Order{Do: DoTimeout, ID: MaxPending + 1, Delay: -1, Count: 1})
	r = w.until(func(r Report) bool { return r.Notice != "" })
	assert.Contains(t, r.Notice, "a delay must be from 0 to 600,000 ms; -1 is not")
}

func TestOrdersThatCantBeReadEndTheStage(t *testing.T) {
	assert.ErrorContains(t, run(3, newLoop(3), strings.NewReader("nonsense"), io.Discard), "can't read orders")
}

func TestStageEndsWithItsOrdersThoughNobodyReadsItsReports(t *testing.T) {
	assert.NoError(t, run(3, newLoop(3), strings.NewReader(""), failing{}))
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("nobody reads") }

func TestOrderBounds(t *testing.T) {
	for _, test := range []struct {
		order Order
		want  string // "" if it is within them
	}{
		{Order{Do: DoTimeout, Delay: 0, Count: 1}, ""},
		{Order{Do: DoTimeout, Delay: 600_000, Count: 10_000}, ""},
		{Order{Do: DoTimeout, Delay: 600_001, Count: 1}, "a delay must be from 0 to 600,000 ms; 600,001 is not"},
		{Order{Do: DoTimeout, Delay: -1, Count: 1}, "a delay must be from 0 to 600,000 ms; -1 is not"},
		{Order{Do: DoTimeout, Delay: 1, Count: 0}, "the number of timers must be from 1 to 10,000; 0 is not"},
		{Order{Do: DoTimeout, Delay: 1, Count: 10_001}, "the number of timers must be from 1 to 10,000; 10,001 is not"},
		{Order{Do: DoStop}, "stop needs the number of a timer"},
		{Order{Do: DoStop, ID: 1}, ""},
		{Order{Do: DoSoon}, ""},
		{Order{Do: DoScript}, ""},
		{Order{Do: DoStopNext}, ""},
		{Order{Do: DoStopAll}, ""},
		{Order{Do: "explode"}, `"explode" is nothing that a stage can do`},
		{Order{}, `"" is nothing that a stage can do`},
	} {
		err := test.order.Check()
		if test.want == "" {
			assert.NoError(t, err, "%+v", test.order)
		} else {
			assert.EqualError(t, err, test.want, "%+v", test.order)
		}
	}
}
