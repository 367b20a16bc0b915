package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"example.com/eventloop"
	"example.com/eventloop/bench/live/lane"
	polling "example.com/eventloop/stage1_polling"
	queue "example.com/eventloop/stage2_queue"
	event "example.com/eventloop/stage3_event"
)

// These environment variables have the test binary be the program, or the program of
// a lane: these tests end whole processes, and look at what is left.
const (
	beTheProgram = "BE_THE_LIVE_PROGRAM"
	beALane      = "BE_A_LANE"
)

func TestMain(m *testing.M) {
	if os.Getenv(beTheProgram) != "" {
		main()
		return
	}
	if loop, ok := testLoops[os.Getenv(beALane)]; ok {
		lane.Main(loop)
		return
	}
	goleak.VerifyTestMain(m)
}

// stages is how many there are.
const stages = 3

// testLoops are what the test binary can be a lane of.
var testLoops = map[string]func() eventloop.Loop{
	"1": func() eventloop.Loop { return polling.New() },
	"2": func() eventloop.Loop { return queue.New() },
	"3": func() eventloop.Loop { return event.New() },
	"ignores its end": func() eventloop.Loop {
		return running{event.New(), func(context.Context) error { select {} }}
	},
	"eats memory": func() eventloop.Loop {
		return running{event.New(), func(ctx context.Context) error {
			var eaten [][]byte
			for ctx.Err() == nil {
				eaten = append(eaten, bytes.Repeat([]byte{1}, 1<<20))
			}
			return fmt.Errorf("%d MB were not enough", len(eaten))
		}}
	},
	"prints without end": func() eventloop.Loop {
		return running{event.New(), func(ctx context.Context) error {
			for ctx.Err() == nil {
				fmt.Println("turn")
			}
			return nil
		}}
	},
	"returns": func() eventloop.Loop {
		return running{event.New(), func(context.Context) error { return nil }}
	},
	"panics": func() eventloop.Loop {
		return running{event.New(), func(context.Context) error {
			fmt.Println("here I am")
			panic("not written yet")
		}}
	},
}

// running is a loop with another Run.
type running struct {
	eventloop.Loop
	run func(context.Context) error
}

func (r running) Run(ctx context.Context) error { return r.run(ctx) }

// A testMaker makes programs of the test binary. What it pretends can be changed.
type testMaker struct {
	mu      sync.Mutex // guards all below
	loop    string     // of testLoops
	saved   int        // how often
	problem error      // of the source as it is
	stage   int
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

func (m *testMaker) build(context.Context) (program, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return testProgram(m.loop), "the code of " + m.loop, m.problem
}

func (m *testMaker) words() int { return m.stage }

func testProgram(loop string) program {
	return func(ctx context.Context, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, os.Args[0], args...)
		cmd.Env = append(os.Environ(), beALane+"="+loop)
		return cmd
	}
}

// stageMakers makes the three stages.
func stageMakers() (makers []maker) {
	for n := 1; n <= stages; n++ {
		makers = append(makers, &testMaker{loop: strconv.Itoa(n), stage: n})
	}
	return makers
}

// startProgram starts the whole program in a process of its own. It returns
// the process and its address.
func startProgram(t *testing.T) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-port", "0", "-open=false")
	cmd.Env = append(os.Environ(), beTheProgram+"=1", "TMPDIR="+t.TempDir()) // one that is killed leaves its programs behind
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	_, after, found := strings.Cut(line, "http://")
	require.True(t, found, line)
	address, _, _ := strings.Cut(after, " ")
	return cmd, "http://" + address
}

// stageProcesses returns the numbers of the processes of all stages, once all
// of them report.
func stageProcesses(t *testing.T, address string) []int {
	t.Helper()
	for n := 1; n <= stages; n++ {
		post(t, address, `{"do":"on","stage":`+strconv.Itoa(n)+`}`, http.StatusNoContent)
	}
	for {
		var pids []int
		for _, l := range allLanes(t, address) {
			if l.Status == on {
				pids = append(pids, l.PID)
			}
		}
		if len(pids) == stages {
			return pids
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// post asks the server for something and returns the error it answers with.
func post(t *testing.T, address, body string, want int) string {
	t.Helper()
	res, err := http.Post(address+"/do", "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer res.Body.Close()
	var answer struct{ Error string }
	if res.StatusCode != http.StatusNoContent {
		require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	}
	assert.Equal(t, want, res.StatusCode, "POST %s: %s", body, answer.Error)
	http.DefaultClient.CloseIdleConnections()
	return answer.Error
}

// An eventStream is what a page hears.
type eventStream struct {
	t     *testing.T
	lines *bufio.Reader
	close func()
}

func listen(t *testing.T, address string) *eventStream {
	t.Helper()
	res, err := http.Get(address + "/events")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, "text/event-stream", res.Header.Get("Content-Type"))
	s := &eventStream{t, bufio.NewReader(res.Body), func() {
		res.Body.Close()
		http.DefaultClient.CloseIdleConnections()
	}}
	t.Cleanup(s.close)
	return s
}

// next returns the next event of the given name.
func (s *eventStream) next(name string) []byte {
	s.t.Helper()
	for {
		line, err := s.lines.ReadString('\n')
		require.NoError(s.t, err)
		if line != "event: "+name+"\n" {
			continue
		}
		data, err := s.lines.ReadBytes('\n')
		require.NoError(s.t, err)
		return bytes.TrimPrefix(data, []byte("data: "))
	}
}

// allLanes returns what a page that is opened now is told.
func allLanes(t *testing.T, address string) []laneNews {
	t.Helper()
	s := listen(t, address)
	defer s.close()
	var lanes []laneNews
	require.NoError(t, json.Unmarshal(s.next("all"), &lanes))
	return lanes
}

func TestKillingTheServerLeavesNoProcess(t *testing.T) {
	server, address := startProgram(t)
	pids := stageProcesses(t, address)
	require.NoError(t, server.Process.Kill())
	server.Wait()
	for _, pid := range pids {
		untilGone(t, pid)
	}
}

// untilGone waits until a process that is not our child is gone.
func untilGone(t *testing.T, pid int) {
	t.Helper()
	for processIsThere(t, pid) {
		time.Sleep(10 * time.Millisecond)
	}
}

func TestEndingTheServerLeavesNoProcess(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := "http://" + listener.Addr().String()
	lanes := newLanes(stageMakers()...)
	served := make(chan error, 1)
	go func() { served <- serve(ctx, listener, lanes, stageViews()) }()
	pids := stageProcesses(t, address)
	page := listen(t, address) // which does not keep the server from ending
	cancel()
	require.NoError(t, <-served)
	lanes.close()
	for _, pid := range pids {
		assert.False(t, processIsThere(t, pid), "process %d is left", pid)
	}
	_, err = io.Copy(io.Discard, page.lines)
	assert.NoError(t, err, "the page's stream ends")
	assert.ErrorIs(t, lanes.start(1), errClosed)
}

func TestFlags(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"-h"}, exitOK, "listen on this port of 127.0.0.1"},
		{[]string{"-h"}, exitOK, "shows the three loops side by side in a browser"},
		{[]string{"-port", "x"}, exitUsage, "invalid value"},
		{[]string{"-port", "65536"}, exitUsage, "-port must be from 0 to 65535; 65536 is not"},
		{[]string{"-port=-1"}, exitUsage, "-port must be from 0 to 65535; -1 is not"},
		{[]string{"-port", "6000"}, exitUsage, "-port 6000 is one at which no browser opens a page"},
		{[]string{"-port", "25"}, exitUsage, "-port 25 is one"},
		{[]string{"-nonsense"}, exitUsage, "flag provided but not defined"},
		{[]string{"stage"}, exitUsage, `"stage" is neither`},
		{[]string{"-loop", "nowhere"}, exitUsage, "-loop nowhere: "},
		{[]string{"-loop", "main.go"}, exitUsage, "-loop main.go: it is no folder"},
		{[]string{"-loop", "web"}, exitUsage, "-loop web: there is no Go file in it"},
		{[]string{"-port", port}, exitError, "Port " + port + " can't be had"},
	} {
		var stdout, stderr bytes.Buffer
		code := serverMain(t.Context(), test.args, &stdout, &stderr)
		assert.Equal(t, test.code, code, "live %v", test.args)
		assert.Contains(t, stderr.String(), test.says, "live %v", test.args)
		assert.Empty(t, stdout.String(), "live %v", test.args)
	}
}

func TestFirstOn(t *testing.T) {
	on := func(cores int) (stages []int) {
		for _, v := range stageViews() {
			if v.firstOn(cores) {
				stages = append(stages, v.Stage)
			}
		}
		return stages
	}
	assert.Equal(t, []int{2, 3}, on(2), "stage 1 takes two cores: on a machine with no more it comes later")
	assert.Equal(t, []int{1, 2, 3}, on(4))
}
