package site

import (
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
	"sync"
)

// witness is the proxy of the browser: all requests go through it, those of workers
// too. It lets them reach loopback only, and remembers all but those that Chromium
// makes by itself.
type witness struct {
	mu       sync.Mutex
	requests []string
}

var seen = &witness{}

var forward = &httputil.ReverseProxy{
	Rewrite:       func(*httputil.ProxyRequest) {},
	FlushInterval: -1,
	ErrorLog:      log.New(io.Discard, "", 0),
}

func (w *witness) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	host := r.URL.Hostname()
	if !isChromiums(host) {
		w.mu.Lock()
		w.requests = append(w.requests, r.Method+" "+r.URL.String())
		w.mu.Unlock()
	}
	if r.Method == http.MethodConnect || host != "127.0.0.1" {
		http.Error(out, "not on loopback", http.StatusBadGateway)
		return
	}
	forward.ServeHTTP(out, r)
}

// isChromiums reports whether Chromium asks a host by itself: for updates, accounts
// and the time.
func isChromiums(host string) bool {
	return slices.Contains([]string{"accounts.google.com", "clients2.google.com"}, host) || strings.HasSuffix(host, ".googleapis.com")
}

// since are the requests after the first n.
func (w *witness) since(n int) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.requests[n:])
}
