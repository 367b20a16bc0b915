package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"runtime"
	"time"

	"example.com/eventloop/bench/live/lane"
	"example.com/eventloop/internal/text"
)

//go:embed web
var web embed.FS

// maxBody is more than any request of the page has.
const maxBody = 1 << 10

// tellEvery is how often a page is told everything.
var tellEvery = 250 * time.Millisecond

// A request is what the page asks for: an order for every lane that is on, or
// to switch one on or off.
type request struct {
	lane.Order
	Lane int    `json:"lane,omitempty"`
	Page string `json:"page,omitempty"` // which page asks, as it calls itself
}

// newHandler returns the handler of everything, behind the guard.
func newHandler(lanes *lanes) http.Handler {
	files, _ := fs.Sub(web, "web") // it is embedded
	page := template.Must(template.ParseFS(files, "index.html"))
	assets := http.FileServerFS(files)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		cpus := runtime.GOMAXPROCS(0)
		page.Execute(w, map[string]any{"Lanes": lanes.views, "Cores": text.Plural(cpus, "core"), "Few": cpus < cores})
	})
	for _, name := range []string{"style.css", "page.js", "icon.svg"} {
		mux.Handle("GET /"+name, assets)
	}
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) { stream(w, r, lanes) })
	mux.HandleFunc("POST /do", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer := map[string]string{}
		code, err := do(w, r, lanes)
		if err != nil {
			answer["error"] = err.Error()
		}
		w.WriteHeader(code)
		json.NewEncoder(w).Encode(answer)
	})
	return guard(mux)
}

// stream tells everything again and again, until the page goes away or the server
// ends. A page that takes nothing for a while is let go.
func stream(w http.ResponseWriter, r *http.Request, lanes *lanes) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for {
		control.SetWriteDeadline(time.Now().Add(10 * time.Second))
		if _, err := fmt.Fprintf(w, "data: %s\n\n", lanes.all()); err != nil || control.Flush() != nil {
			return
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

// do carries out one request of the page, and returns the status code of the answer.
// An ordinary refusal has 200 as well: it is no mistake of the page, and browsers write
// any other code on their console as one.
func do(w http.ResponseWriter, r *http.Request, lanes *lanes) (int, error) {
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	body.DisallowUnknownFields()
	var asked request
	if err := body.Decode(&asked); err != nil {
		return http.StatusBadRequest, fmt.Errorf("the request can't be read: %w", err)
	}

	switch asked.Do {
	case "on", "off":
		if asked.Lane < 1 || asked.Lane > len(lanes.views) {
			return http.StatusBadRequest, fmt.Errorf("a lane is from 1 to %d; %d is not", len(lanes.views), asked.Lane)
		}
		if asked.Do == "off" {
			lanes.stop(asked.Lane)
		} else if err := lanes.start(asked.Lane); err != nil {
			return http.StatusOK, err
		}
	default:
		if err := asked.Check(); err != nil {
			return http.StatusBadRequest, err
		}
		if err := lanes.send(asked.Order); err != nil {
			return http.StatusOK, err
		}
	}
	lanes.did(asked)
	return http.StatusOK, nil
}
