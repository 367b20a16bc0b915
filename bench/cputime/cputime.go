// Package cputime reads how much processor time this process has used, and how
// often it had to be woken. It is the one meter behind every CPU figure of the
// project: the benchmarks, the demo, and the live page, which all set it against
// real time to say what top would have shown.
//
// CPU time is what the operating system counts: user and system time, of all
// threads, the garbage collector and the runtime's own threads included. Two
// cores kept busy for a second are two seconds. Child processes don't count.
//
// The steps are fine on Unix (Linux, macOS: microseconds) and coarse on
// Windows, where the kernel adds a tick of usually 15.6 ms at a time: measure
// a second or more there.
//
// Wake-ups tell what CPU time forgives. A loop that sleeps for a millisecond,
// looks, and sleeps again uses a few percent of a core, and yet never lets the
// machine rest.
package cputime

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Process returns the user and system time this process has used since it
// began. It never goes back. It is safe for concurrent use and costs one
// system call.
//
// The error is [errors.ErrUnsupported] on systems that don't tell (js/wasm,
// wasip1, Plan 9), and the system's own where the call failed; both are
// wrapped, and the time is then zero.
func Process() (time.Duration, error) {
	return process()
}

// WakeUps returns how often a thread of this process has gone to sleep since it
// began: the voluntary context switches of getrusage. A thread that sleeps has to
// be woken, so over a length of time it is the number of wake-ups too. It never
// goes back. It is safe for concurrent use and costs one system call.
//
// All threads count, those of the runtime included, whatever they wait for: a
// timer, a lock, a file. A thread that is only interrupted, since another one
// wants the core, is not counted. So the figure says something of a process that
// waits. It says nothing of one that is busy: a thread that spins never goes to
// sleep, and needs no waking.
//
// The error wraps [errors.ErrUnsupported] on all systems but Linux and the BSDs.
// (On macOS getrusage has the field, but leaves most waits out of it: those of
// Go's runtime among them.)
func WakeUps() (uint64, error) {
	return wakeUps()
}

// A Meter measures from the moment on in which it was started.
type Meter struct {
	begin time.Time
	cpu   time.Duration
}

// Start starts a meter.
func Start() Meter {
	cpu, _ := Process() // the same error comes back in Read
	return Meter{time.Now(), cpu}
}

// Read returns how much real time has passed since the start, and how much CPU time
// this process has used. The error is that of [Process].
func (m Meter) Read() (wall, cpu time.Duration, err error) {
	wall = time.Since(m.begin)
	if cpu, err = Process(); err != nil {
		return wall, 0, err
	}
	return wall, cpu - m.cpu, nil
}

// Percent returns cpu as a percentage of one core over the real time wall:
// the column %CPU of top, which shows 200 where two cores are busy. It returns
// zero if wall is not positive.
func Percent(cpu, wall time.Duration) float64 {
	if wall <= 0 {
		return 0
	}
	return 100 * float64(cpu) / float64(wall)
}

// Busy returns a warning if this process does not get the cores that two spinning
// loops would use, and "" on a quiet machine. It spins itself for a fifth of a second,
// and looks how much it gets: a loop that spins less than it could is not to blame the
// machine for it.
func Busy() string {
	if _, err := Process(); err != nil {
		return "" // nor is it known where nothing preempts, as in js/wasm
	}
	n := min(2, runtime.GOMAXPROCS(0))
	var stop atomic.Bool
	var all sync.WaitGroup
	m := Start()
	for range n {
		all.Go(func() {
			for !stop.Load() {
			}
		})
	}
	time.Sleep(200 * time.Millisecond)
	wall, cpu, _ := m.Read()
	stop.Store(true)
	all.Wait()
	return busy(Percent(cpu, wall), 100*n)
}

func busy(got float64, wanted int) string {
	if got >= 0.8*float64(wanted) {
		return ""
	}
	return fmt.Sprintf("Something else is busy on this machine, or this process is limited: what could use\n"+
		"%d %% of a core got %.0f. So a loop that spins shows less than it would.", wanted, got)
}
