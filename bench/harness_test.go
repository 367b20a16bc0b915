package bench

import (
	"context"
	"errors"
	"flag"
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
	event "example.com/eventloop/stage3_event"
)

type scenario func(*testing.B, func() eventloop.Loop)

func waiting(timers int) scenario {
	return func(b *testing.B, newLoop func() eventloop.Loop) { Waiting(b, newLoop, timers) }
}

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

// Each scenario reports its figures and no others, for every loop. Stage 3, the
// fast loop and what stands beside them can do it in virtual time; see below for
// the stages that spin and so can't.
func TestScenariosReportTheirFigures(t *testing.T) {
	for _, c := range []struct {
		name  string
		run   scenario
		impls []impl
		want  []string
	}{
		{"Idle", Idle, []impl{harnessAlone, packageTime}, []string{"%cpu"}},
		{"Idle", Idle, stages[2:], []string{"%cpu", "turns/s"}},
		{"Waiting", waiting(100), []impl{harnessAlone, packageTime}, []string{"%cpu"}},
		{"Waiting", waiting(100), stages[2:], []string{"%cpu", "turns/s"}},
		{"Firing", Firing, slices.Concat(stages[2:], []impl{packageTime}), []string{"cpu-ns/op", "late-p50-µs", "late-p99-µs"}},
		{"SetStop", SetStop, slices.Concat(stages[2:], []impl{harnessAlone, packageTime}), []string{"cpu-ns/op", "ns/op"}},
		{"CallSoon", CallSoon, slices.Concat(stages[2:], []impl{harnessAlone}), []string{"cpu-ns/op", "ns/op"}},
		{"Lateness", Lateness, slices.Concat(stages[2:], []impl{packageTime}), []string{"%cpu", "late-p50-µs", "late-p99-µs"}},
	} {
		if c.name == "Idle" || c.name == "Waiting" {
			c.want = slices.Concat(c.want, wakeUpsIfKnown())
		}
		for _, impl := range c.impls {
			t.Run(c.name+"/"+impl.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					metrics, ok := once(t, c.run, impl.newLoop)
					require.True(t, ok)
					if !slices.Contains(c.want, "ns/op") {
						assert.Contains(t, metrics, "ns/op")
						assert.Zero(t, metrics["ns/op"], "ns/op says nothing here: zero drops it")
						delete(metrics, "ns/op")
					}
					var got []string
					for unit := range metrics {
						got = append(got, unit)
					}
					assert.ElementsMatch(t, c.want, got)
				})
			})
		}
	}
}

// The point of it all, as far as it is exact: where a loop blocks it takes not
// one turn.
func TestALoopThatSleepsTakesNoTurns(t *testing.T) {
	for _, timers := range []int{0, 1, 100, 10_000} {
		synctest.Test(t, func(t *testing.T) {
			metrics, ok := once(t, waiting(timers), newEvent)
			require.True(t, ok)
			assert.Zero(t, metrics["turns/s"], "%d timers pending", timers)
		})
	}
}

func TestALoopThatSpinsTakesTurns(t *testing.T) {
	for _, c := range []struct {
		name string
		run  scenario
		impl impl
	}{
		{"idle", Idle, stages[0]},
		{"a timer pending", waiting(1), stages[0]},
		{"a timer pending", waiting(1), stages[1]},
	} {
		t.Run(c.impl.name+"/"+c.name, func(t *testing.T) {
			metrics, ok := once(t, c.run, c.impl.newLoop)
			require.True(t, ok)
			assert.Positive(t, metrics["turns/s"])
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

// The meter can show no less than what was certainly burnt meanwhile, nor more
// than the process has burnt in all. Of wake-ups it shows those since it was made.
func TestTheMeterCounts(t *testing.T) {
	const burn = 50 * time.Millisecond
	wokenBefore, _ := cputime.WakeUps()
	m := (&running{Loop: none{}}).measure()
	begin, err := cputime.Process()
	require.NoError(t, err)
	now := begin
	for give := time.Now(); now-begin < burn && time.Since(give) < patience; {
		now, _ = cputime.Process()
	}
	cost := m.cost()
	all, _ := cputime.Process()
	wokenAfter, _ := cputime.WakeUps()

	require.NoError(t, cost.cpuErr)
	assert.GreaterOrEqual(t, cost.cpu, burn)
	assert.LessOrEqual(t, cost.cpu, all)
	assert.LessOrEqual(t, cost.wakeUps, wokenAfter-wokenBefore)
	assert.Positive(t, cost.wall)
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

func TestEveryStageFires(t *testing.T) {
	for _, impl := range stages {
		t.Run(impl.name, func(t *testing.T) {
			metrics, ok := once(t, Firing, impl.newLoop)
			require.True(t, ok)
			assert.GreaterOrEqual(t, metrics["late-p99-µs"], metrics["late-p50-µs"])
		})
	}
}

// A lateBy calls each callback too late by so much. It is used in virtual time,
// where no other lateness is added.
type lateBy struct {
	eventloop.Loop
	by func() time.Duration
}

func (l lateBy) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	return l.Loop.SetTimeout(delay+l.by(), callback)
}

func TestLatenessIsExact(t *testing.T) {
	for name, run := range map[string]scenario{"Firing": Firing, "Lateness": Lateness} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				count := 0
				metrics, ok := once(t, run, func() eventloop.Loop {
					return lateBy{event.New(), func() time.Duration {
						count++
						if count%25 == 0 { // 4 of 100
							return 5 * time.Millisecond
						}
						return 300 * time.Microsecond
					}}
				})
				require.True(t, ok)
				assert.Equal(t, 300.0, metrics["late-p50-µs"])
				assert.Equal(t, 5000.0, metrics["late-p99-µs"])
			})
		})
	}
}

// A watched loop counts those of its kind that are running and their timers.
// It takes a while to end.
type watched struct {
	eventloop.Loop
	running, pending *atomic.Int64
}

func (w watched) Run(ctx context.Context) error {
	w.running.Add(1)
	defer w.running.Add(-1)
	defer time.Sleep(time.Second)
	return w.Loop.Run(ctx)
}

func (w watched) SetTimeout(delay time.Duration, callback func()) eventloop.Timer {
	w.pending.Add(1)
	return &watchedTimer{w, w.Loop.SetTimeout(delay, func() { w.pending.Add(-1); callback() })}
}

type watchedTimer struct {
	watched
	eventloop.Timer
}

func (t *watchedTimer) Stop() bool {
	stopped := t.Timer.Stop()
	if stopped {
		t.pending.Add(-1)
	}
	return stopped
}

func TestRunGivesEachScenarioAFreshLoopAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, pending atomic.Int64
		var before weak.Pointer[event.Loop]
		made := 0
		_, ok := once(t, Run, func() eventloop.Loop {
			assert.Nil(t, before.Value(), "the loop before is collected")
			assert.Zero(t, running.Load(), "the loop before has ended")
			assert.Zero(t, pending.Load(), "its timers are over")
			made++
			loop := event.New()
			before = weak.Make(loop)
			return watched{loop, &running, &pending}
		})
		assert.True(t, ok)
		assert.Equal(t, 8, made, "the scenarios, Waiting with three numbers of timers")
		assert.Zero(t, running.Load())
		assert.Zero(t, pending.Load())
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
		{lateness{7}, 50, 7},
		{lateness{7}, 99, 7},
		{lateness{1, 2}, 50, 1},
		{lateness{1, 2}, 51, 2},
		{lateness{1, 2, 3}, 50, 2},
		{lateness{1, 2, 3}, 100, 3},
		{hundred, 1, 1},
		{hundred, 50, 50},
		{hundred, 99, 99},
		{hundred, 100, 100},
		{append(hundred, 101), 99, 100},
	} {
		assert.Equal(t, c.want, c.l.percentile(c.p), "percentile %d of %d", c.p, len(c.l))
	}
}
