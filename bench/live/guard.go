package main

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// guard lets through only what our own page asks for. The server listens on
// 127.0.0.1, which keeps other machines out, but not other web pages: a
// browser on this machine carries out what any of them says.
//
//   - Host must name this machine. A page whose name is made to resolve to
//     127.0.0.1 (DNS rebinding) is of our origin as far as the browser knows,
//     but its Host header still has its own name. The port may be any: with
//     "ssh -L 9000:127.0.0.1:8410" the page is at port 9000 for the browser.
//   - A request that changes something must not come from another page, such as
//     that of another server here ([http.CrossOriginProtection]). A request that
//     names no page comes from no browser: a teacher's script with curl.
//   - Another page can neither read nor frame an answer, and the page loads nothing
//     from anywhere else.
func guard(next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; "+
			"img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !thisMachine(r.Host) {
			http.Error(w, "This page is only for the machine it runs on: open it as 127.0.0.1 or localhost.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// thisMachine reports whether a host and port is, by name or number, the machine on
// which the browser runs.
func thisMachine(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address // it has no port
	}
	number, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && number.IsLoopback()
}
