package transport

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// TestPad: padded questions have one of few lengths, and are the same question;
// one without EDNS stays as it is.
func TestPad(t *testing.T) {
	t.Parallel()
	for n := range 180 {
		labels := strings.Repeat("a.", n/2) + strings.Repeat("b", 1+n%2) + ".test"
		q := record.Question{Name: record.Name(labels), Type: record.MX}
		query, err := NewQuery(q)
		if err != nil {
			t.Fatal(err)
		}
		wire := pad(query.Wire)
		var m dns.Msg
		if err := m.Unpack(wire); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		opt := m.IsEdns0()
		if len(wire)%128 != 0 || len(wire) > 384 || m.Question[0].Name != labels+"." || opt == nil || opt.UDPSize() != udpSize || len(opt.Option) != 1 {
			t.Errorf("%s: %d octets, %s", q, len(wire), &m)
		}
		old := query.withoutEDNS()
		if length := len(old.Wire); len(pad(old.Wire)) != length {
			t.Errorf("%s without EDNS grew", q)
		}
	}
}

// TestEmptyData: a record without data is unreadable, and not an address.
func TestEmptyData(t *testing.T) {
	t.Parallel()
	for _, of := range []record.Type{record.A, record.AAAA, record.MX, record.CNAME} {
		q, err := NewQuery(record.Question{Name: "example.com", Type: of})
		if err != nil {
			t.Fatal(err)
		}
		wire := bytes.Clone(q.withoutEDNS().Wire)
		wire[2], wire[3], wire[7] = 0x80, 0x80, 1 // a response with one answer
		wire = append(wire, 0xc0, headerSize, 0, byte(of), 0, 1, 0, 0, 0, 60, 0, 0)
		if r, err := q.Parse(wire); !errors.Is(err, errGarbled) {
			t.Errorf("%s: %+v, %v", of, r.Answers, err)
		}
	}
}
