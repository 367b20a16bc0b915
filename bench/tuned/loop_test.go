package tuned_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/bench/tuned"
	"example.com/eventloop/looptest"
	"example.com/eventloop/looptest/attack"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("runtime.handleEvent")) // WebAssembly's own
}

func newLoop() eventloop.Loop { return tuned.New() }

func TestContract(t *testing.T) { looptest.Run(t, newLoop) }

// The contract once more, to the nanosecond: only a loop that blocks can live
// in a bubble where time moves when all are asleep.
func TestContractVirtual(t *testing.T) { looptest.RunVirtual(t, newLoop) }

// How it waits, without a meter: see looptest.Waits.
func TestWaits(t *testing.T) {
	assert.Equal(t, looptest.Waiting{Idle: looptest.Blocks, Pending: looptest.Blocks}, looptest.Waits(t, newLoop))
}

// What nobody would think of: see package attack.
func TestPrograms(t *testing.T)        { attack.Programs(t, newLoop) }
func TestProgramsVirtual(t *testing.T) { attack.ProgramsVirtual(t, newLoop) }
func TestSweep(t *testing.T)           { attack.Sweep(t, newLoop, true) }
func TestLoad(t *testing.T)            { attack.Load(t, newLoop) }
func TestSoak(t *testing.T)            { attack.Soak(t, newLoop) }
func TestMemory(t *testing.T)          { attack.Memory(t, newLoop) }
func TestOneCore(t *testing.T)         { attack.OneCore(t, newLoop) }

// A panic says what was wrong, and not that a pointer was nil.
func TestPanicsSayWhatIsWrong(t *testing.T) {
	l := tuned.New()
	var none context.Context
	assert.PanicsWithValue(t, "eventloop: nil context", func() { _ = l.Run(none) })
	assert.PanicsWithValue(t, "eventloop: nil callback", func() { l.CallSoon(nil) })
	assert.PanicsWithValue(t, "eventloop: nil callback", func() { l.SetTimeout(time.Hour, nil) })
	l.CallSoon(func() { _ = l.Run(t.Context()) })
	assert.PanicsWithValue(t, "eventloop: Run called while the loop is running", func() { _ = l.Run(t.Context()) })
}
