package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// post asks the server for something and returns the error it answers with.
func (s *testServer) post(body string, want int) string {
	s.t.Helper()
	res, err := http.Post(s.address+"/do", "application/json", strings.NewReader(body))
	require.NoError(s.t, err)
	defer http.DefaultClient.CloseIdleConnections()
	defer res.Body.Close()
	var answer struct{ Error string }
	require.NoError(s.t, json.NewDecoder(res.Body).Decode(&answer))
	assert.Equal(s.t, want, res.StatusCode, "POST %s: %s", body, answer.Error)
	return answer.Error
}

// tellOnce returns what a page that is opened now is told first. The page stays open.
func tellOnce(t *testing.T, address string) (told struct {
	Lanes []news
	Done  []done
}) {
	t.Helper()
	res, err := http.Get(address + "/events")
	require.NoError(t, err)
	t.Cleanup(func() {
		res.Body.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	line, err := bufio.NewReader(res.Body).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &told))
	return told
}

func TestGuard(t *testing.T) {
	handler := guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	for _, test := range []struct {
		what, method, host, origin, site string
		want                             int
	}{
		{"a name made to resolve to us", "GET", "evil.example:8410", "", "", 403},
		{"through ssh -L", "GET", "localhost:9000", "", "", 200},
		{"our page asks through ssh -L", "POST", "localhost:9000", "http://localhost:9000", "same-origin", 200},
		{"our page by an IPv6 number, in an old browser", "POST", "[::1]:9000", "http://[::1]:9000", "", 200},
		{"through a tunnel that changes Host", "POST", "127.0.0.1:8410", "https://localhost:9000", "same-origin", 200},
		{"a name made to look like a number", "GET", "127.0.0.1.evil.example", "", "", 403},
		{"curl asks", "POST", "127.0.0.1:8410", "", "", 200},
		{"another page asks", "POST", "127.0.0.1:8410", "https://evil.example", "cross-site", 403},
		{"another page that hides its origin", "POST", "127.0.0.1:8410", "null", "", 403},
		{"another server on this machine", "POST", "127.0.0.1:8410", "http://127.0.0.1:3000", "same-site", 403},
	} {
		r := httptest.NewRequest(test.method, "/", nil)
		r.Host = test.host
		for name, value := range map[string]string{"Origin": test.origin, "Sec-Fetch-Site": test.site} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		assert.Equal(t, test.want, w.Code, test.what)
		assert.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'", test.what)
	}
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, &testMaker{}, &testMaker{})
	for _, test := range []struct {
		body string
		code int
		says string
	}{
		{`{"do":"timeout","delay_ms":-1,"count":1}`, 400, "a delay must be from 0 to 600,000 ms; -1 is not"},
		{`{"do":"timeout","delay_ms":600001,"count":1}`, 400, "600,001 is not"},
		{`{"do":"timeout","count":10001}`, 400, "the number of timers must be from 1 to 10,000; 10,001 is not"},
		{`{"do":"timeout","count":0}`, 400, "0 is not"},
		{`{"do":"on","lane":0}`, 400, "a lane is from 1 to 2; 0 is not"},
		{`{"do":"explode"}`, 400, `"explode" is nothing`},
		{``, 400, "can't be read"},
		{`{"do":"` + strings.Repeat("x", maxBody) + `"}`, 400, "too large"},
	} {
		assert.Contains(t, s.post(test.body, test.code), test.says, test.body)
	}
}
