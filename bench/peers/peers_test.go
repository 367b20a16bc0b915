package peers

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// TestMain names the programs that take part, as lines of the benchmark
// format, before the benchmarks.
func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() != "" {
		for _, p := range programs {
			_, version := p.command()
			fmt.Printf("%s: %s\n", p.name, version)
		}
	}
	goleak.VerifyTestMain(m)
}

var withTimers = []impl{stage1, stage2, stage3, fast, afterFunc, serial, gojaNodejs}

// A peer that lost timers, or ran those that were stopped, would be fast for
// the wrong reason.
func TestPeersDoTheWork(t *testing.T) {
	for _, impl := range withTimers {
		t.Run(impl.name, func(t *testing.T) {
			tally := newTally()
			p := impl.new(tally.call)
			p.kept = make([]any, 100)
			p.keep(delays(100, time.Hour, 2*time.Hour))
			p.start()
			tally.expect(300)
			p.setStop(delays(100, time.Hour, 2*time.Hour))
			p.set(delays(300, 0, 5*time.Millisecond))
			p.settle()
			tally.wait()
			p.stop()
			require.Zero(t, tally.left.Load(), "each timer that was set, and no other, runs once")
		})
	}
}

func TestPeersRunFunctionsInOrder(t *testing.T) {
	for _, impl := range []impl{stage3, fast, gojaNodejs, channel} {
		p := impl.new(nil)
		p.start()
		var got []int
		done := make(chan struct{})
		for i := range 100 {
			p.soon(func() { got = append(got, i) })
		}
		p.soon(func() { close(done) })
		<-done
		p.stop()
		require.Len(t, got, 100, impl.name)
		require.IsIncreasing(t, got, impl.name)
	}
}

// The programs speak the metrics' language, or are not there.
func TestProgramsReportMetrics(t *testing.T) {
	for _, p := range programs {
		if _, version := p.command(); version == notInstalled {
			t.Logf("%s: %s, so its rows are left out", p.name, version)
			continue
		}
		metrics, err := p.run("setstop", "10")
		require.NoError(t, err)
		require.Positive(t, metrics["ns/op"])
	}
	_, version := program{commands: []string{"no-such-command-anywhere"}}.command()
	require.Equal(t, notInstalled, version)
	_, err := parseMetrics("1.5 ns/op\n20\n")
	require.Error(t, err)
}
