// Package cputime reads how much processor time this process has used. It is
// the one meter behind every CPU figure of the project: the benchmarks, the
// demo, and the live page, which all set it against real time to say what top
// would have shown.
//
// It counts what the operating system counts: user and system time, of all
// threads, the garbage collector and the runtime's own threads included. Two
// cores kept busy for a second are two seconds. Child processes don't count.
//
// The steps are fine on Unix (Linux, macOS: microseconds) and coarse on
// Windows, where the kernel adds a tick of usually 15.6 ms at a time: measure
// a second or more there.
package cputime

import "time"

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

// Percent returns cpu as a percentage of one core over the real time wall:
// the column %CPU of top, which shows 200 where two cores are busy. It returns
// zero if wall is not positive.
func Percent(cpu, wall time.Duration) float64 {
	if wall <= 0 {
		return 0
	}
	return 100 * float64(cpu) / float64(wall)
}
