//go:build !js

package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// Endpoint is where a server listens that speaks TLS, and the name or address
// that its certificate has to be for.
type Endpoint struct {
	Addr string // host:port
	Name string
}

// config verifies the server's certificate against roots; nil for those of the
// system.
func (e Endpoint) config(roots *x509.CertPool) *tls.Config {
	name := e.Name
	if a, err := netip.ParseAddr(name); err == nil {
		name = a.WithZone("").String() // as a certificate has it
	}
	return &tls.Config{
		ServerName:         name,
		RootCAs:            roots,
		MinVersion:         tls.VersionTLS12, // RFC 9325 section 3.1.1
		ClientSessionCache: tls.NewLRUClientSessionCache(1),
	}
}

// NewTLS is DNS over TLS (RFC 7858) with padding (RFC 8467).
func NewTLS(e Endpoint, roots *x509.CertPool) *Stream {
	config := e.config(roots)
	name := "tls://" + e.Addr
	if host, _, _ := net.SplitHostPort(e.Addr); host != e.Name {
		name += "#" + e.Name
	}
	return newStream(name, true, func(ctx context.Context) (net.Conn, error) {
		d := tls.Dialer{Config: config}
		return d.DialContext(ctx, "tcp", e.Addr)
	})
}

// unsafeReason is why no secure connection came about; "" for an error that is
// not about security. The text of a certificate is the server's.
func unsafeReason(err error) string {
	if e, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		if e.Cert != nil {
			return fmt.Sprintf("its certificate is not signed by a trusted authority: %s", untrusted.Quote(e.Cert.Issuer.String()))
		}
		return "its certificate is not signed by a trusted authority"
	}
	if e, ok := errors.AsType[x509.HostnameError](err); ok {
		names := make([]string, 0, len(e.Certificate.DNSNames)+len(e.Certificate.IPAddresses))
		names = append(names, e.Certificate.DNSNames...)
		for _, a := range e.Certificate.IPAddresses {
			names = append(names, a.String())
		}
		if len(names) > 4 {
			names = append(names[:4], "…")
		}
		return fmt.Sprintf("its certificate is not for %s, but for %s", untrusted.Quote(e.Host), untrusted.Quote(strings.Join(names, ", ")))
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if e.Reason == x509.Expired {
			return fmt.Sprintf("its certificate is not valid today: from %s to %s",
				e.Cert.NotBefore.UTC().Format("2006-01-02"), e.Cert.NotAfter.UTC().Format("2006-01-02"))
		}
		return "its certificate is not valid: " + untrusted.Line(e.Error())
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "its certificate cannot be verified: " + untrusted.Line(err.Error())
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "it does not use TLS"
	}
	if e, ok := errors.AsType[tls.AlertError](err); ok {
		return "TLS handshake: " + untrusted.Line(e.Error())
	}
	return ""
}
