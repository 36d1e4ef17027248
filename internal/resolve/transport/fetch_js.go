package transport

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"syscall/js"

	"github.com/sescheck/sescheck/internal/record"
)

// Fetch asks one server over HTTPS (RFC 8484) as a browser lets a page do so: by GET
// with no header but Accept, for which the browser asks the server no permission
// first. It follows no redirects and sends no cookies.
type Fetch struct{ url *url.URL }

// NewFetch asks at a URL, such as https://cloudflare-dns.com/dns-query. Without TLS
// it asks this machine only.
func NewFetch(address string) (*Fetch, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "":
		return nil, errors.New("it is not a URL, such as https://cloudflare-dns.com/dns-query")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("write only host and path, such as https://cloudflare-dns.com/dns-query")
	case u.Scheme == "http" && !isLoopback(u.Hostname()), u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("it must begin with https://")
	}
	if u.Path == "" {
		u.Path = UsualPath
	}
	return &Fetch{u}, nil
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// String is the server as HTTPS names it.
func (f *Fetch) String() string {
	port := f.url.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[f.url.Scheme]
	}
	return f.url.Scheme + "://" + net.JoinHostPort(f.url.Hostname(), port) + f.url.Path
}

// Close does nothing: connections are the browser's.
func (f *Fetch) Close() {}

// Exchange asks once. The id is 0, so that the question has no mark of ours.
func (f *Fetch) Exchange(ctx context.Context, q *Query, a Attempt) (Reply, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, a.Timeout, &Fault{Kind: record.Timeout})
	defer cancel()
	at := *f.url
	at.RawQuery = "dns=" + base64.RawURLEncoding.EncodeToString(pad(slices.Clone(q.Wire)))
	wire, err := get(ctx, at.String())
	if err != nil {
		return Reply{}, err
	}
	return q.parseBody(wire)
}

// errFetch is what a browser says of a request without a response that a page may
// read. Why there is none it keeps to itself.
var errFetch = &Fault{Kind: record.Unreachable, Detail: "no answer could be read: the resolver is not reachable, or does not allow web pages (CORS)"}

// get returns the body of a response, if that can be a message.
func get(ctx context.Context, url string) ([]byte, error) {
	abort := js.Global().Get("AbortController").New()
	defer abort.Call("abort") // what has not ended yet
	resp, ok := await(ctx, js.Global().Call("fetch", url, map[string]any{
		"headers":        map[string]any{"Accept": messageType},
		"cache":          "no-store",
		"credentials":    "omit",
		"redirect":       "error",
		"referrerPolicy": "no-referrer",
		"signal":         abort.Get("signal"),
	}))
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case !ok:
		return nil, errFetch
	}
	if err := notMessage(resp.Get("status").Int(), header(resp, "Content-Type"), header(resp, "Retry-After")); err != nil {
		return nil, err
	}
	if resp.Get("body").IsNull() {
		return nil, nil
	}
	return body(ctx, resp.Get("body").Call("getReader"))
}

// header is a field of a response; "" where it has none, or shows it to no page.
func header(resp js.Value, name string) string {
	field := resp.Get("headers").Call("get", name)
	if field.IsNull() {
		return ""
	}
	return field.String()
}

// body reads a response until it is longer than a message can be.
func body(ctx context.Context, reader js.Value) (wire []byte, err error) {
	for len(wire) <= maxMessage {
		part, ok := await(ctx, reader.Call("read"))
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case !ok:
			return nil, errFetch
		case part.Get("done").Bool():
			return wire, nil
		}
		chunk := make([]byte, part.Get("value").Length())
		js.CopyBytesToGo(chunk, part.Get("value"))
		wire = append(wire, chunk...)
	}
	return wire, nil
}

// await waits until a promise is settled, or the context is over. ok is false where
// there is no value.
func await(ctx context.Context, promise js.Value) (value js.Value, ok bool) {
	settled := make(chan func() (js.Value, bool), 1)
	var then, failed js.Func
	end := func(ok bool) js.Func {
		return js.FuncOf(func(_ js.Value, args []js.Value) any {
			then.Release()
			failed.Release()
			settled <- func() (js.Value, bool) { return args[0], ok }
			return nil
		})
	}
	then, failed = end(true), end(false)
	promise.Call("then", then, failed)
	select {
	case value := <-settled:
		return value()
	case <-ctx.Done():
		return js.Value{}, false
	}
}
