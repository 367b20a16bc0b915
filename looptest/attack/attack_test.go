package attack

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/internal/loops"
	event "example.com/eventloop/stage3_event"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("runtime.handleEvent")) // WebAssembly's own
}

// each makes one of the attacks on each stage.
func each(t *testing.T, attack func(*testing.T, func() eventloop.Loop)) {
	for _, stage := range loops.Stages {
		t.Run(stage.Dir, func(t *testing.T) { attack(t, stage.New) })
	}
}

func TestPrograms(t *testing.T) { each(t, Programs) }
func TestLoad(t *testing.T)     { each(t, Load) }
func TestSoak(t *testing.T)     { each(t, Soak) }
func TestMemory(t *testing.T)   { each(t, Memory) }
func TestOneCore(t *testing.T)  { each(t, OneCore) }
func TestTexts(t *testing.T)    { each(t, Texts) }

func TestProgramsVirtual(t *testing.T) {
	for _, stage := range loops.Stages {
		if !stage.SpinsPending {
			t.Run(stage.Dir, func(t *testing.T) { ProgramsVirtual(t, stage.New) })
		}
	}
}

// keepsAll is a loop that never lets go of a callback.
type keepsAll struct {
	eventloop.Loop
	mu   sync.Mutex
	kept []*[4 << 10]byte
}

func (l *keepsAll) CallSoon(callback func()) {
	l.mu.Lock()
	l.kept = append(l.kept, new([4 << 10]byte))
	l.mu.Unlock()
	l.Loop.CallSoon(callback)
}

func TestSoakNoticesThatMemoryGrows(t *testing.T) {
	if testing.Short() {
		t.Skip("it fills the memory")
	}
	_, err := soakWhile(&keepsAll{Loop: event.New()}, func(rounds int, _ string) bool { return rounds < 5 })
	assert.ErrorContains(t, err, "are reachable")
}
