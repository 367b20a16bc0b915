package main

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"runtime"
	"time"

	"example.com/eventloop/bench/live/lane"
)

//go:embed web
var web embed.FS

// maxBody is more than any request of the page has.
const maxBody = 1 << 10

// beatEvery is how often a page hears from the server when there is nothing to
// tell, so that it can tell quiet from gone. A beat says what time it is here: the
// page may be on another machine, whose clock is another.
const beatEvery = 2 * time.Second

// A request is what the page asks for: an order for every stage that is on, or
// to switch one on or off.
type request struct {
	lane.Order
	Stage int `json:"stage,omitempty"`
}

const (
	doSwitchOn  = "on"
	doSwitchOff = "off"
)

// newHandler returns the handler of everything, behind the guard.
func newHandler(lanes *lanes, views []laneView) http.Handler {
	files, err := fs.Sub(web, "web")
	if err != nil {
		panic(err) // web is embedded
	}
	page := template.Must(template.New("index.html").Funcs(template.FuncMap{
		"inc": func(i int) int { return i + 1 },
		"json": func(v any) (string, error) {
			text, err := json.Marshal(v)
			return string(text), err
		},
	}).ParseFS(files, "index.html"))
	assets := http.FileServerFS(files)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		page.Execute(w, newView(runtime.GOMAXPROCS(0), views))
	})
	for _, name := range []string{"style.css", "page.js", "icon.svg"} {
		mux.Handle("GET /"+name, assets)
	}
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) { stream(w, r, lanes.feed) })
	mux.HandleFunc("POST /do", func(w http.ResponseWriter, r *http.Request) {
		if code, err := do(w, r, lanes); err != nil {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return guard(mux)
}

// stream sends events until the page goes away or the server ends.
func stream(w http.ResponseWriter, r *http.Request, f *feed) {
	watcher, all, err := f.watch()
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer f.leave(watcher)
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	send := func(event []byte) bool {
		control.SetWriteDeadline(time.Now().Add(10 * time.Second)) // a page that takes nothing is let go
		_, err := w.Write(event)
		return err == nil && control.Flush() == nil
	}
	sendBeat := func() bool { return send(sse("beat", lane.Millis(time.Now()))) }
	if !send([]byte("retry: 1000\n\n")) || !sendBeat() || !send(all) {
		return
	}
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		select {
		case event, ok := <-watcher.events:
			if !ok || !send(event) {
				return
			}
		case <-beat.C:
			if !sendBeat() {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

// do carries out one request of the page. With an error comes the status code
// of the answer.
func do(w http.ResponseWriter, r *http.Request, lanes *lanes) (int, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return http.StatusUnsupportedMediaType, errors.New("a request must be application/json")
	}
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	body.DisallowUnknownFields()
	var asked request
	if err := body.Decode(&asked); err != nil {
		var tooLong *http.MaxBytesError
		if errors.As(err, &tooLong) {
			return http.StatusRequestEntityTooLarge, fmt.Errorf("a request has at most %d bytes", maxBody)
		}
		return http.StatusBadRequest, fmt.Errorf("the request can't be read: %w", err)
	}
	if _, err := body.Token(); err != io.EOF {
		return http.StatusBadRequest, errors.New("a request is one object and nothing after it")
	}

	switch asked.Do {
	case doSwitchOn, doSwitchOff:
		if asked.Stage < 1 || asked.Stage > len(lanes.makers) {
			return http.StatusBadRequest, fmt.Errorf("a lane is from 1 to %d; %d is not", len(lanes.makers), asked.Stage)
		}
		if asked.Do == doSwitchOff {
			lanes.stop(asked.Stage)
		} else if err := lanes.start(asked.Stage); err != nil {
			return http.StatusServiceUnavailable, err
		}
		return 0, nil
	}
	if err := asked.Check(); err != nil {
		return http.StatusBadRequest, err
	}
	if err := lanes.send(asked.Order); err != nil {
		return http.StatusConflict, err
	}
	return 0, nil
}
