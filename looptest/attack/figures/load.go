package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"example.com/eventloop"
	"example.com/eventloop/bench/tuned"
	"example.com/eventloop/looptest/attack"
	polling "example.com/eventloop/stage1_polling"
	queue "example.com/eventloop/stage2_queue"
	event "example.com/eventloop/stage3_event"
)

var stages = []struct {
	name string
	new  func() eventloop.Loop
}{
	{"stage1_polling", func() eventloop.Loop { return polling.New() }},
	{"stage2_queue", func() eventloop.Loop { return queue.New() }},
	{"stage3_event", func() eventloop.Loop { return event.New() }},
	{"tuned", func() eventloop.Loop { return tuned.New() }},
}

// reachable returns the size of all that is reachable.
func reachable() uint64 {
	debug.FreeOSMemory()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// sizes of the loads, by name.
func (f *figures) sizes(stage string) map[string]int {
	sizes := map[string]int{
		"timers pending at once":                  f.times(1_000_000, 1),
		"64 goroutines setting and stopping":      f.times(20_000, 1),
		"timers in one run":                       f.times(1_000_000, 1),
		"timers due within nanoseconds":           f.times(10_000_000, 1_000),
		"timers due at once, and calls meanwhile": f.times(1_000_000, 1),
		"callbacks panic":                         f.times(10_000, 1),
		"callbacks call Goexit":                   f.times(10_000, 1),
		"callbacks cancel":                        f.times(10_000, 1),
		"a callback sets 5000 timers":             f.times(100, 2),
		"a callback blocks for a second":          f.times(5, 1),
	}
	if stage == "stage3_event" || stage == "tuned" {
		sizes["timers in one run"] = f.times(10_000_000, 1)
	}
	return sizes
}

// longest says how long the longest call took that the load has timed.
func longest(a *attack.Account) string {
	if a.Longest() == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f ms", a.Longest().Seconds()*1000)
}

func (f *figures) load() (string, error) {
	t := newTable("load and stage", "how often", "callbacks", "ran", "stopped", "lost", "twice", "early", "out of order", "took", "heap before", "after", "longest call")
	for _, load := range attack.Loads() {
		for _, stage := range stages {
			n := f.sizes(stage.name)[load.Name]
			loop := stage.new()
			account := attack.NewAccount(loop)
			before := reachable()
			begun := time.Now()
			err := load.Do(account, n)
			took := time.Since(begun)
			after := reachable()
			runtime.KeepAlive(loop)
			tally := account.Tally()
			t.row(load.Name+", "+stage.name, count(n)+" "+load.Unit, count(tally.Added), count(tally.Ran), count(tally.Stopped),
				count(tally.Lost), count(tally.Twice), count(tally.Early), count(tally.Order), seconds(took), size(before), size(after), longest(account))
			if err != nil {
				return t.String(), fmt.Errorf("%s, %s: %w", stage.name, load.Name, err)
			}
		}
	}
	return t.String(), nil
}

func (f *figures) soak() (string, error) {
	long := f.long
	if f.short {
		long = min(long, 15*time.Second)
	}
	share := long / time.Duration(len(stages))
	t := newTable("stage", "for", "rounds", "callbacks", "ran", "stopped", "lost", "twice", "early", "out of order", "heap after round 3", "after the last")
	for _, stage := range stages {
		r, err := attack.Soak(stage.new(), share)
		t.row(stage.name, brief(share), count(r.Rounds), count(r.Added), count(r.Ran), count(r.Stopped),
			count(r.Lost), count(r.Twice), count(r.Early), count(r.Order), size(r.First), size(r.Last))
		if err != nil {
			return t.String(), fmt.Errorf("%s: %w", stage.name, err)
		}
	}
	return t.String(), nil
}

// eater is set in the environment of the processes that eat the cores.
const eater = "LOOPTEST_ATTACK_EATER"

// eat keeps all cores busy until the standard input ends, with the parent.
func eat() {
	for range runtime.NumCPU() {
		go func() {
			for n := 0; ; n++ {
				_ = n
			}
		}()
	}
	_, _ = os.Stdin.Read(make([]byte, 1))
	os.Exit(0)
}

// busy soaks the stages while other processes take the cores.
func (f *figures) busy() (string, error) {
	const eaters = 2
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	for range eaters {
		c := exec.Command(self)
		c.Env = append(os.Environ(), eater+"=1")
		in, err := c.StdinPipe()
		if err != nil {
			return "", err
		}
		if err := c.Start(); err != nil {
			return "", err
		}
		defer func() { _ = c.Wait() }()
		defer in.Close()
	}
	long := time.Duration(f.times(100, 2)) * 100 * time.Millisecond
	t := newTable("stage", "for", "callbacks", "ran", "stopped", "lost", "twice", "early", "out of order")
	for _, stage := range stages {
		r, err := attack.Soak(stage.new(), long)
		t.row(stage.name, long.String(), count(r.Added), count(r.Ran), count(r.Stopped), count(r.Lost), count(r.Twice), count(r.Early), count(r.Order))
		if err != nil {
			return t.String(), fmt.Errorf("%s: %w", stage.name, err)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d other processes, each with %d goroutines that spin, on %d cores.\n\n", eaters, runtime.NumCPU(), runtime.NumCPU())
	return b.String() + t.String(), nil
}
