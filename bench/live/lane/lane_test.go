package lane

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/internal/loops"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const reportOften = 20 * time.Millisecond // so that the tests wait less than a page does

// A watched loop runs in this process, between pipes.
type watched struct {
	t       *testing.T
	orders  *json.Encoder
	reports *json.Decoder
	calls   []Call // all that have been reported
}

func watchLoop(t *testing.T, newLoop func() eventloop.Loop, file string) *watched {
	t.Helper()
	inRead, inWrite := io.Pipe()
	outRead, outWrite := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(newLoop, file, reportOften, inRead, outWrite)
		outWrite.Close()
	}()
	t.Cleanup(func() {
		inWrite.Close()
		io.Copy(io.Discard, outRead)
		assert.NoError(t, <-ended, "a loop whose orders end has ended well")
	})
	return &watched{t: t, orders: json.NewEncoder(inWrite), reports: json.NewDecoder(outRead)}
}

func (w *watched) order(o Order) {
	w.t.Helper()
	require.NoError(w.t, w.orders.Encode(o))
}

// until reads reports until one is as it must be. The test binary's own timeout is the
// only watchdog.
func (w *watched) until(is func(Report) bool) Report {
	w.t.Helper()
	for {
		var r Report
		require.NoError(w.t, w.reports.Decode(&r))
		w.calls = append(w.calls, r.Calls...)
		if is(r) {
			return r
		}
	}
}

func TestStages(t *testing.T) {
	for _, stage := range loops.Stages {
		t.Run(stage.Name, func(t *testing.T) {
			w := watchLoop(t, stage.New, stage.Dir+"/timers.go")
			waits := func(spins bool, pending int) {
				// The timer loop is in the file, the callback loop is not.
				w.until(func(r Report) bool { return (r.State == Spins) == spins && r.Pending == pending && len(r.Stacks) == 1 })
			}
			waits(stage.SpinsIdle, 0)
			w.order(Order{Do: DoTimeout, ID: 1, Delay: 600_000, Count: 1})
			w.order(Order{Do: DoTimeout, ID: 2, Delay: 300_000, Count: 1})
			waits(stage.SpinsPending, 2)
			w.order(Order{Do: DoTimeout, ID: 3, Delay: 600_000, Count: MaxCount})
			timers := w.until(func(r Report) bool { return r.Pending == 2+MaxCount }).Timers
			assert.Equal(t, []uint64{2, 1, 3, 4}, []uint64{timers[0].ID, timers[1].ID, timers[2].ID, timers[3].ID}, "the first due first")
			assert.InDelta(t, 300_000, timers[1].Due-timers[0].Due, 10_000)
			w.order(Order{Do: DoStopNext})
			r := w.until(func(r Report) bool { return r.Pending == 1+MaxCount })
			assert.Equal(t, uint64(1), r.Timers[0].ID)
			w.order(Order{Do: DoStopAll})
			w.order(Order{Do: DoStopNext}) // none is left: nothing to do
			waits(stage.SpinsIdle, 0)
			for i := range int64(10) {
				w.order(Order{Do: DoTimeout, ID: 20_001 + uint64(i), Delay: 5 * i, Count: 1})
			}
			w.until(func(r Report) bool { return r.Ran == 10 })
			for _, call := range w.calls {
				assert.GreaterOrEqual(t, call.Late, 0.0, "a callback never runs early")
				assert.Greater(t, call.ID, uint64(20_000), "a stopped timer never runs")
			}
		})
	}
}

// A wrongLoop calls what is due within a minute at once and twice, and returns no timer.
type wrongLoop struct{ eventloop.Loop }

func (wrongLoop) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	if delay < time.Minute {
		callback()
		callback()
	}
	return nil
}

// What a loop does wrong is shown as it was, and is no panic of the page's own.
func TestWrongLoop(t *testing.T) {
	w := watchLoop(t, func() eventloop.Loop { return wrongLoop{event.New()} }, "")
	w.order(Order{Do: DoTimeout, ID: 7, Delay: 30_000, Count: 1})
	w.order(Order{Do: DoTimeout, ID: 8, Delay: 600_000, Count: 1})
	w.order(Order{Do: DoStopNext}) // it can't
	w.order(Order{Do: DoTimeout, ID: 9, Delay: 600_000, Count: 1})
	w.until(func(r Report) bool { return r.Ran == 2 && r.Pending == 2 })
	assert.Equal(t, []uint64{7, 7}, []uint64{w.calls[0].ID, w.calls[1].ID})
	assert.Negative(t, w.calls[1].Late, "it was early")
}

// A napper naps where stage 3 sleeps.
type napper struct {
	*event.Loop
	turns atomic.Uint64
}

func (l *napper) Turns() uint64 { return l.turns.Load() }

func (l *napper) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		l.turns.Add(1)
		time.Sleep(time.Millisecond)
	}
	return context.Cause(ctx)
}

func TestNaps(t *testing.T) {
	w := watchLoop(t, func() eventloop.Loop { return &napper{Loop: event.New()} }, "lane/lane_test.go")
	w.until(func(r Report) bool { return r.State == Naps && len(r.Stacks) > 0 })
}

// A loop ends even if nobody reads its reports, and even if orders wait.
func TestEnd(t *testing.T) {
	loop := func() eventloop.Loop { return event.New() }
	assert.NoError(t, run(loop, "", reportOften, strings.NewReader(""), failing{}))
	assert.ErrorContains(t, run(loop, "", reportOften, strings.NewReader("nonsense"), io.Discard), "can't read orders")
	assert.ErrorContains(t, read(strings.NewReader(`{"do":"stop-all"}`), make(chan Order)), "has not got round to")
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("nobody reads") }
