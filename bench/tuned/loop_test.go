package tuned_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/bench"
	"example.com/eventloop/bench/tuned"
	"example.com/eventloop/looptest"
	"example.com/eventloop/looptest/attack"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("runtime.handleEvent")) // WebAssembly's own
}

func newLoop() eventloop.Loop { return tuned.New() }

// BenchmarkLoop gives this loop a column beside the stages:
//
//	go run ./bench/table ./bench ./bench/tuned
func BenchmarkLoop(b *testing.B) {
	b.Run("impl=tuned", func(b *testing.B) { bench.Run(b, newLoop) })
}

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
func TestLoad(t *testing.T)            { attack.Load(t, newLoop) }
func TestSoak(t *testing.T)            { attack.Soak(t, newLoop) }
func TestMemory(t *testing.T)          { attack.Memory(t, newLoop) }
func TestOneCore(t *testing.T)         { attack.OneCore(t, newLoop) }
func TestTexts(t *testing.T)           { attack.Texts(t, newLoop) }
