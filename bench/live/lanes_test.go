package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop/bench/live/lane"
)

// A testServer is the server, with the stages' processes, in this process.
type testServer struct {
	t       *testing.T
	lanes   *lanes
	address string
}

func newTestServer(t *testing.T) *testServer {
	t.Helper()
	return newTestServerOf(t, stageMakers()...)
}

func newTestServerOf(t *testing.T, makers ...maker) *testServer {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	lanes := newLanes(makers...)
	server.Config.Handler = newHandler(lanes, stageViews())
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
func (s *testServer) until(stage int, is func(laneNews) bool) laneNews {
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
	assert.Contains(t, post(t, s.address, `{"do":"soon"}`, http.StatusConflict), "no loop is running")
	for range 2 { // a second time changes nothing
		post(t, s.address, `{"do":"on","stage":3}`, http.StatusNoContent)
	}
	first := s.until(3, func(l laneNews) bool { return l.Status == on })
	post(t, s.address, `{"do":"timeout","delay_ms":600000,"count":1}`, http.StatusNoContent)
	s.until(3, func(l laneNews) bool { return l.Report != nil && l.Report.Pending == 1 })
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
	first := s.until(2, func(l laneNews) bool { return l.Status == on })
	process, err := os.FindProcess(first.PID)
	require.NoError(t, err)
	require.NoError(t, process.Kill())
	l := s.until(2, func(l laneNews) bool { return l.Status == ended })
	assert.NotEmpty(t, l.Why)
	assert.Nil(t, l.Report)

	s.lanes.stop(2)
	s.start(2)
	l = s.until(2, func(l laneNews) bool { return l.Status == on })
	assert.NotEqual(t, first.PID, l.PID)
	assert.Empty(t, l.Why)
	post(t, s.address, `{"do":"soon"}`, http.StatusNoContent)
	s.until(2, func(l laneNews) bool { return len(l.Calls) == 1 })
}

// A programMaker makes one program, once.
type programMaker struct{ made program }

func (m programMaker) print() string                                  { return "once" }
func (m programMaker) words() int                                     { return 0 }
func (m programMaker) build(context.Context) (program, string, error) { return m.made, "", nil }

func TestProcessThatCantBeStarted(t *testing.T) {
	s := newTestServerOf(t, programMaker{func(ctx context.Context, args ...string) *exec.Cmd {
		return exec.CommandContext(ctx, "no-such-program-anywhere")
	}})
	s.start(1)
	l := s.until(1, func(l laneNews) bool { return l.Status == ended })
	assert.Contains(t, l.Why, "can't be started")
}

func TestProcessThatSaysNonsense(t *testing.T) {
	s := newTestServerOf(t, programMaker{func(ctx context.Context, args ...string) *exec.Cmd {
		return exec.CommandContext(ctx, os.Args[0], "-test.list", ".") // test names to its output
	}}, programMaker{func(ctx context.Context, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, os.Args[0], "-h") // the program's usage goes to its error output
		cmd.Env = append(os.Environ(), beTheProgram+"=1")
		return cmd
	}})
	s.start(1)
	l := s.until(1, func(l laneNews) bool { return l.Status == ended })
	assert.Contains(t, l.Why, "what it says can't be read")
	s.start(2)
	l = s.until(2, func(l laneNews) bool { return l.Status == ended })
	assert.Contains(t, l.Why, "usage: live", "the first line of what it said last")
}

func TestLaneFollowsItsSource(t *testing.T) {
	edited := &testMaker{loop: "2", stage: 2}
	s := newTestServerOf(t, edited, &testMaker{loop: "3", stage: 3})
	s.start(1)
	s.start(2)
	first := s.until(1, func(l laneNews) bool { return l.Status == on && l.Source.Verdict != "" })
	assert.Equal(t, "idle: blocks, timer pending: spins (waits like stage 2)", first.Source.Verdict)
	assert.Equal(t, "the code of 2", first.Source.Code)
	beside := s.until(2, func(l laneNews) bool { return l.Status == on })

	edited.save("3", errors.New("timers.go:7:1: no"))
	l := s.until(1, func(l laneNews) bool { return l.Source.Problem != "" })
	assert.Equal(t, "timers.go:7:1: no", l.Source.Problem)
	assert.Equal(t, first.PID, l.PID, "the last loop goes on")
	assert.Equal(t, on, l.Status)
	assert.Equal(t, first.Source.Code, l.Source.Code, "and it is its code that is shown")
	post(t, s.address, `{"do":"soon"}`, http.StatusNoContent)
	s.until(1, func(l laneNews) bool { return l.Ran == 1 })

	edited.save("3", nil)
	l = s.until(1, func(l laneNews) bool { return l.Status == on && l.PID != first.PID && l.Source.Verdict != "" })
	assert.Empty(t, l.Source.Problem)
	assert.Empty(t, l.Source.Killed)
	assert.Equal(t, "the code of 3", l.Source.Code)
	assert.Contains(t, l.Source.Verdict, "waits like stage 3")
	assert.Zero(t, l.Ran)
	assert.False(t, processIsThere(t, first.PID))
	assert.Equal(t, beside.PID, allLanes(t, s.address)[1].PID, "no other lane is touched")
}

func TestLaneThatDoesNotCompileIsStartedOnceItDoes(t *testing.T) {
	m := &testMaker{loop: "3", problem: errors.New("loop.go:1:1: no")}
	s := newTestServerOf(t, m)
	s.start(1)
	l := s.until(1, func(l laneNews) bool { return l.Status == ended })
	assert.Equal(t, "It could not be built.", l.Why)
	assert.Equal(t, "loop.go:1:1: no", l.Source.Problem)
	assert.Contains(t, post(t, s.address, `{"do":"soon"}`, http.StatusConflict), "no loop is running")
	m.save("3", nil)
	s.until(1, func(l laneNews) bool { return l.Status == on })
}

// Whatever a loop does, its lane says it and the others go on.
func TestLoopsThatDoNotBehave(t *testing.T) {
	for loop, why := range map[string]string{
		"eats memory":        "it took more than 512 MB of memory, and was stopped",
		"prints without end": "it printed more than 1 MB, and was stopped",
		"returns":            "Run returned (nil) before its context was done",
		"panics":             "panic: not written yet",
	} {
		m := &testMaker{loop: loop}
		s := newTestServerOf(t, m)
		s.start(1)
		l := s.until(1, func(l laneNews) bool { return l.Status == ended })
		assert.Contains(t, l.Why, why)
		m.save("3", nil)
		s.until(1, func(l laneNews) bool { return l.Status == on })
	}
}

func TestLoopThatIgnoresItsEnd(t *testing.T) {
	m := &testMaker{loop: "ignores its end"}
	s := newTestServerOf(t, m)
	s.start(1)
	first := s.until(1, func(l laneNews) bool { return l.Status == on && l.Source.Verdict != "" })
	assert.Contains(t, first.Source.Verdict, "Run had not returned")
	m.save("3", nil)
	l := s.until(1, func(l laneNews) bool { return l.Status == on && l.PID != first.PID })
	assert.Contains(t, l.Source.Killed, "did not end within 2s of being told to, and was killed")
	assert.False(t, processIsThere(t, first.PID))
}

// A timer has the same number in every lane, and no number is given twice.
func TestNumbers(t *testing.T) {
	s := newTestServer(t)
	s.start(2)
	s.start(3)
	var posts sync.WaitGroup
	for range 8 {
		posts.Go(func() { assert.NoError(t, s.lanes.send(lane.Order{Do: lane.DoTimeout, Delay: 600_000, Count: 2})) })
	}
	posts.Wait()
	var ids [2][]uint64
	for i, stage := range []int{2, 3} {
		l := s.until(stage, func(l laneNews) bool { return l.Report != nil && l.Report.Pending == 16 })
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
	full := 0
	said := tail{full: func() { full++ }}
	require.NotImplements(t, (*io.ReaderFrom)(nil), &said, "all of it comes by Write")
	fmt.Fprintln(&said, "hello")
	assert.Equal(t, "hello", said.why())
	fmt.Fprintln(&said, "panic: the reason")
	fmt.Fprintln(&said, "a long trace")
	for said.total < maxPrinted {
		assert.Zero(t, full)
		n, err := fmt.Fprint(&said, strings.Repeat("more and more", 1000))
		require.NoError(t, err)
		require.Equal(t, 13_000, n)
	}
	fmt.Fprintln(&said, "and more")
	assert.Equal(t, 1, full)
	assert.Equal(t, "panic: the reason", said.why())
	assert.Equal(t, maxTail, said.kept.Len())
}
