package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A testServer is the server, with the stages' processes, in this process.
type testServer struct {
	t       *testing.T
	lanes   *lanes
	address string
}

func newTestServer(t *testing.T) *testServer {
	t.Helper()
	return newTestServerOf(t, stageProcess)
}

func newTestServerOf(t *testing.T, command func(context.Context, int) *exec.Cmd) *testServer {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	lanes := newLanes(command)
	server.Config.Handler = newHandler(lanes)
	server.Start()
	t.Cleanup(func() {
		lanes.close()
		server.CloseClientConnections()
		server.Close()
	})
	return &testServer{t, lanes, server.URL}
}

func (s *testServer) start(stage int) {
	s.t.Helper()
	require.NoError(s.t, s.lanes.start(stage))
}

// until waits until a lane is as it must be.
func (s *testServer) until(stage int, is func(lane) bool) lane {
	s.t.Helper()
	for {
		s.lanes.feed.mu.Lock()
		l := s.lanes.feed.lanes[stage-1]
		s.lanes.feed.mu.Unlock()
		if is(l) {
			return l
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestSwitchOnAndOff(t *testing.T) {
	s := newTestServer(t)
	assert.Contains(t, post(t, s.address, `{"do":"soon"}`, http.StatusConflict), "every stage is switched off")
	for range 2 { // a second time changes nothing
		post(t, s.address, `{"do":"on","stage":3}`, http.StatusNoContent)
	}
	first := s.until(3, func(l lane) bool { return l.Status == on })
	post(t, s.address, `{"do":"timeout","delay_ms":600000,"count":1}`, http.StatusNoContent)
	s.until(3, func(l lane) bool { return l.Report != nil && l.Report.Pending == 1 })
	for range 2 {
		post(t, s.address, `{"do":"off","stage":3}`, http.StatusNoContent)
	}
	l := allLanes(t, s.address)[2]
	assert.Equal(t, off, l.Status)
	assert.Zero(t, l.PID)
	assert.Nil(t, l.Report, "its timers are gone with it")
	assert.NotEmpty(t, l.History, "its plot is not")
	assert.False(t, processIsThere(t, first.PID))
}

func TestKilledProcessIsReportedAndStartsAgain(t *testing.T) {
	s := newTestServer(t)
	s.start(2)
	first := s.until(2, func(l lane) bool { return l.Status == on })
	process, err := os.FindProcess(first.PID)
	require.NoError(t, err)
	require.NoError(t, process.Kill())
	l := s.until(2, func(l lane) bool { return l.Status == ended })
	assert.NotEmpty(t, l.Why)
	assert.Nil(t, l.Report)

	s.start(2)
	l = s.until(2, func(l lane) bool { return l.Status == on })
	assert.NotEqual(t, first.PID, l.PID)
	assert.Empty(t, l.Why)
	post(t, s.address, `{"do":"soon"}`, http.StatusNoContent)
	s.until(2, func(l lane) bool { return len(l.Calls) == 1 })
}

func TestProcessThatCantBeStarted(t *testing.T) {
	s := newTestServerOf(t, func(ctx context.Context, n int) *exec.Cmd {
		return exec.CommandContext(ctx, "no-such-program-anywhere")
	})
	s.start(1)
	l := s.until(1, func(l lane) bool { return l.Status == ended })
	assert.Contains(t, l.Why, "can't be started")
}

func TestProcessThatSaysNonsense(t *testing.T) {
	s := newTestServerOf(t, func(ctx context.Context, n int) *exec.Cmd {
		cmd := exec.CommandContext(ctx, os.Args[0], "-h") // the program's usage goes to its error output
		if n == 1 {
			cmd = exec.CommandContext(ctx, os.Args[0], "-test.list", ".") // test names to its output
		} else {
			cmd.Env = append(os.Environ(), beTheProgram+"=1")
		}
		return cmd
	})
	s.start(1)
	l := s.until(1, func(l lane) bool { return l.Status == ended })
	assert.Contains(t, l.Why, "what it says can't be read")
	s.start(2)
	l = s.until(2, func(l lane) bool { return l.Status == ended })
	assert.Contains(t, l.Why, "usage: live", "the first line of what it said last")
}

// A timer has the same number in every lane, and no number is given twice.
func TestNumbers(t *testing.T) {
	s := newTestServer(t)
	s.start(2)
	s.start(3)
	var posts sync.WaitGroup
	for range 8 {
		posts.Go(func() { assert.NoError(t, s.lanes.send(order{Do: doTimeout, Delay: 600_000, Count: 2})) })
	}
	posts.Wait()
	var ids [2][]uint64
	for i, stage := range []int{2, 3} {
		l := s.until(stage, func(l lane) bool { return l.Report != nil && l.Report.Pending == 16 })
		for _, timer := range l.Report.Timers {
			ids[i] = append(ids[i], timer.ID)
		}
	}
	want := make([]uint64, 16)
	for i := range want {
		want[i] = uint64(i + 1)
	}
	assert.ElementsMatch(t, want, ids[0])
	assert.ElementsMatch(t, want, ids[1])
}

func TestTail(t *testing.T) {
	var said tail
	fmt.Fprintln(&said, "panic: the reason")
	fmt.Fprintln(&said, "a long trace")
	for range 1000 {
		n, err := fmt.Fprint(&said, "more and more")
		require.NoError(t, err)
		require.Equal(t, len("more and more"), n)
	}
	assert.Equal(t, "panic: the reason", said.String())
	assert.Equal(t, maxTail, said.Len())
}
