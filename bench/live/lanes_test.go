package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop/bench/live/lane"
)

// A testMaker makes programs of the test binary. What it pretends can be changed.
type testMaker struct {
	mu      sync.Mutex // guards all below
	loop    string     // of testLoops
	saved   int        // how often
	problem error      // of the source as it is
}

func (m *testMaker) save(loop string, problem error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loop, m.problem = loop, problem
	m.saved++
}

func (m *testMaker) print() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return fmt.Sprint(m.saved, " times")
}

func (m *testMaker) build(context.Context) (program, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return program{os.Args[0], excerpt{file: m.loop, text: []string{"the code of " + m.loop}}}, m.problem
}

// A testServer is the server, with the lanes' processes, in this process.
type testServer struct {
	t       *testing.T
	lanes   *lanes
	address string
}

func newTestServer(t *testing.T, makers ...maker) *testServer {
	t.Helper()
	var views []laneView
	for i, m := range makers {
		views = append(views, laneView{Lane: i + 1, maker: m})
	}
	lanes := newLanes(views)
	server := httptest.NewServer(newHandler(lanes))
	t.Cleanup(func() {
		lanes.close()
		server.CloseClientConnections()
		server.Close()
	})
	return &testServer{t, lanes, server.URL}
}

// lane returns what is known of lane n.
func (s *testServer) lane(n int) (known news) {
	s.lanes.change(n, func(l *news) { known = *l })
	return known
}

// until waits until a lane is as it must be.
func (s *testServer) until(n int, is func(news) bool) news {
	s.t.Helper()
	for {
		if l := s.lane(n); is(l) {
			return l
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func isOn(l news) bool { return l.Status == on }

func TestSwitchOnAndOff(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, &testMaker{loop: "event"}, &testMaker{loop: "event"})
	assert.Equal(t, "no loop is running: switch one on first", s.post(`{"do":"stop-all"}`, http.StatusOK))
	for range 2 { // a second time changes nothing
		s.post(`{"do":"on","lane":2}`, http.StatusOK)
	}
	first := s.until(2, isOn)
	s.post(`{"do":"timeout","delay_ms":600000,"count":1,"page":"mine"}`, http.StatusOK)
	s.post(`{"do":"on","lane":1}`, http.StatusOK)
	s.post(`{"do":"timeout","delay_ms":600000,"count":1}`, http.StatusOK)
	for n := 1; n <= 2; n++ { // lane 1 came later
		timers := s.until(n, func(l news) bool { return l.Report != nil && l.Report.Pending == n }).Report.Timers
		assert.EqualValues(t, 2, timers[n-1].ID, "a timer has the same number in every lane, and none is given twice")
	}
	told := tellOnce(t, s.address)
	assert.Equal(t, request{Order: lane.Order{Do: lane.DoTimeout, Delay: 600_000, Count: 1}, Page: "mine"}, told.Done[2].Request, "the others are told")
	assert.NotEmpty(t, told.Lanes[1].History, "and what was, once")
	for range 2 {
		s.post(`{"do":"off","lane":2}`, http.StatusOK)
	}
	assert.Equal(t, news{Lane: 2, Status: off}, s.lane(2), "nothing is left of it")
	assert.False(t, processIsThere(first.PID))
}

func TestLaneFollowsItsSource(t *testing.T) {
	t.Parallel()
	edited := &testMaker{loop: "one", problem: errors.New("loop.go:1:1: no")}
	s := newTestServer(t, edited, &testMaker{loop: "event"})
	require.NoError(t, s.lanes.start(1))
	l := s.until(1, func(l news) bool { return l.Status == ended })
	assert.Equal(t, []string{"It could not be built.", "loop.go:1:1: no", ""}, []string{l.Why, l.Problem, l.Built})
	assert.ErrorContains(t, s.lanes.send(lane.Order{Do: lane.DoStopAll}), "no loop is running")
	require.NoError(t, s.lanes.start(2))
	beside := s.until(2, isOn)

	edited.save("one", nil)
	first := s.until(1, isOn)
	assert.Equal(t, []string{"the code of one"}, first.Code)
	s.post(`{"do":"timeout","delay_ms":0,"count":1}`, http.StatusOK)
	s.until(1, func(l news) bool { return l.Report.Ran == 1 && len(l.Calls) == 1 })

	edited.save("event", errors.New("timers.go:7:1: no"))
	l = s.until(1, func(l news) bool { return l.Problem != "" })
	assert.Equal(t, first.PID, l.PID, "the last loop goes on")
	assert.Equal(t, []any{on, first.Code, first.Built}, []any{l.Status, l.Code, l.Built}, "and it is its code that is shown")

	edited.save("event", nil)
	l = s.until(1, func(l news) bool { return l.Status == starting })
	assert.Nil(t, l.Report, "the new process has none of the old one's figures")
	assert.Nil(t, l.Calls)
	l = s.until(1, isOn)
	assert.Equal(t, []string{"the code of event"}, l.Code)
	assert.Empty(t, l.Problem)
	assert.Zero(t, l.Report.Ran)
	assert.False(t, processIsThere(first.PID))
	assert.Equal(t, beside.PID, s.lane(2).PID, "no other lane is touched")

	edited.save("panics", nil)
	s.until(1, func(l news) bool { return l.Status == ended && strings.Contains(l.Why, "panic: not written yet") })
	edited.save("returns", nil)
	s.until(1, func(l news) bool { return strings.Contains(l.Why, "Run returned (nil) before its context was done") })
	edited.save("event", errors.New("timers.go:7:1: no"))
	assert.Empty(t, s.until(1, func(l news) bool { return l.Problem != "" }).Built, "nothing goes on")
}

func TestLoopThatIgnoresItsEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for the patience to end")
	}
	t.Parallel()
	m := &testMaker{loop: "ignores its end"}
	s := newTestServer(t, m)
	require.NoError(t, s.lanes.start(1))
	first := s.until(1, isOn)
	m.save("event", nil)
	s.until(1, func(l news) bool { return isOn(l) && l.PID != first.PID })
	assert.False(t, processIsThere(first.PID))
}
