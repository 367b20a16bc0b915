package main

import (
	"net/http"
	"net/netip"
	"net/url"
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
//   - Origin, if there is one, must name this machine too, and a request that
//     changes something must not come from another page, such as that of
//     another server here ([http.CrossOriginProtection]). With neither header
//     it is no browser: a teacher's script with curl.
//   - What is answered can't be framed, and loads nothing from anywhere else.
func guard(next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; "+
			"img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !thisMachine("http://" + r.Host) {
			http.Error(w, "This page is only for the machine it runs on: open it as 127.0.0.1 or localhost.", http.StatusForbidden)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" && !thisMachine(origin) {
			http.Error(w, "Another web page can't use this one.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// thisMachine reports whether an origin, a scheme and a host, is by name or number
// the machine on which the browser runs.
func thisMachine(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme+"://"+u.Host != origin { // there is more in it than that
		return false
	}
	if strings.EqualFold(u.Hostname(), "localhost") {
		return true
	}
	number, err := netip.ParseAddr(u.Hostname())
	return err == nil && number.IsLoopback()
}
