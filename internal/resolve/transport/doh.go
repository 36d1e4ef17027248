package transport

import (
	"fmt"
	"mime"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// This file reads responses of DNS over HTTPS (RFC 8484), whoever carried them.

const (
	// UsualPath is where servers take queries over HTTPS if no path is given.
	UsualPath = "/dns-query"

	messageType = "application/dns-message"
	maxMessage  = 1<<16 - 1
)

// statusText are the names of statuses that resolvers answer with (RFC 9110 section 15).
// Those of net/http would link all of it into the web page.
var statusText = map[int]string{
	301: "Moved Permanently",
	302: "Found",
	307: "Temporary Redirect",
	308: "Permanent Redirect",
	400: "Bad Request",
	403: "Forbidden",
	404: "Not Found",
	405: "Method Not Allowed",
	413: "Content Too Large",
	415: "Unsupported Media Type",
	429: "Too Many Requests",
	500: "Internal Server Error",
	502: "Bad Gateway",
	503: "Service Unavailable",
	504: "Gateway Timeout",
}

// notMessage is why a response holds no message; nil if it may hold one. wait is its
// field Retry-After.
func notMessage(status int, contentType, wait string) error {
	if status != 200 {
		f := &Fault{Kind: record.Malformed, Hold: retryAfter(status, wait, time.Now())}
		f.Detail = strings.TrimSpace(fmt.Sprintf("HTTP status %d %s", status, statusText[status]))
		if f.Hold > maxHold {
			f.Detail += "; it asks to wait " + f.Hold.Round(time.Second).String()
		}
		return f
	}
	if kind, _, err := mime.ParseMediaType(contentType); err != nil || kind != messageType {
		return &Fault{Kind: record.Malformed, Detail: fmt.Sprintf("its content type is %.80s, not %s", untrusted.Quote(contentType), messageType)}
	}
	return nil
}

// parseBody reads the body of a response, of which more than maxMessage octets need
// not be there.
func (q *Query) parseBody(wire []byte) (Reply, error) {
	switch {
	case len(wire) > maxMessage:
		return Reply{}, &Fault{Kind: record.Malformed, Detail: "longer than a message can be"}
	case len(wire) < headerSize || wire[0] != 0 || wire[1] != 0 || !q.IsAnsweredBy(wire):
		return Reply{}, &Fault{Kind: record.Malformed, Detail: "it answers another question"}
	}
	r, err := q.Parse(wire)
	switch {
	case err != nil:
		return Reply{}, &Fault{Kind: record.Malformed}
	case r.truncated:
		return Reply{}, &Fault{Kind: record.Malformed, Detail: "truncated over HTTPS"}
	}
	return r, nil
}
