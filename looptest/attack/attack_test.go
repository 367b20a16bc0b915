package attack

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.com/eventloop"
	polling "example.com/eventloop/stage1_polling"
	queue "example.com/eventloop/stage2_queue"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
		t.Run(stage.name, func(t *testing.T) {
			begun := time.Now()
			b := Budget{Programs: 200, Seed: 1}
			Run(t, stage.new, b)
			t.Logf("%d programs, %.0f a second", b.Programs, float64(b.Programs)/time.Since(begun).Seconds())
		})
	}
}

func TestProgramsVirtual(t *testing.T) {
	begun := time.Now()
	b := Budget{Programs: 5000, Seed: 1}
	RunVirtual(t, stages[2].new, b)
	t.Logf("%d programs, %.0f a second", b.Programs, float64(b.Programs)/time.Since(begun).Seconds())
}

func TestSweep(t *testing.T) {
	for _, stage := range stages[1:] {
		t.Run(stage.name, func(t *testing.T) {
			Sweep(t, stage.new, stage.name == "stage3_event", 3)
		})
	}
}
