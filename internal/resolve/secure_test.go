package resolve_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/resolve"
	"github.com/sescheck/sescheck/internal/zonetest"
)

// trusting returns a resolver over one server whose certificate the CA signed.
func trusting(t *testing.T, ca *zonetest.CA, spec string) *resolve.Resolver {
	t.Helper()
	servers, err := resolve.ParseServersTrusting(t.Context(), []string{spec}, ca.Roots)
	if err != nil {
		t.Fatal(err)
	}
	r := resolve.New(resolve.Options{Servers: servers, Timeout: 2 * time.Second, Retries: 1, Concurrency: 64})
	t.Cleanup(r.Close)
	return r
}

var tomorrow = time.Now().Add(24 * time.Hour)

// TestSecure: over TLS and over HTTPS come the same answers as over UDP, many
// at once over one connection.
func TestSecure(t *testing.T) {
	t.Parallel()
	ca := zonetest.NewCA(t)
	s, _ := serve(t)
	cert := ca.Issue(t, tomorrow, "127.0.0.1", "resolver.test")
	overTLS, overHTTPS := s.ServeTLS(t, cert), s.ServeHTTPS(t, cert, nil)
	for _, spec := range []string{
		"tls://" + overTLS,
		"tls://" + overTLS + "#resolver.test",
		"https://" + overHTTPS,
		"https://" + overHTTPS + "/dns-query",
		"https://" + overHTTPS + "/dns-query#resolver.test",
	} {
		t.Run(spec, func(t *testing.T) {
			t.Parallel()
			r := trusting(t, ca, spec)
			for q, want := range map[record.Question]string{
				txt("alias.example.test"):   `found -> target.other.test "found"`,
				txt("nothing.example.test"): "no such name",
				txt("bounce.example.test"):  "no data",
			} {
				if got := shown(r.Ask(t.Context(), q)); got != want {
					t.Errorf("%s: %s, want %s", q, got, want)
				}
			}
			if a := r.Ask(t.Context(), txt("big.example.test")); len(a.Records) != 6 {
				t.Errorf("big: %s", shown(a))
			}
			var wg sync.WaitGroup
			for i := range 300 {
				wg.Go(func() {
					q := txt(record.Name(fmt.Sprintf("n%d.wild.example.test", i)))
					if a := r.Ask(t.Context(), q); a.Status != record.Found || a.Question != q {
						t.Errorf("%s: %s", q, shown(a))
					}
				})
			}
			wg.Wait()
		})
	}
}

// TestNotSecure: who cannot prove to be the server that was asked for gives no
// answers, and it is said why.
func TestNotSecure(t *testing.T) {
	t.Parallel()
	ca, other := zonetest.NewCA(t), zonetest.NewCA(t)
	s, _ := serve(t)
	old := time.Date(2020, 2, 2, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		cert tls.Certificate
		name string
		want string
	}{
		"another name":    {ca.Issue(t, tomorrow, "evil.test"), "#resolver.test", `its certificate is not for "resolver.test", but for "evil.test"`},
		"another address": {ca.Issue(t, tomorrow, "192.0.2.1"), "", `its certificate is not for "127.0.0.1", but for "192.0.2.1"`},
		"a hostile name":  {ca.Issue(t, tomorrow, "##[error]x"), "#resolver.test", `but for "#\x23[error]x"`},
		"another CA":      {other.Issue(t, tomorrow, "127.0.0.1"), "", `its certificate is not signed by a trusted authority: "CN=CA for tests"`},
		"expired":         {ca.Issue(t, old, "127.0.0.1"), "", "its certificate is not valid today: from 2020-01-31 to 2020-02-02"},
	} {
		for _, spec := range []string{"tls://" + s.ServeTLS(t, c.cert), "https://" + s.ServeHTTPS(t, c.cert, nil)} {
			scheme, _, _ := strings.Cut(spec, ":")
			t.Run(name+" over "+scheme, func(t *testing.T) {
				t.Parallel()
				a := trusting(t, ca, spec+c.name).Ask(t.Context(), txt("example.test"))
				if got := shown(a); a.Status != record.Unknown || !strings.Contains(got, "server not reachable after 2 tries: ") || !strings.Contains(got, c.want) {
					t.Errorf("\n got %s\nwant %s", got, c.want)
				}
			})
		}
	}
	t.Run("no TLS at all", func(t *testing.T) {
		t.Parallel()
		for _, scheme := range []string{"tls", "https"} {
			a := trusting(t, ca, scheme+"://"+plain(t)).Ask(t.Context(), txt("example.test"))
			if !strings.Contains(shown(a), "it does not use TLS") {
				t.Errorf("%s: %s", scheme, shown(a))
			}
		}
	})
	if asked := s.Asked(); len(asked) > 0 {
		t.Errorf("questions went to servers that are not trusted: %q", asked)
	}
}

// plain is the address of somebody who does not speak TLS.
func plain(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("220 mail.test ESMTP\r\n"))
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

// TestHTTPSFaults: whatever a web server says instead of an answer, it is no
// absence.
func TestHTTPSFaults(t *testing.T) {
	t.Parallel()
	ca := zonetest.NewCA(t)
	const kind = "application/dns-message"
	say := func(status int, kind, body string, fields ...string) func(http.Handler) http.Handler {
		return func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", kind)
				w.Header().Set("Location", "https://evil.test/")
				for _, field := range fields {
					name, value, _ := strings.Cut(field, ": ")
					w.Header().Set(name, value)
				}
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			})
		}
	}
	for name, c := range map[string]struct {
		wrap func(http.Handler) http.Handler
		want string
	}{
		"not there":    {say(404, "text/html", "no"), "no readable answer after 2 tries: HTTP status 404 Not Found"},
		"too many":     {say(429, kind, "", "Retry-After: 120"), "no readable answer: HTTP status 429 Too Many Requests; it asks to wait 2m0s"},
		"overloaded":   {say(503, kind, "", "Retry-After: soon"), "no readable answer after 2 tries: HTTP status 503 Service Unavailable"},
		"for a day":    {say(503, kind, "", "Retry-After: "+tomorrow.UTC().Format(http.TimeFormat)), "no readable answer: HTTP status 503 Service Unavailable; it asks to wait 2"},
		"no redirect":  {say(302, kind, ""), "no readable answer after 2 tries: HTTP status 302 Found"},
		"a page":       {say(200, "text/html; charset=utf-8", "<html>"), `no readable answer after 2 tries: its content type is "text/html; charset=utf-8", not application/dns-message`},
		"a hostile":    {say(200, "##[error]x", ""), `its content type is "#\x23[error]x", not`},
		"nothing":      {say(200, kind, ""), "it answers another question"},
		"half a reply": {say(200, kind, "\x00\x00\x81\x80\x00\x01\x00\x00"), "it answers another question"},
		"endless":      {say(200, kind, strings.Repeat("\x00", 1<<20)), "longer than a message can be"},
		"an old reply": {say(200, kind, "\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x04test\x00\x00\x10\x00\x01"), "it answers another question"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := serve(t)
			addr := s.ServeHTTPS(t, ca.Issue(t, tomorrow, "127.0.0.1"), c.wrap)
			a := trusting(t, ca, "https://"+addr).Ask(t.Context(), txt("example.test"))
			if got := shown(a); a.Status != record.Unknown || !strings.Contains(got, c.want) {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestSecureFaults: what may come in a datagram may come here too.
func TestSecureFaults(t *testing.T) {
	t.Parallel()
	ca := zonetest.NewCA(t)
	for _, fault := range []string{"SERVFAIL * *", "STRANGER * *", "EMPTY * *", "GARBAGE * *", "DROP * *", "REFUSED * *"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			s, _ := serve(t, fault)
			cert := ca.Issue(t, tomorrow, "127.0.0.1")
			for _, spec := range []string{"tls://" + s.ServeTLS(t, cert), "https://" + s.ServeHTTPS(t, cert, nil)} {
				servers, err := resolve.ParseServersTrusting(t.Context(), []string{spec}, ca.Roots)
				if err != nil {
					t.Fatal(err)
				}
				r := resolve.New(resolve.Options{Servers: servers, Timeout: 500 * time.Millisecond, Concurrency: 4})
				defer r.Close()
				if a := r.Ask(t.Context(), txt("nothing.example.test")); a.Status != record.Unknown {
					t.Errorf("%s: %s", spec, shown(a))
				}
			}
		})
	}
}

// TestReconnect: a connection that was closed while nothing was asked, or that
// is dead, costs no answer for long; and the connection is kept as long as it
// is good.
func TestReconnect(t *testing.T) {
	t.Parallel()
	ca := zonetest.NewCA(t)
	cert := ca.Issue(t, tomorrow, "127.0.0.1")
	s, _ := serve(t)
	for _, spec := range []string{"tcp://" + s.Addr, "tls://" + s.ServeTLS(t, cert), "https://" + s.ServeHTTPS(t, cert, nil)} {
		scheme, to, _ := strings.Cut(spec, "://")
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			way := relay(t, to)
			r := trusting(t, ca, scheme+"://"+way.addr)
			for range 5 {
				if a := r.Ask(t.Context(), txt("example.test")); a.Status != record.Found {
					t.Fatal(shown(a))
				}
			}
			if n := way.opened.Load(); n != 1 {
				t.Errorf("%d connections for 5 questions", n)
			}
			way.cut()
			if a := r.Ask(t.Context(), txt("example.test")); a.Status != record.Found {
				t.Errorf("after it was closed: %s", shown(a))
			}
			way.freeze()
			if a := r.Ask(t.Context(), txt("example.test")); a.Status != record.Found {
				t.Errorf("after it died: %s", shown(a))
			}
			if n := way.opened.Load(); n != 3 {
				t.Errorf("%d connections, want 3", n)
			}
		})
	}
}

// way carries connections to a server and can harm them.
type way struct {
	addr   string
	opened atomic.Int32
	mu     sync.Mutex
	conns  []net.Conn
	frozen []*atomic.Bool
}

func relay(t *testing.T, to string) *way {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &way{addr: l.Addr().String()}
	t.Cleanup(func() { _ = l.Close(); w.cut() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			w.opened.Add(1)
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			frozen := new(atomic.Bool)
			w.mu.Lock()
			w.conns, w.frozen = append(w.conns, in, out), append(w.frozen, frozen)
			w.mu.Unlock()
			go carry(in, out, frozen)
			go carry(out, in, frozen)
		}
	}()
	return w
}

func carry(to, from net.Conn, frozen *atomic.Bool) {
	buf := make([]byte, 1<<12)
	for {
		n, err := from.Read(buf)
		if err != nil {
			_ = to.Close()
			return
		}
		if !frozen.Load() {
			_, _ = to.Write(buf[:n])
		}
	}
}

// cut closes the connections that are there.
func (w *way) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}

// freeze lets nothing through the connections that are there.
func (w *way) freeze() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.frozen {
		f.Store(true)
	}
}

// TestSecureInterrupted: a handshake that hangs ends with the run.
func TestSecureInterrupted(t *testing.T) {
	t.Parallel()
	ca := zonetest.NewCA(t)
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts by itself, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, scheme := range []string{"tls", "https"} {
		r := trusting(t, ca, scheme+"://"+l.Addr().String())
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		start := time.Now()
		a := r.Ask(ctx, txt("example.test"))
		cancel()
		if a.Status != record.Unknown || a.Failure.Fault != record.Interrupted || time.Since(start) > 3*time.Second {
			t.Errorf("%s: %s after %s", scheme, shown(a), time.Since(start))
		}
	}
}

func TestParseSecureServers(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]string{
		"tls://192.0.2.1":                          "tls://192.0.2.1:853",
		"tls://192.0.2.1:8853":                     "tls://192.0.2.1:8853",
		"tls://[2001:db8::1]#dns.test":             "tls://[2001:db8::1]:853#dns.test",
		"tls://192.0.2.1:853#dns.test":             "tls://192.0.2.1:853#dns.test",
		"https://192.0.2.1":                        "https://192.0.2.1:443/dns-query",
		"https://192.0.2.1:8443/a/b":               "https://192.0.2.1:8443/a/b",
		"https://[2001:db8::1]/dns-query#dns.test": "https://[2001:db8::1]:443/dns-query#dns.test",
		"https://192.0.2.1/dns-query{?dns}":        `resolver "https://192.0.2.1/dns-query{?dns}": the path must be plain, such as /dns-query; leave out {?dns} and other variables`,
		"https://192.0.2.1/%0A::error::x":          `resolver "https://192.0.2.1/%0A::error::x": the path must be plain, such as /dns-query; leave out {?dns} and other variables`,
		"tls://192.0.2.1#":                         `resolver "tls://192.0.2.1#": "" after the # is not a host name`,
		"tls://192.0.2.1#a b":                      `resolver "tls://192.0.2.1#a b": "a b" after the # is not a host name`,
		"tls://user@192.0.2.1":                     `resolver "tls://user@192.0.2.1": neither an address nor a host name, such as 192.0.2.53 or 192.0.2.53:5300`,
		"https://":                                 `resolver "https://": neither an address nor a host name, such as 192.0.2.53 or 192.0.2.53:5300`,
	} {
		got := ""
		servers, err := resolve.ParseServers(t.Context(), []string{spec})
		if err != nil {
			got = err.Error()
		} else {
			got = servers[0].String()
		}
		if got != want {
			t.Errorf("%q\n got %s\nwant %s", spec, got, want)
		}
	}
}
