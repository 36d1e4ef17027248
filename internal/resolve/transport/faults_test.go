package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// TestUnsafeReason: why no secure connection came about, in words without those of
// the server.
func TestUnsafeReason(t *testing.T) {
	t.Parallel()
	names := func(n int) x509.HostnameError {
		c := &x509.Certificate{IPAddresses: []net.IP{net.IPv4(192, 0, 2, 1)}}
		for i := range n - 1 {
			c.DNSNames = append(c.DNSNames, string(rune('a'+i))+".test")
		}
		return x509.HostnameError{Certificate: c, Host: "dns.test"}
	}
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	signed := &x509.Certificate{Issuer: pkix.Name{CommonName: "nobody"}, NotBefore: day, NotAfter: day.AddDate(0, 0, 1)}
	for _, c := range []struct {
		err  error
		want string
	}{
		{x509.UnknownAuthorityError{}, "its certificate is not signed by a trusted authority"},
		{x509.UnknownAuthorityError{Cert: signed}, `its certificate is not signed by a trusted authority: "CN=nobody"`},
		{names(1), `its certificate is not for "dns.test", but for "192.0.2.1"`},
		{names(4), `its certificate is not for "dns.test", but for "a.test, b.test, c.test, 192.0.2.1"`},
		{names(5), `its certificate is not for "dns.test", but for "a.test, b.test, c.test, d.test, `},
		{x509.CertificateInvalidError{Cert: signed, Reason: x509.Expired}, "its certificate is not valid today: from 2026-11-24 to 2026-11-25"},
		{x509.CertificateInvalidError{Cert: signed, Reason: x509.NotAuthorizedToSign}, "its certificate is not valid: x509: "},
		{&tls.CertificateVerificationError{Err: errors.New("why")}, "its certificate cannot be verified: "},
		{tls.RecordHeaderError{}, "it does not use TLS"},
		{tls.AlertError(40), "TLS handshake: "},
		{errors.New("connection reset"), ""},
	} {
		if got := unsafeReason(c.err); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" || strings.HasSuffix(c.want, `"`) && got != c.want {
			t.Errorf("%T: %s, want %s", c.err, got, c.want)
		}
	}
	if got := unsafeReason(names(5)); strings.Contains(got, "192.0.2.1") {
		t.Errorf("a fifth name: %s", got)
	}
}

// TestNames: servers are named as they are given: with the name of the certificate
// where that is another one.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ addr, name, tls, https string }{
		{"192.0.2.1:853", "192.0.2.1", "tls://192.0.2.1:853", "https://192.0.2.1:853/q"},
		{"192.0.2.1:853", "dns.test", "tls://192.0.2.1:853#dns.test", "https://192.0.2.1:853/q#dns.test"},
		{"[2001:db8::1]:853", "2001:db8::1", "tls://[2001:db8::1]:853", "https://[2001:db8::1]:853/q"},
	} {
		e := Endpoint{c.addr, c.name}
		if got := NewTLS(e, nil).String(); got != c.tls {
			t.Errorf("%s, want %s", got, c.tls)
		}
		if got := NewHTTPS(e, "/q", nil).String(); got != c.https {
			t.Errorf("%s, want %s", got, c.https)
		}
	}
	for e, want := range map[Endpoint]string{
		{"192.0.2.1:443", "dns.test"}:        "https://dns.test/q",
		{"192.0.2.1:444", "dns.test"}:        "https://dns.test:444/q",
		{"[2001:db8::1]:443", "2001:db8::1"}: "https://[2001:db8::1]/q",
		{"[2001:db8::1]:444", "2001:db8::1"}: "https://[2001:db8::1]:444/q",
	} {
		if got := NewHTTPS(e, "/q", nil).url.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for name, want := range map[string]string{"dns.test": "dns.test", "fe80::1%eth0": "fe80::1", "192.0.2.1": "192.0.2.1"} {
		if got := (Endpoint{Name: name}).config(nil).ServerName; got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestNoSocket: without a socket, the server is not reachable.
func TestNoSocket(t *testing.T) {
	t.Parallel()
	u := NewUDP(netip.AddrPort{})
	_, err := u.Exchange(t.Context(), fastQuery(t), Attempt{Timeout: time.Second})
	if f, ok := errors.AsType[*Fault](err); !ok || f.Kind != record.Unreachable {
		t.Error(err)
	}
}

// TestClosed: what is closed asks nothing more.
func TestClosed(t *testing.T) {
	t.Parallel()
	u := NewUDP(listen(t).LocalAddr().(*net.UDPAddr).AddrPort())
	if _, err := u.socket(); err != nil {
		t.Fatal(err)
	}
	u.Close()
	_, err := u.Exchange(t.Context(), fastQuery(t), Attempt{Timeout: time.Second})
	if f, ok := errors.AsType[*Fault](err); !ok || f.Kind != record.Unreachable {
		t.Errorf("over UDP: %v", err)
	}
	dialled := 0
	s := newStream("x", false, func(context.Context) (net.Conn, error) { dialled++; return nil, net.ErrClosed })
	s.Close()
	_, err = s.Exchange(t.Context(), fastQuery(t), Attempt{Timeout: time.Second})
	if f, ok := errors.AsType[*Fault](err); !ok || f.Kind != record.Unreachable || dialled > 0 {
		t.Errorf("over a connection: %v after %d", err, dialled)
	}
}

// TestPlenty: a socket has no more questions in flight than leave a random id to
// find, and each its own.
func TestPlenty(t *testing.T) {
	t.Parallel()
	w, q := newInflight(), fastQuery(t)
	ids := map[uint16]bool{}
	for range 1<<15 + 1 {
		c, err := w.add(q)
		if err != nil || ids[c.id] {
			t.Fatalf("after %d: %v", len(ids), err)
		}
		ids[c.id] = true
	}
	if _, err := w.add(q); err == nil {
		t.Error("there is no end")
	}
	udp, tcp := udpSocket{inflight: inflight{calls: w.calls}}, streamConn{inflight: inflight{calls: w.calls}}
	if _, err := udp.ask(t.Context(), q, Attempt{Timeout: time.Second}); err == nil {
		t.Error("there is no end over UDP")
	}
	if _, err := tcp.ask(t.Context(), q, time.Second); err == nil {
		t.Error("there is no end over TCP")
	}
}

// full takes so many writes.
type full struct{ writes int }

func (f *full) Write(p []byte) (int, error) {
	f.writes--
	if f.writes < 0 {
		return 0, errors.New(strings.Repeat("!", -f.writes))
	}
	return len(p), nil
}

// TestTrace: a try is a line, with its answer or its error; what cannot be written
// is reported once.
func TestTrace(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	trace := NewTrace(&out)
	q := record.Question{Name: "a.test", Type: record.TXT}
	s := &Server{Exchanger: NewUDP(netip.MustParseAddrPort("192.0.2.1:53"))}
	r := Reply{Authoritative: true, Answers: []record.RR{{Owner: "a.test", Data: record.NewTXT("x")}}}
	trace.tried(q, s, 0, time.Now(), r, nil)
	trace.tried(q, s, 1, time.Now(), r, &Fault{Kind: record.Timeout})
	trace.Local(q, "a.zone", Reply{Rcode: 3})
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, want := range [][]string{
		{`"name":"a.test","type":"TXT","server":"192.0.2.1:53","try":1,`, `"rcode":"NOERROR","aa":true,"answers":["a.test TXT \"x\""]`},
		{`"try":2,`, `"error":"timeout"`},
		{`"server":"a.zone","try":0,`, `"rcode":"NXDOMAIN"`},
	} {
		for _, part := range want {
			if i >= len(lines) || !strings.Contains(lines[i], part) {
				t.Errorf("line %d has no %s: %s", i, part, out.String())
			}
		}
	}
	if strings.Contains(lines[1], "rcode") || trace.Err() != nil {
		t.Errorf("%s, %v", lines[1], trace.Err())
	}
	trace = NewTrace(&full{1})
	for i, want := range []string{"", "!", "!"} {
		trace.Local(q, "a.zone", r)
		got := ""
		if err := trace.Err(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("after %d lines: %q", i+1, got)
		}
	}
	var none *Trace
	none.tried(q, s, 0, time.Now(), r, nil)
	none.Local(q, "a.zone", r)
	if none.Err() != nil {
		t.Error(none.Err())
	}
}
