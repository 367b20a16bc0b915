package main

import (
	"net"
	"net/http"
	"strconv"
)

// guard lets through only what our own page asks for. The server listens on
// 127.0.0.1, which keeps other machines out, but not other web pages: a
// browser on this machine carries out what any of them says.
//
//   - Host must name this machine. A page whose name is made to resolve to
//     127.0.0.1 (DNS rebinding) is of our origin as far as the browser knows,
//     but its Host header still has its own name.
//   - Origin, if there is one, must be ours, and a request that changes
//     something must not come from another page ([http.CrossOriginProtection]).
//     With neither header it is no browser: a teacher's script with curl.
//   - What is answered can't be framed, and loads nothing from anywhere else.
func guard(port int, next http.Handler) http.Handler {
	ours := map[string]bool{
		net.JoinHostPort("127.0.0.1", strconv.Itoa(port)): true,
		net.JoinHostPort("localhost", strconv.Itoa(port)): true,
	}
	if port == 80 { // which browsers leave out
		ours["127.0.0.1"], ours["localhost"] = true, true
	}
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "+
			"img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !ours[r.Host] {
			http.Error(w, "This page is only for the machine it runs on: open it as 127.0.0.1 or localhost.", http.StatusForbidden)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
			http.Error(w, "Another web page can't use this one.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
