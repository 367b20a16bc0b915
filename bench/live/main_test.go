package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/bench/live/lane"
	event "example.com/eventloop/stage3_event"
)

// beTheProgram is an environment variable. With it the test binary is the program, and
// with one of testLoops as its argument it is the program of a lane: these tests end
// whole processes, and look at what is left.
const beTheProgram = "BE_THE_LIVE_PROGRAM"

func TestMain(m *testing.M) {
	if loop, ok := testLoops()[os.Args[len(os.Args)-1]]; ok {
		lane.Main(loop)
		return
	}
	pollEvery, tellEvery = 20*time.Millisecond, 20*time.Millisecond
	if os.Getenv(beTheProgram) != "" {
		newMaker = func(w *workshop) maker { return &testMaker{loop: "event"} }
		main()
		return
	}
	_ = flag.Set("test.parallel", "8") // most of them wait for processes
	goleak.VerifyTestMain(m)
}

// testLoops are what the test binary can be a lane of: one that behaves, and some that
// don't.
func testLoops() map[string]func() eventloop.Loop {
	newEvent := func() eventloop.Loop { return event.New() }
	all := map[string]func() eventloop.Loop{"event": newEvent, "one": newEvent}
	for name, run := range map[string]func(context.Context) error{
		"ignores its end": func(context.Context) error { select {} },
		"returns":         func(context.Context) error { return nil },
		"panics":          func(context.Context) error { fmt.Println("here I am"); panic("not written yet") },
	} {
		all[name] = func() eventloop.Loop { return running{event.New(), run} }
	}
	return all
}

// running is a loop with another Run.
type running struct {
	eventloop.Loop
	run func(context.Context) error
}

func (r running) Run(ctx context.Context) error { return r.run(ctx) }

// startProgram starts the whole program in a process of its own, and the lanes that are
// on at the start. It returns the process, the lanes' process numbers, and the folder
// for temporary files.
func startProgram(t *testing.T) (cmd *exec.Cmd, pids []int, temp string) {
	t.Helper()
	temp = t.TempDir()
	cmd = exec.CommandContext(t.Context(), os.Args[0], "-port=0")
	cmd.Env = append(os.Environ(), beTheProgram+"=1", "TMPDIR="+temp)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	_, after, found := strings.Cut(line, "http://")
	require.True(t, found, line)
	for ; len(pids) < 2; time.Sleep(10 * time.Millisecond) {
		pids = nil
		for _, l := range tellOnce(t, "http://"+strings.Fields(after)[0]).Lanes {
			if l.Status == on && l.Lane != 1 { // stage 1 is on where there are cores
				pids = append(pids, l.PID)
			}
		}
	}
	return cmd, pids, temp
}

// processIsThere reports whether a process is running. One that has ended but
// that its new parent has not waited for, a zombie, is not: in a container
// there may be nobody to do that.
func processIsThere(pid int) bool {
	if runtime.GOOS == "linux" {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		_, state, _ := bytes.Cut(stat, []byte(") "))
		return err == nil && !bytes.HasPrefix(state, []byte("Z")) && !bytes.HasPrefix(state, []byte("X"))
	}
	process, err := os.FindProcess(pid)
	return err == nil && (runtime.GOOS == "windows" || process.Signal(syscall.Signal(0)) == nil)
}

// Ctrl-C in a terminal reaches the server and the lanes' processes at once, and so
// it is sent to all of them here, the lanes first: they leave the ending to the server.
func TestHoweverTheServerEndsNoProcessIsLeft(t *testing.T) {
	t.Parallel()
	signals := []os.Signal{os.Kill}
	if runtime.GOOS != "windows" {
		signals = append(signals, os.Interrupt, syscall.SIGTERM)
		if !signal.Ignored(hangUp) { // as nohup has it, and the server keeps it so
			signals = append(signals, hangUp)
		}
	}
	for _, signal := range signals {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			server, pids, temp := startProgram(t)
			for _, pid := range pids {
				if process, err := os.FindProcess(pid); err == nil && signal == os.Interrupt {
					require.NoError(t, process.Signal(signal))
				}
			}
			require.NoError(t, server.Process.Signal(signal))
			err := server.Wait()
			if signal == os.Kill {
				for _, pid := range pids {
					for processIsThere(pid) { // it finds its input closed, and ends
						time.Sleep(10 * time.Millisecond)
					}
				}
				return
			}
			assert.NoError(t, err, "it ends the server, and that is no failure")
			for _, pid := range pids {
				assert.False(t, processIsThere(pid), "process %d is left", pid)
			}
			left, err := os.ReadDir(temp)
			require.NoError(t, err)
			assert.Empty(t, left, "temporary files are left")
		})
	}
}

// On a machine with two cores stage 1 starts switched off.
func TestViews(t *testing.T) {
	for cpus, firstOn := range map[int]bool{2: false, 4: true} {
		all := views("root", "out", filepath.Join("my", "loop"), cpus)
		for i, name := range []string{"1polling", "2queue", "2½unwoken", "3event", "★loop"} {
			assert.Equal(t, name, all[i].Mark+all[i].Name)
			assert.Equal(t, firstOn && i == 0 || i == 1 || i > 2, all[i].FirstOn, name)
		}
	}
}
