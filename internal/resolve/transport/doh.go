package transport

import (
	"encoding/binary"
	"fmt"
	"mime"
	"strings"

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

// notMessage is why a response holds no message; nil if it may hold one.
func notMessage(status int, contentType string) error {
	if status != 200 {
		return &Fault{Kind: record.Malformed, Detail: strings.TrimSpace(fmt.Sprintf("HTTP status %d %s", status, statusText[status]))}
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

// blockSize divides the length of padded questions (RFC 8467 section 4.1).
const blockSize = 128

// pad appends the Padding option (RFC 7830) to the OPT record with which
// NewQuery ends a message, if it has one.
func pad(wire []byte) []byte {
	const optionHeader, padding = 4, 12
	if wire[11] == 0 {
		return wire
	}
	fill := (blockSize - (len(wire)+optionHeader)%blockSize) % blockSize
	binary.BigEndian.PutUint16(wire[len(wire)-2:], uint16(optionHeader+fill))
	wire = binary.BigEndian.AppendUint16(wire, padding)
	wire = binary.BigEndian.AppendUint16(wire, uint16(fill))
	return append(wire, make([]byte, fill)...)
}
