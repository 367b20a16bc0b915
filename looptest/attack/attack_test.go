package attack

import (
	"flag"
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
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

var stages = []struct {
	name string
	new  func() eventloop.Loop
}{
	{"stage1_polling", func() eventloop.Loop { return polling.New() }},
	{"stage2_queue", func() eventloop.Loop { return queue.New() }},
	{"stage3_event", func() eventloop.Loop { return event.New() }},
}

func TestPrograms(t *testing.T) {
	for _, stage := range stages {
		t.Run(stage.name, func(t *testing.T) { tryPrograms(t, Run, stage.new, 200) })
	}
}

func TestProgramsVirtual(t *testing.T) {
	for _, stage := range stages[2:] { // the one that blocks
		t.Run(stage.name, func(t *testing.T) { tryPrograms(t, RunVirtual, stage.new, 5000) })
	}
}

func tryPrograms(t *testing.T, run func(*testing.T, func() eventloop.Loop, Budget), newLoop func() eventloop.Loop, n int) {
	begun := time.Now()
	b := Budget{Programs: *programs * n, Seed: *seed}
	run(t, newLoop, b)
	t.Logf("%d programs, %.0f a second", b.Programs, float64(b.Programs)/time.Since(begun).Seconds())
}

func TestSweep(t *testing.T) {
	for _, stage := range stages[1:] {
		t.Run(stage.name, func(t *testing.T) {
			Sweep(t, stage.new, stage.name == "stage3_event", *rounds)
		})
	}
}
