package site

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/zonetest"
)

// resolver answers DNS over HTTPS (RFC 8484) on loopback, from the zones of a
// zonetest.Server. The path of a request says what goes wrong:
//
//	/right    nothing
//	/blind    there is no CORS header, so a page cannot read the answers
//	/busy     HTTP status 429, and when to ask again
//	/broken   HTTP status 500
//	/hang     no answer
//	/short    answers are truncated, as by a server that asks its own only over UDP
//	/liar     the answer is to another question
//	/garbage  the answer is no DNS message
//	/moved    a redirect
//	/slow     right answers, late
//	/refuse   REFUSED to everything
type resolver struct {
	*httptest.Server
	zones *zonetest.Server
	asked atomic.Int64
}

func newResolver(t *testing.T, zones *zonetest.Server) *resolver {
	r := &resolver{zones: zones}
	r.Server = httptest.NewServer(r)
	t.Cleanup(func() {
		r.CloseClientConnections()
		r.Close()
	})
	return r
}

func (r *resolver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.asked.Add(1)
	kind := strings.TrimPrefix(q.URL.Path, "/")
	if kind != "blind" {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}
	raw, err := base64.RawURLEncoding.DecodeString(q.URL.Query().Get("dns"))
	query := new(dns.Msg)
	toldMore := len(q.URL.Query()) != 1 || q.Header.Get("Cookie") != "" || q.Header.Get("Referer") != ""
	if q.Method != http.MethodGet || toldMore || err != nil || query.Unpack(raw) != nil || query.Id != 0 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch kind {
	case "busy":
		w.Header().Set("Retry-After", "120")
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case "broken":
		w.WriteHeader(http.StatusInternalServerError)
		return
	case "hang":
		<-q.Context().Done()
		return
	case "moved":
		http.Redirect(w, q, "/right?"+q.URL.RawQuery, http.StatusFound)
		return
	case "slow":
		select {
		case <-q.Context().Done():
		case <-time.After(400 * time.Millisecond):
		}
	}
	w.Header().Set("Content-Type", "application/dns-message")
	if kind == "garbage" {
		_, _ = io.WriteString(w, "no message")
		return
	}
	answer, err := r.answer(query, kind)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	packed, err := answer.Pack()
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(packed)
}

func (r *resolver) answer(query *dns.Msg, kind string) (*dns.Msg, error) {
	switch kind {
	case "short":
		m := new(dns.Msg).SetReply(query)
		m.Truncated = true
		return m, nil
	case "refuse":
		return new(dns.Msg).SetRcode(query, dns.RcodeRefused), nil
	case "liar":
		other := query.Copy()
		other.Question[0].Name = "liar.example."
		m := new(dns.Msg).SetReply(other)
		m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: "liar.example.", Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 60}, Txt: []string{"v=spf1 -all"}}}
		return m, nil
	}
	c := &dns.Client{Net: "tcp", Timeout: 5 * time.Second}
	m, _, err := c.Exchange(query, r.zones.Addr)
	return m, err
}

// serve serves a folder on loopback. With headers it sends those that
// docs/page.md names.
func serve(t *testing.T, dir string, headers bool) string {
	policy := documented(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	files := http.FileServer(http.Dir(dir))
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if headers {
			for name, value := range policy {
				w.Header().Set(name, value)
			}
		}
		files.ServeHTTP(w, r)
	})}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return fmt.Sprintf("http://%s/", l.Addr())
}
