//go:build !js

package transport

import (
	"bytes"
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"
)

const (
	maxHeaders   = 16 << 10 // octets
	pingAfter    = 2 * time.Second
	idleLifetime = 30 * time.Second
)

// HTTPS asks one server over HTTPS (RFC 8484): HTTP/2, on one persistent
// connection. It follows no redirects, knows no proxies and sends no cookies:
// the user decides which server is asked.
type HTTPS struct {
	Endpoint
	url *url.URL
	persistent
}

// httpsConn is one connection.
type httpsConn struct {
	*http.ClientConn
	url   string
	heard atomic.Int64 // when a response last came, in ns
}

// NewHTTPS asks at a path of the endpoint, and trusts the system's roots if none
// are given.
func NewHTTPS(e Endpoint, path string, roots *x509.CertPool) *HTTPS {
	host, port, _ := net.SplitHostPort(e.Addr)
	at := net.JoinHostPort(e.Name, port)
	if port == "443" {
		if at = e.Name; bytes.ContainsRune([]byte(at), ':') {
			at = "[" + at + "]"
		}
	}
	t := &HTTPS{Endpoint: e, url: &url.URL{Scheme: "https", Host: at, Path: path}}
	if host == e.Name {
		t.Endpoint.Name = ""
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
		conn, err := client.NewClientConn(ctx, "https", t.Addr)
		if err != nil {
			return nil, err
		}
		return &httpsConn{ClientConn: conn, url: t.url.String()}, nil
	}
	return t
}

func (t *HTTPS) String() string {
	s := t.url.Scheme + "://" + t.Addr + t.url.Path
	if t.Endpoint.Name != "" {
		s += "#" + t.Endpoint.Name
	}
	return s
}

func (c *httpsConn) alive() bool { return c.Err() == nil }

func (c *httpsConn) ask(ctx context.Context, q *Query, timeout time.Duration) (Reply, error) {
	start := time.Now()
	r, err := c.post(ctx, q)
	if ctx.Err() != nil && seemsDead(&c.heard, start, timeout) {
		_ = c.Close()
	}
	return r, err
}

// post puts a question. Its id is 0, so that answers can be cached (RFC 8484
// section 4.1).
func (c *httpsConn) post(ctx context.Context, q *Query) (Reply, error) {
	body := pad(slices.Clone(q.Wire))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return Reply{}, unreachable(err)
	}
	req.Header.Set("Content-Type", messageType)
	req.Header.Set("Accept", messageType)
	req.Header.Set("User-Agent", "") // says nothing of us
	resp, err := c.RoundTrip(req)
	if err != nil {
		if ctx.Err() != nil {
			return Reply{}, context.Cause(ctx)
		}
		return Reply{}, unreachable(err)
	}
	defer resp.Body.Close()
	c.heard.Store(time.Now().UnixNano())
	if err := notMessage(resp.StatusCode, resp.Header.Get("Content-Type"), resp.Header.Get("Retry-After")); err != nil {
		return Reply{}, err
	}
	wire, err := io.ReadAll(io.LimitReader(resp.Body, maxMessage+1))
	switch {
	case ctx.Err() != nil:
		return Reply{}, context.Cause(ctx)
	case err != nil:
		return Reply{}, unreachable(err)
	}
	return q.parseBody(wire)
}
