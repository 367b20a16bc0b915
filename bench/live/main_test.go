package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// beTheProgram is the environment variable that has the test binary be the
// program: these tests end whole processes, and look at what is left.
const beTheProgram = "BE_THE_LIVE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(beTheProgram) != "" {
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

// stageProcess is the command of stage n as the tests run it.
func stageProcess(ctx context.Context, n int) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], stageCommand, strconv.Itoa(n))
	cmd.Env = append(os.Environ(), beTheProgram+"=1")
	return cmd
}

// startProgram starts the whole program in a process of its own. It returns
// the process and its address.
func startProgram(t *testing.T) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-port", "0", "-open=false")
	cmd.Env = append(os.Environ(), beTheProgram+"=1")
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
func allLanes(t *testing.T, address string) []lane {
	t.Helper()
	s := listen(t, address)
	defer s.close()
	var lanes []lane
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
	lanes := newLanes(stageProcess)
	served := make(chan error, 1)
	go func() { served <- serve(ctx, listener, lanes) }()
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
	assert.Equal(t, []int{2, 3}, firstOn(2), "stage 1 takes two cores: on a machine with no more it comes later")
	assert.Equal(t, []int{1, 2, 3}, firstOn(4))
}

// A stage's process that is asked for what there is not says so and fails.
func TestNoSuchStage(t *testing.T) {
	for _, number := range []string{"0", "4", "x"} {
		cmd := exec.Command(os.Args[0], stageCommand, number)
		cmd.Env = append(os.Environ(), beTheProgram+"=1")
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		assert.Equal(t, exitError, exit.ExitCode())
		assert.NotEmpty(t, string(out))
	}
}
