package transport

import (
	"fmt"
	"mime"
	"net/http"

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

// notMessage is why a response holds no message; nil if it may hold one.
func notMessage(status int, contentType string) error {
	if status != http.StatusOK {
		return &Fault{Kind: record.Malformed, Detail: fmt.Sprintf("HTTP status %d %s", status, http.StatusText(status))}
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
