//go:build unix

package main

import (
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop/bench/live/lane"
)

// Ctrl-C in a terminal reaches the server and the stages' processes at once,
// and so it is sent to all of them here, the stages first: they leave the
// ending to the server, which is then no surprise to anybody.
func TestCtrlCLeavesNoProcess(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		server, address := startProgram(t)
		pids := stageProcesses(t, address)
		if signal == os.Interrupt {
			for _, pid := range pids {
				require.NoError(t, syscall.Kill(pid, syscall.SIGINT))
			}
		}
		require.NoError(t, server.Process.Signal(signal))
		assert.NoError(t, server.Wait(), "%v ends the server, and that is no failure", signal)
		for _, pid := range pids {
			assert.False(t, processIsThere(t, pid), "%v: process %d is left", signal, pid)
		}
	}
}

func TestCtrlCAloneDoesNotEndAStage(t *testing.T) {
	w := newTestServer(t)
	w.start(3)
	pid := w.until(3, func(l laneNews) bool { return l.Status == on }).PID
	require.NoError(t, syscall.Kill(pid, syscall.SIGINT))
	post(t, w.address, `{"do":"soon"}`, http.StatusNoContent)
	w.until(3, func(l laneNews) bool { return len(l.Calls) == 1 && l.PID == pid })
}

// A process that is stopped can't end itself: it is killed.
func TestStoppedProcessIsEnded(t *testing.T) {
	w := newTestServer(t)
	w.start(3)
	pid := w.until(3, func(l laneNews) bool { return l.Status == on }).PID
	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	post(t, w.address, `{"do":"off","stage":3}`, http.StatusNoContent)
	assert.Equal(t, off, allLanes(t, w.address)[2].Status)
	assert.False(t, processIsThere(t, pid))
}

// One that takes no orders is not waited for, and its orders are bounded.
func TestStoppedProcessKeepsNobodyWaiting(t *testing.T) {
	w := newTestServer(t)
	w.start(3)
	pid := w.until(3, func(l laneNews) bool { return l.Status == on }).PID
	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	var err error
	for err == nil { // 64 orders, and as many as the pipe holds
		err = w.lanes.send(lane.Order{Do: lane.DoSoon})
	}
	assert.ErrorContains(t, err, "lane 3 has not got round to the last 64 orders yet")

	require.NoError(t, syscall.Kill(pid, syscall.SIGCONT))
	for w.lanes.send(lane.Order{Do: lane.DoStopAll}) != nil {
		time.Sleep(10 * time.Millisecond)
	}
}

func TestCrashedProcessSaysWhy(t *testing.T) {
	w := newTestServer(t)
	w.start(3)
	pid := w.until(3, func(l laneNews) bool { return l.Status == on }).PID
	require.NoError(t, syscall.Kill(pid, syscall.SIGQUIT)) // Go's runtime prints a trace and exits
	l := w.until(3, func(l laneNews) bool { return l.Status == ended })
	assert.Contains(t, l.Why, "SIGQUIT")
	assert.False(t, strings.Contains(l.Why, "\n"), "one line")
}
