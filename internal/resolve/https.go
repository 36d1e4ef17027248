package resolve

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
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
	url    *url.URL
	client *http.Transport

	mu     sync.Mutex
	conn   *httpsConn // nil until first used
	closed bool
	dialled
}

// httpsConn is one connection.
type httpsConn struct {
	*http.ClientConn
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
	t.client = &http.Transport{
		TLSClientConfig:        e.config(roots),
		Protocols:              only2,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingAfter},
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeaders,
		IdleConnTimeout:        idleLifetime,
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

func (t *httpsTransport) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	if t.conn != nil {
		_ = t.conn.Close()
	}
}

func (t *httpsTransport) exchange(ctx context.Context, q *query, a attempt) (reply, error) {
	start := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, a.timeout, &fault{kind: record.Timeout})
	defer cancel()
	c, reused, err := t.open(ctx, start)
	if err != nil {
		return reply{}, err
	}
	r, err := t.post(ctx, c, q)
	if f, ok := errors.AsType[*fault](err); ok && f.kind == record.Unreachable && reused && ctx.Err() == nil {
		// An idle connection may be closed at any moment: that is no failure of
		// this question.
		if c, _, err = t.open(ctx, start); err != nil {
			return reply{}, err
		}
		r, err = t.post(ctx, c, q)
	}
	if ctx.Err() != nil && c.heard.Load() < start.UnixNano() {
		_ = c.Close() // it is dead, and the next question better takes a new one
	}
	return r, err
}

// open returns the connection in use, or a new one. Questions that come while
// it is being dialled wait for it.
func (t *httpsTransport) open(ctx context.Context, asked time.Time) (c *httpsConn, reused bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, false, unreachable(net.ErrClosed)
	}
	if t.conn != nil && t.conn.Err() == nil {
		return t.conn, true, nil
	}
	if err := t.failedSince(asked); err != nil {
		return nil, false, err
	}
	conn, err := t.client.NewClientConn(ctx, "https", t.addr)
	if err != nil {
		return nil, false, t.failed(ctx, err)
	}
	t.conn = &httpsConn{ClientConn: conn}
	return t.conn, false, nil
}

// post puts a question. Its id is 0, so that answers can be cached (RFC 8484
// section 4.1).
func (t *httpsTransport) post(ctx context.Context, c *httpsConn, q *query) (reply, error) {
	body := pad(slices.Clone(q.wire))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url.String(), bytes.NewReader(body))
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
