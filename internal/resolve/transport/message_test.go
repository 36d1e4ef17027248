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

// TestUnaskable: a name that no message can hold is an error.
func TestUnaskable(t *testing.T) {
	t.Parallel()
	for _, n := range []record.Name{"a..test", record.Name(strings.Repeat("a", 64) + ".test")} {
		q := record.Question{Name: n, Type: record.A}
		if query, err := NewQuery(q); err == nil || query != nil {
			t.Errorf("%s: %v, %v", n, query, err)
		}
		if query, err := NewIterativeQuery(q); err == nil || query != nil {
			t.Errorf("%s, iterative: %v, %v", n, query, err)
		}
	}
	query, err := NewIterativeQuery(record.Question{Name: "a.test", Type: record.A})
	if err != nil || query.Wire[2] != 0 || !query.Iterative || query.Wire[11] != 1 {
		t.Errorf("%+v, %v", query, err)
	}
	old := query.withoutEDNS()
	if !old.Iterative || old.Wire[11] != 0 || !bytes.Equal(old.section, query.section) || query.Wire[11] != 1 {
		t.Errorf("without EDNS: %+v", old)
	}
}

// TestRcodes: which rcodes servers older than EDNS give, and how an outcome counts.
func TestRcodes(t *testing.T) {
	t.Parallel()
	for rcode, want := range map[int]struct {
		refuses bool
		outcome outcome
		name    string
	}{
		dns.RcodeSuccess: {false, answered, "NOERROR"}, dns.RcodeNameError: {false, answered, "NXDOMAIN"},
		dns.RcodeFormatError: {true, useless, "FORMERR"}, dns.RcodeNotImplemented: {true, useless, "NOTIMP"}, dns.RcodeBadVers: {true, useless, "BADSIG"},
		dns.RcodeServerFailure: {false, pushed, "SERVFAIL"}, dns.RcodeRefused: {false, pushed, "REFUSED"}, 3841: {false, useless, "RCODE3841"},
	} {
		r := Reply{Rcode: rcode, Recursion: true}
		if r.refusesEDNS() != want.refuses || outcomeOf(r, nil) != want.outcome || !strings.HasPrefix(r.RcodeName(), want.name[:5]) {
			t.Errorf("%d: refuses EDNS %v, outcome %d, %s", rcode, r.refusesEDNS(), outcomeOf(r, nil), r.RcodeName())
		}
	}
	for name, c := range map[string]struct {
		reply Reply
		err   error
		want  outcome
	}{
		"a shrug":            {Reply{}, nil, useless},
		"a referral":         {Reply{Referral: Referral{Zone: "test"}}, nil, answered},
		"a timeout":          {Reply{}, &Fault{Kind: record.Timeout}, silent},
		"it was not asked":   {Reply{}, &Fault{Kind: record.Timeout, Skipped: true}, abandoned},
		"the end of the run": {Reply{Recursion: true}, errors.New("over"), abandoned},
	} {
		if got := outcomeOf(c.reply, c.err); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestAD: resolvers are asked whether they validated the answer, and what they say is
// read. The servers of a zone, which validate nothing, are not.
func TestAD(t *testing.T) {
	question := record.Question{Name: "a.example", Type: record.CAA}
	q, err := NewQuery(question)
	if err != nil {
		t.Fatal(err)
	}
	iterative, err := NewIterativeQuery(question)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		query *Query
		asks  bool
	}{{q, true}, {q.withoutEDNS(), true}, {iterative, false}} {
		var m dns.Msg
		if err := m.Unpack(tt.query.Wire); err != nil || m.AuthenticatedData != tt.asks || m.RecursionDesired != tt.asks {
			t.Errorf("%v: %v", err, m.String())
		}
	}
	for _, validated := range []bool{true, false} {
		m := new(dns.Msg).SetQuestion("a.example.", dns.TypeCAA)
		m.Response, m.RecursionAvailable, m.AuthenticatedData = true, true, validated
		wire, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		fast, ok := q.parseFast(wire)
		whole, err := q.parseAny(wire)
		if !ok || err != nil || fast.Validated != validated || whole.Validated != validated {
			t.Errorf("%v: %v %+v, %v %+v", validated, ok, fast, err, whole)
		}
	}
}
