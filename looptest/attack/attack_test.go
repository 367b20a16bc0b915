package attack

import (
	"flag"
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/bench/tuned"
	polling "example.com/eventloop/stage1_polling"
	queue "example.com/eventloop/stage2_queue"
	event "example.com/eventloop/stage3_event"
)

var (
	programs = flag.Int("programs", 1, "how many times the usual number of random programs to run")
	seed     = flag.Uint64("seed", 1, "of the random programs")
	rounds   = flag.Int("rounds", 10, "how many sweeps to make")
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("runtime.handleEvent")) // WebAssembly's own
}

// loops are those under attack: the stages and the fast loop.
var loops = []struct {
	name   string
	dir    string // below the module's root
	blocks bool   // also if a timer is pending
	new    func() eventloop.Loop
}{
	{"stage1_polling", "stage1_polling", false, func() eventloop.Loop { return polling.New() }},
	{"stage2_queue", "stage2_queue", false, func() eventloop.Loop { return queue.New() }},
	{"stage3_event", "stage3_event", true, func() eventloop.Loop { return event.New() }},
	{"tuned", "bench/tuned", true, func() eventloop.Loop { return tuned.New() }},
}

func TestPrograms(t *testing.T) {
	for _, loop := range loops {
		t.Run(loop.name, func(t *testing.T) { tryPrograms(t, Run, loop.new, 200) })
	}
}

func TestProgramsVirtual(t *testing.T) {
	for _, loop := range loops[2:] { // those that block
		t.Run(loop.name, func(t *testing.T) { tryPrograms(t, RunVirtual, loop.new, 5000) })
	}
}

func tryPrograms(t *testing.T, run func(*testing.T, func() eventloop.Loop, Budget), newLoop func() eventloop.Loop, n int) {
	begun := time.Now()
	b := Budget{Programs: *programs * n, Seed: *seed}
	run(t, newLoop, b)
	t.Logf("%d programs, %.0f a second", b.Programs, float64(b.Programs)/time.Since(begun).Seconds())
}

func TestSweep(t *testing.T) {
	for _, loop := range loops[1:] {
		t.Run(loop.name, func(t *testing.T) {
			Sweep(t, loop.new, loop.blocks, *rounds)
		})
	}
}
