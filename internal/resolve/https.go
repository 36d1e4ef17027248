package resolve

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

const (
	messageType  = "application/dns-message"
	maxMessage   = 1<<16 - 1
	maxHeaders   = 16 << 10 // octets
	pingAfter    = 2 * time.Second
	idleLifetime = 30 * time.Second
)

// httpsTransport asks one server over HTTPS (RFC 8484): HTTP/2, on one
// connection that is kept. It follows no redirects, knows no proxies and sends
// no cookies: whom to ask is what the user said.
type httpsTransport struct {
	endpoint
	url *url.URL
	kept
}

// httpsConn is one connection.
type httpsConn struct {
	*http.ClientConn
	url   string
	heard atomic.Int64 // when something last came, in ns
}

func newHTTPS(e endpoint, path string, roots *x509.CertPool) *httpsTransport {
	host, port, _ := net.SplitHostPort(e.addr)
	at := net.JoinHostPort(e.name, port)
	if port == "443" {
		if at = e.name; bytes.ContainsRune([]byte(at), ':') {
			at = "[" + at + "]"
		}
	}
	t := &httpsTransport{endpoint: e, url: &url.URL{Scheme: "https", Host: at, Path: path}}
	if host == e.name {
		t.endpoint.name = ""
	}
	only2 := new(http.Protocols)
	only2.SetHTTP2(true)
	client := &http.Transport{
		TLSClientConfig:        e.config(roots),
		Protocols:              only2,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingAfter},
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeaders,
		IdleConnTimeout:        idleLifetime,
	}
	t.dial = func(ctx context.Context) (connection, error) {
		conn, err := client.NewClientConn(ctx, "https", t.addr)
		if err != nil {
			return nil, err
		}
		return &httpsConn{ClientConn: conn, url: t.url.String()}, nil
	}
	return t
}

func (t *httpsTransport) String() string {
	s := t.url.Scheme + "://" + t.addr + t.url.Path
	if t.endpoint.name != "" {
		s += "#" + t.endpoint.name
	}
	return s
}

func (c *httpsConn) alive() bool { return c.Err() == nil }

func (c *httpsConn) ask(ctx context.Context, q *query, timeout time.Duration) (reply, error) {
	start := time.Now()
	r, err := c.post(ctx, q)
	if ctx.Err() != nil && c.heard.Load() < start.UnixNano() && time.Since(start) >= timeout/2 {
		_ = c.Close() // it is dead, and the next question better takes a new one
	}
	return r, err
}

// post puts a question. Its id is 0, so that answers can be cached (RFC 8484
// section 4.1).
func (c *httpsConn) post(ctx context.Context, q *query) (reply, error) {
	body := pad(slices.Clone(q.wire))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return reply{}, unreachable(err)
	}
	req.Header.Set("Content-Type", messageType)
	req.Header.Set("Accept", messageType)
	req.Header.Set("User-Agent", "") // nobody's business
	resp, err := c.RoundTrip(req)
	if err != nil {
		if ctx.Err() != nil {
			return reply{}, context.Cause(ctx)
		}
		return reply{}, unreachable(err)
	}
	defer resp.Body.Close()
	c.heard.Store(time.Now().UnixNano())
	if resp.StatusCode != http.StatusOK {
		return reply{}, &fault{kind: record.Malformed, detail: fmt.Sprintf("HTTP status %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))}
	}
	given := resp.Header.Get("Content-Type")
	if kind, _, err := mime.ParseMediaType(given); err != nil || kind != messageType {
		return reply{}, &fault{kind: record.Malformed, detail: fmt.Sprintf("its content type is %.80s, not %s", untrusted.Quote(given), messageType)}
	}
	wire, err := io.ReadAll(io.LimitReader(resp.Body, maxMessage+1))
	switch {
	case ctx.Err() != nil:
		return reply{}, context.Cause(ctx)
	case err != nil:
		return reply{}, unreachable(err)
	case len(wire) > maxMessage:
		return reply{}, &fault{kind: record.Malformed, detail: "longer than a message can be"}
	case len(wire) < headerSize || wire[0] != 0 || wire[1] != 0 || !answersTo(wire, q):
		return reply{}, &fault{kind: record.Malformed, detail: "it answers another question"}
	}
	r, err := parseReply(wire, q)
	if err != nil || r.truncated {
		return reply{}, &fault{kind: record.Malformed}
	}
	return r, nil
}
