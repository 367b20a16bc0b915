package bench

import (
	"context"
	"errors"
	"flag"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop"
	"example.com/eventloop/bench/cputime"
	"example.com/eventloop/internal/loops"
	event "example.com/eventloop/stage3_event"
)

type scenario func(*testing.B, func() eventloop.Loop)

func newEvent() eventloop.Loop { return event.New() }

// once runs a scenario for one iteration. It returns what was reported, and
// whether the benchmark was a success.
func once(t *testing.T, scenario scenario, newLoop func() eventloop.Loop) (metrics map[string]float64, ok bool) {
	t.Helper()
	benchtime := flag.Lookup("test.benchtime")
	before := benchtime.Value.String()
	require.NoError(t, benchtime.Value.Set("1x"))
	defer benchtime.Value.Set(before)

	failed := true
	result := testing.Benchmark(func(b *testing.B) {
		defer func() { failed = b.Failed() }()
		scenario(b, newLoop)
	})
	return result.Extra, !failed
}

// wakeUpsIfKnown returns the unit of wake-ups, on systems that count them.
func wakeUpsIfKnown() []string {
	if _, err := cputime.WakeUps(); err != nil {
		return nil
	}
	return []string{"wakeups/s"}
}

// Each scenario reports its figures and no others. What sleeps can do it in virtual
// time; see below for the stages that spin and so can't.
func TestScenariosReportTheirFigures(t *testing.T) {
	stage3 := impl{"stage3_event", newEvent}
	share, wakeUps := []string{"%cpu"}, wakeUpsIfKnown()
	each, late := []string{"cpu-ns/op", "ns/op"}, []string{"late-p50-µs", "late-p99-µs"}
	for _, c := range []struct {
		name  string
		run   scenario
		impls []impl
		want  []string
	}{
		{"Idle", Idle, []impl{harnessAlone, packageTime}, slices.Concat(share, wakeUps)},
		{"Idle", Idle, []impl{stage3}, slices.Concat(share, wakeUps, []string{"turns/s"})},
		{"Waiting", waitingFor(100), []impl{harnessAlone, packageTime}, slices.Concat(share, wakeUps)},
		{"Waiting", waitingFor(100), []impl{stage3}, slices.Concat(share, wakeUps, []string{"turns/s"})},
		{"Firing", Firing, []impl{stage3, packageTime}, append(late, "cpu-ns/op")},
		{"SetStop", SetStop, []impl{stage3, harnessAlone, packageTime}, each},
		{"CallSoon", CallSoon, []impl{stage3, harnessAlone}, each},
		{"Lateness", Lateness, []impl{stage3, packageTime}, append(late, "%cpu")},
	} {
		for _, impl := range c.impls {
			t.Run(c.name+"/"+impl.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					metrics, ok := once(t, c.run, impl.newLoop)
					require.True(t, ok)
					if !slices.Contains(c.want, "ns/op") {
						assert.Zero(t, metrics["ns/op"], "ns/op says nothing here: zero drops it")
						delete(metrics, "ns/op")
					}
					assert.ElementsMatch(t, c.want, slices.Collect(maps.Keys(metrics)))
				})
			})
		}
	}
}

// The point of it all, as far as it is exact: a loop that blocks takes not one turn,
// and one that spins takes some. All of them fire.
func TestTurns(t *testing.T) {
	defer func(before time.Duration) { window = before }(window)
	window = 20 * time.Millisecond
	for _, stage := range loops.Stages {
		for name, c := range map[string]struct {
			run   scenario
			spins bool
		}{"idle": {Idle, stage.SpinsIdle}, "pending": {waitingFor(1), stage.SpinsPending}, "many": {waitingFor(10_000), stage.SpinsPending}} {
			t.Run(stage.Name+"/"+name, func(t *testing.T) {
				metrics, ok := once(t, c.run, stage.New)
				require.True(t, ok)
				assert.Equal(t, c.spins, metrics["turns/s"] > 0)
			})
		}
		t.Run(stage.Name+"/firing", func(t *testing.T) {
			metrics, ok := once(t, Firing, stage.New)
			require.True(t, ok)
			assert.GreaterOrEqual(t, metrics["late-p99-µs"], metrics["late-p50-µs"])
		})
	}
}

// A napping loop looks a thousand times a second whether there is something to
// do.
type napping struct {
	none
	turns *atomic.Uint64
}

func (n napping) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		time.Sleep(time.Millisecond)
		n.turns.Add(1)
	}
	return context.Cause(ctx)
}

func (n napping) Turns() uint64 { return n.turns.Load() }

// Between two of its turns a napping loop has been asleep, and so has a thread:
// that is what %cpu forgives. Where some other goroutine keeps the thread awake,
// as the runtime's own do now and then, a nap can go uncounted.
func TestALoopThatNapsIsWoken(t *testing.T) {
	metrics, ok := once(t, Idle, func() eventloop.Loop { return napping{turns: new(atomic.Uint64)} })
	require.True(t, ok)
	require.Positive(t, metrics["turns/s"])
	for _, unit := range wakeUpsIfKnown() {
		assert.GreaterOrEqual(t, metrics[unit], metrics["turns/s"]/2)
	}
}

func TestFiguresAreShares(t *testing.T) {
	used := cost{wall: 2 * time.Second, cpu: 3 * time.Second, wakeUps: 7, turns: 10, turned: true}
	report := func(b *testing.B, _ func() eventloop.Loop) {
		reportShare(b, used)
		reportTurns(b, used)
		reportWakeUps(b, used)
		reportEach(b, used, 1000)
	}
	metrics, ok := once(t, report, nil)
	require.True(t, ok)
	assert.Equal(t, map[string]float64{"%cpu": 150, "turns/s": 5, "wakeups/s": 3.5, "cpu-ns/op": 3e6}, metrics)

	used.cpuErr = errors.ErrUnsupported
	metrics, ok = once(t, report, nil)
	require.True(t, ok)
	assert.Equal(t, map[string]float64{"turns/s": 5, "wakeups/s": 3.5}, metrics, "CPU time that is not known is left out")

	used.wakeUpsErr = errors.ErrUnsupported
	metrics, ok = once(t, report, nil)
	require.True(t, ok)
	assert.Equal(t, map[string]float64{"turns/s": 5}, metrics, "wake-ups that are not known are left out")
}

// A lateBy calls 4 of 100 callbacks 5 ms too late, and the others 300 µs. It is used
// in virtual time, where no other lateness is added.
type lateBy struct {
	eventloop.Loop
	count *int
}

func (l lateBy) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	if *l.count++; *l.count%25 == 0 {
		return l.Loop.SetTimeout(delay+5*time.Millisecond, callback)
	}
	return l.Loop.SetTimeout(delay+300*time.Microsecond, callback)
}

func TestLatenessIsExact(t *testing.T) {
	for name, run := range map[string]scenario{"Firing": Firing, "Lateness": Lateness} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				metrics, ok := once(t, run, func() eventloop.Loop { return lateBy{event.New(), new(int)} })
				require.True(t, ok)
				assert.Equal(t, 300.0, metrics["late-p50-µs"])
				assert.Equal(t, 5000.0, metrics["late-p99-µs"])
			})
		})
	}
}

// A watched loop counts those of its kind that are running. It takes a while to end.
type watched struct {
	eventloop.Loop
	running *atomic.Int64
}

func (w watched) Run(ctx context.Context) error {
	w.running.Add(1)
	defer w.running.Add(-1)
	defer time.Sleep(time.Second)
	return w.Loop.Run(ctx)
}

func TestRunGivesEachScenarioAFreshLoopAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running atomic.Int64
		var before weak.Pointer[event.Loop]
		made := 0
		_, ok := once(t, Run, func() eventloop.Loop {
			assert.Nil(t, before.Value(), "the loop before is collected, with its timers")
			assert.Zero(t, running.Load(), "the loop before has ended")
			made++
			loop := event.New()
			before = weak.Make(loop)
			return watched{loop, &running}
		})
		assert.True(t, ok)
		assert.Len(t, Scenarios(), made)
		assert.Zero(t, running.Load())
	})
}

// Loops that break a promise in a way that makes their figures meaningless.

type early struct{ eventloop.Loop }

func (l early) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	return l.Loop.SetTimeout(delay-time.Microsecond, callback)
}

type forgetful struct{ eventloop.Loop }

func (l forgetful) SetTimeout(time.Duration, func()) eventloop.Timer {
	return l.Loop.SetTimeout(0, func() {})
}

type brief struct{ eventloop.Loop }

func (brief) Run(context.Context) error { return nil }

type unstoppable struct{ eventloop.Loop }

func (l unstoppable) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	timer := l.Loop.SetTimeout(delay, callback)
	timer.Stop()
	return timer
}

func TestFiguresOfABrokenLoopAreRefused(t *testing.T) {
	for _, c := range []struct {
		name    string
		run     scenario
		newLoop func() eventloop.Loop
	}{
		{"early", Firing, func() eventloop.Loop { return early{event.New()} }},
		{"early", Lateness, func() eventloop.Loop { return early{event.New()} }},
		{"loses a callback", Firing, func() eventloop.Loop { return forgetful{event.New()} }},
		{"loses a callback", Lateness, func() eventloop.Loop { return forgetful{event.New()} }},
		{"Run returns at once", Idle, func() eventloop.Loop { return brief{event.New()} }},
		{"Stop never does", SetStop, func() eventloop.Loop { return unstoppable{event.New()} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				_, ok := once(t, c.run, c.newLoop)
				assert.False(t, ok, "the benchmark fails")
				if c.name != "loses a callback" {
					assert.Less(t, time.Since(begin), patience, "at once, not when patience is at its end (in virtual time)")
				}
			})
		})
	}
}

func TestWrongArgumentsAreRefused(t *testing.T) {
	assert.PanicsWithValue(t, "bench: negative number of timers", func() { Waiting(nil, newEvent, -1) })
	assert.PanicsWithValue(t, "bench: newLoop is nil", func() { Run(nil, nil) })
	assert.PanicsWithValue(t, "bench: newLoop is nil", func() { Idle(nil, nil) })
}

func TestPercentile(t *testing.T) {
	hundred := make(lateness, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for _, c := range []struct {
		l    lateness
		p    int
		want time.Duration
	}{
		{lateness{7}, 50, 7}, {lateness{7}, 99, 7},
		{lateness{1, 2}, 50, 1}, {lateness{1, 2}, 51, 2},
		{lateness{1, 2, 3}, 50, 2}, {lateness{1, 2, 3}, 100, 3},
		{hundred, 1, 1}, {hundred, 50, 50}, {hundred, 99, 99}, {hundred, 100, 100},
		{append(hundred, 101), 99, 100},
	} {
		assert.Equal(t, c.want, c.l.percentile(c.p), "percentile %d of %d", c.p, len(c.l))
	}
}
