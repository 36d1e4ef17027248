package zonetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// CA signs the certificates of test servers.
type CA struct {
	Roots *x509.CertPool
	cert  *x509.Certificate
	key   *ecdsa.PrivateKey
}

// NewCA returns a CA that only the tests trust.
func NewCA(t testing.TB) *CA {
	t.Helper()
	c := &CA{Roots: x509.NewCertPool()}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "CA for tests"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	var der []byte
	der, c.key = sign(t, template, nil)
	var err error
	if c.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	c.Roots.AddCert(c.cert)
	return c
}

// Issue returns a certificate for names and addresses with an end of validity.
func (c *CA) Issue(t testing.TB, until time.Time, names ...string) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: names[0]},
		NotBefore:    until.Add(-48 * time.Hour),
		NotAfter:     until,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, n)
		}
	}
	der, key := sign(t, template, c)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// PEM returns the CA's certificate for a file of trusted CAs.
func (c *CA) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.cert.Raw})
}

func sign(t testing.TB, template *x509.Certificate, by *CA) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return der, key
}

// ServeTLS also serves the zones over TLS (RFC 7858), and returns the address.
// Asked lists its queries as "tcp".
func (s *Server) ServeTLS(t testing.TB, cert tls.Certificate) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	srv := &dns.Server{Listener: l, Handler: s, NotifyStartedFunc: func() { close(started) }}
	go func() { _ = srv.ActivateAndServe() }()
	<-started
	t.Cleanup(func() { _ = srv.Shutdown() })
	return l.Addr().String()
}

// ServeHTTPS also serves the zones over HTTPS (RFC 8484) at /dns-query, and returns
// the address. wrap may replace the handler. Asked lists its queries as "https".
func (s *Server) ServeHTTPS(t testing.TB, cert tls.Certificate, wrap func(http.Handler) http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /dns-query", func(w http.ResponseWriter, r *http.Request) {
		wire, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Content-Type") != messageType {
			http.Error(w, "no question", http.StatusBadRequest)
			return
		}
		s.serveHTTPS(w, wire)
	})
	srv := &http.Server{Handler: mux, ErrorLog: log.New(io.Discard, "", 0), TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}}
	if wrap != nil {
		srv.Handler = wrap(mux)
	}
	go func() { _ = srv.ServeTLS(l, "", "") }()
	t.Cleanup(func() { _ = srv.Close() })
	return l.Addr().String()
}

const messageType = "application/dns-message"

// ServeHTTP answers DNS over HTTPS (RFC 8484) by GET, as the page asks. A query
// without an answer hangs until the client goes. Asked lists its queries as "https".
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	wire, err := base64.RawURLEncoding.DecodeString(query.Get("dns"))
	if err != nil || r.Method != http.MethodGet || len(query) != 1 || len(query["dns"]) != 1 {
		http.Error(w, "no question", http.StatusBadRequest)
		return
	}
	if !s.serveHTTPS(w, wire) {
		<-r.Context().Done()
	}
}

// serveHTTPS answers a message, and reports whether there was an answer.
func (s *Server) serveHTTPS(w http.ResponseWriter, wire []byte) bool {
	m := new(dns.Msg)
	if m.Unpack(wire) != nil || m.Id != 0 {
		http.Error(w, "no question", http.StatusBadRequest)
		return true
	}
	h := &httpsWriter{}
	s.ServeDNS(h, m)
	if h.wire != nil {
		w.Header().Set("Content-Type", messageType)
		_, _ = w.Write(h.wire)
	}
	return h.wire != nil
}

// httpsWriter keeps the last message as the answer: over HTTPS no forged one can come
// first.
type httpsWriter struct {
	dns.ResponseWriter
	wire []byte
}

type httpsAddr struct{}

func (httpsAddr) Network() string { return "https" }
func (httpsAddr) String() string  { return "https" }

func (h *httpsWriter) RemoteAddr() net.Addr { return httpsAddr{} }

func (h *httpsWriter) WriteMsg(m *dns.Msg) (err error) {
	h.wire, err = m.Pack()
	return err
}

func (h *httpsWriter) Write(wire []byte) (int, error) {
	h.wire = wire
	return len(wire), nil
}
