package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/eventloop/bench/live/lane"
)

func TestGuard(t *testing.T) {
	handler := guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	for _, test := range []struct {
		what, method, host string
		header             map[string]string
		want               int
	}{
		{"our page", "GET", "127.0.0.1:8410", nil, 200},
		{"by name", "GET", "localhost:8410", nil, 200},
		{"a name made to resolve to us", "GET", "evil.example:8410", nil, 403},
		{"through ssh -L", "GET", "localhost:9000", nil, 200},
		{"our page asks through ssh -L", "POST", "localhost:9000", map[string]string{"Origin": "http://localhost:9000", "Sec-Fetch-Site": "same-origin"}, 200},
		{"through a tunnel that changes Host", "POST", "127.0.0.1:8410", map[string]string{"Origin": "https://localhost:9000", "Sec-Fetch-Site": "same-origin"}, 200},
		{"loudly", "POST", "LOCALHOST:8410", map[string]string{"Origin": "http://LOCALHOST:8410"}, 200},
		{"IPv6", "POST", "[::1]:9000", map[string]string{"Origin": "http://[::1]:9000"}, 200},
		{"port 80", "POST", "localhost", map[string]string{"Origin": "http://localhost"}, 200},
		{"another loopback number", "GET", "127.8.8.8:8410", nil, 200},
		{"another machine's number", "GET", "192.168.0.7:8410", nil, 403},
		{"another machine's IPv6", "GET", "[2001:db8::1]:8410", nil, 403},
		{"a name below ours", "GET", "evil.localhost.example:8410", nil, 403},
		{"more than a host", "GET", "evil@localhost:8410", nil, 403},
		{"a path", "GET", "localhost/evil", nil, 403},
		{"a port that is none", "GET", "localhost:evil", nil, 403},
		{"a name made to look like a number", "GET", "127.0.0.1.evil.example", nil, 403},
		{"another page asks through ssh -L", "POST", "localhost:9000", map[string]string{"Origin": "https://evil.example:9000"}, 403},
		{"an origin with more in it", "POST", "localhost:9000", map[string]string{"Origin": "http://localhost:9000/evil", "Sec-Fetch-Site": "same-origin"}, 403},
		{"a name that begins like ours", "GET", "127.0.0.1:8410.evil.example", nil, 403},
		{"no host", "GET", "", nil, 403},
		{"our page asks", "POST", "127.0.0.1:8410", map[string]string{"Origin": "http://127.0.0.1:8410", "Sec-Fetch-Site": "same-origin"}, 200},
		{"curl asks", "POST", "127.0.0.1:8410", nil, 200},
		{"another page asks", "POST", "127.0.0.1:8410", map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403},
		{"another page in an old browser", "POST", "127.0.0.1:8410", map[string]string{"Origin": "https://evil.example"}, 403},
		{"another page that hides its origin", "POST", "127.0.0.1:8410", map[string]string{"Origin": "null"}, 403},
		{"another page without an origin", "POST", "127.0.0.1:8410", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"another server on this machine", "POST", "127.0.0.1:8410", map[string]string{"Origin": "http://127.0.0.1:3000", "Sec-Fetch-Site": "same-site"}, 403},
		{"our other name", "POST", "127.0.0.1:8410", map[string]string{"Origin": "http://localhost:8410"}, 403},
		{"another page listens", "GET", "127.0.0.1:8410", map[string]string{"Origin": "https://evil.example"}, 403},
	} {
		r := httptest.NewRequest(test.method, "/", nil)
		r.Host = test.host
		for name, value := range test.header {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		assert.Equal(t, test.want, w.Code, test.what)
		assert.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'", test.what)
	}
}

func TestBadRequests(t *testing.T) {
	s := newTestServer(t)
	for _, test := range []struct {
		body string
		code int
		says string
	}{
		{`{"do":"timeout","delay_ms":600001,"count":1}`, 400, "a delay must be from 0 to 600,000 ms; 600,001 is not"},
		{`{"do":"timeout","delay_ms":-1,"count":1}`, 400, "-1 is not"},
		{`{"do":"timeout","delay_ms":1,"count":10001}`, 400, "from 1 to 10,000; 10,001 is not"},
		{`{"do":"timeout","delay_ms":1.5,"count":1}`, 400, "can't be read"},
		{`{"do":"timeout","delay_ms":99999999999999999999,"count":1}`, 400, "can't be read"},
		{`{"do":"stop"}`, 400, "the number of a timer"},
		{`{"do":"on","stage":0}`, 400, "a lane is from 1 to 3; 0 is not"},
		{`{"do":"off","stage":4}`, 400, "a lane is from 1 to 3; 4 is not"},
		{`{"do":"explode"}`, 400, `"explode" is nothing`},
		{`{"do":"soon","and":1}`, 400, "can't be read"},
		{`{"do":"soon"}{"do":"soon"}`, 400, "nothing after it"},
		{``, 400, "can't be read"},
		{`{"do":"` + strings.Repeat("x", maxBody) + `"}`, 413, "at most 1024 bytes"},
	} {
		assert.Contains(t, post(t, s.address, test.body, test.code), test.says, test.body)
	}

	res, err := http.Post(s.address+"/do", "text/plain", strings.NewReader(`{"do":"soon"}`))
	require.NoError(t, err)
	res.Body.Close()
	assert.Equal(t, http.StatusUnsupportedMediaType, res.StatusCode, "a form of another page can't say application/json")
	res, err = http.Get(s.address + "/do")
	require.NoError(t, err)
	res.Body.Close()
	assert.Equal(t, http.StatusMethodNotAllowed, res.StatusCode)
	http.DefaultClient.CloseIdleConnections()
}

func TestFiles(t *testing.T) {
	s := newTestServer(t)
	get := func(path string) (int, string, string) {
		res, err := http.Get(s.address + path)
		require.NoError(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, res.Header.Get("Content-Type"), string(body)
	}
	for path, kind := range map[string]string{"/": "text/html", "/style.css": "text/css", "/page.js": "text/javascript", "/icon.svg": "image/svg+xml"} {
		code, got, body := get(path)
		assert.Equal(t, http.StatusOK, code, path)
		assert.True(t, strings.HasPrefix(got, kind), "%s is %s", path, got)
		assert.NotContains(t, strings.ReplaceAll(body, "http://www.w3.org/2000/svg", ""), "://", "%s loads nothing from elsewhere", path)
	}
	for _, path := range []string{"/index.html", "/web/", "/excerpts/", "/feed.js", "/nothing", "/../main.go"} {
		code, _, _ := get(path)
		assert.Equal(t, http.StatusNotFound, code, path)
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestPageSaysWhatTheMachineBears(t *testing.T) {
	assert.Contains(t, newView(2, stageViews()).Note, "So stage 1 starts switched off.")
	assert.Contains(t, newView(8, stageViews()).Note, "all three stages are on")
}

func TestStreamTellsEverythingThenWhatChanges(t *testing.T) {
	s := newTestServer(t)
	s.start(3)
	s.until(3, func(l laneNews) bool { return len(l.History) > 0 })
	page := listen(t, s.address)
	var lanes []laneNews
	require.NoError(t, json.Unmarshal(page.next("all"), &lanes))
	require.Len(t, lanes, stages)
	assert.Equal(t, []status{off, off, on}, []status{lanes[0].Status, lanes[1].Status, lanes[2].Status})
	assert.NotEmpty(t, lanes[2].History)

	var r struct {
		Stage int
		lane.Report
	}
	require.NoError(t, json.Unmarshal(page.next("report"), &r))
	assert.Equal(t, 3, r.Stage)
	assert.NotZero(t, r.At)
	var clock float64
	require.NoError(t, json.Unmarshal(page.next("beat"), &clock), "so that a page can tell quiet from gone")
	assert.GreaterOrEqual(t, clock, r.At, "and what time it is here")

	post(t, s.address, `{"do":"off","stage":3}`, http.StatusNoContent)
	assert.JSONEq(t, `{"stage":3,"status":"off","pid":0,"why":""}`, string(page.next("status")))
}

func TestPageThatIsClosedIsForgotten(t *testing.T) {
	s := newTestServer(t)
	pages := make([]*eventStream, maxWatchers)
	for i := range pages {
		pages[i] = listen(t, s.address)
	}
	for s.lanes.feed.count() < maxWatchers {
		time.Sleep(time.Millisecond)
	}
	res, err := http.Get(s.address + "/events")
	require.NoError(t, err)
	res.Body.Close()
	assert.Equal(t, http.StatusServiceUnavailable, res.StatusCode, "a bound, with a message")
	for _, page := range pages {
		page.close()
	}
	for s.lanes.feed.count() > 0 {
		time.Sleep(time.Millisecond)
	}
	listen(t, s.address)
}

func TestPageThatFallsBehindIsToldAnew(t *testing.T) {
	f := newFeed(stages)
	w, _, err := f.watch()
	require.NoError(t, err)
	other, _, err := f.watch()
	require.NoError(t, err)
	for i := range cap(w.events) + 1 {
		f.setStatus(1, starting, i, "")
		<-other.events // this one keeps up
	}
	for range cap(w.events) {
		<-w.events
	}
	_, open := <-w.events
	assert.False(t, open, "its channel is closed: the page connects again")
	assert.Equal(t, 1, f.count())
	f.leave(w)
	f.leave(other)
	assert.Zero(t, f.count())
}

func TestFeedKeepsAMinute(t *testing.T) {
	f := newFeed(stages)
	for i := range 10 * maxHistory {
		f.addReport(1, lane.Report{At: float64(i), Ran: uint64(i), Calls: []lane.Call{{ID: uint64(i)}}, Fired: i % 2, Late: float64(i)})
	}
	assert.Len(t, f.lanes[0].Late, maxHistory)
	assert.Equal(t, point{10*maxHistory - 1, 10*maxHistory - 1}, f.lanes[0].Late[maxHistory-1])
	assert.Equal(t, point{10*maxHistory - 3, 10*maxHistory - 3}, f.lanes[0].Late[maxHistory-2], "where no timer ran there is no lateness")
	f.setStatus(1, off, 0, "")
	assert.EqualValues(t, 10*maxHistory-1, f.lanes[0].Ran, "what has run has run, whatever ends")
	assert.Len(t, f.lanes[0].History, maxHistory)
	assert.Equal(t, float64(10*maxHistory-1), f.lanes[0].History[maxHistory-1][0], "the newest")
	assert.Len(t, f.lanes[0].Calls, maxLaneLog)
	f.setStatus(1, starting, 7, "")
	assert.Empty(t, f.lanes[0].Calls, "a new process has run nothing yet")
	assert.Zero(t, f.lanes[0].Ran)
	assert.Equal(t, "event: x\ndata: {\"a\":1}\n\n", string(sse("x", map[string]int{"a": 1})))
}
