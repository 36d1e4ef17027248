package transport

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// MaxChain is how many CNAMEs are followed for one question. Resolvers stop at
// 8 to 16; no resolver follows a longer chain.
const MaxChain = 16

// udpSize is the largest UDP answer that we ask for: it passes every path
// without fragments (dnsflagday.net/2020).
const udpSize = 1232

const headerSize = 12

// maxSimpleName is the length of a name that surely fits into a message.
const maxSimpleName = 253

// Query is a question in wire format.
type Query struct {
	Question  record.Question
	Iterative bool     // asked for the server's own zones, or for a referral
	Wire      []byte   // the message, its id still 0
	section   []byte   // the question section within Wire
	room      [80]byte // for Wire, if it fits
}

// NewQuery packs q, with EDNS (RFC 6891).
func NewQuery(q record.Question) (*Query, error) {
	query := &Query{Question: q}
	wire := query.room[:headerSize]
	wire[2] = 0x01 // RD
	wire[3] = 0x20 // AD: the reply is to say whether it was validated (RFC 6840 section 5.7)
	wire[5] = 1    // QDCOUNT
	wire, err := appendName(wire, q.Name)
	if err != nil {
		return nil, fmt.Errorf("pack question %s: %w", q, err)
	}
	wire = binary.BigEndian.AppendUint16(wire, uint16(q.Type))
	wire = binary.BigEndian.AppendUint16(wire, dns.ClassINET)
	end := len(wire)
	wire[11] = 1           // ARCOUNT
	wire = append(wire, 0) // the root: an OPT record
	wire = binary.BigEndian.AppendUint16(wire, dns.TypeOPT)
	wire = binary.BigEndian.AppendUint16(wire, udpSize)
	wire = append(wire, 0, 0, 0, 0, 0, 0) // extended rcode, version, flags, no options
	query.Wire, query.section = wire, wire[headerSize:end]
	return query, nil
}

// NewIterativeQuery packs q without asking for recursion.
func NewIterativeQuery(q record.Question) (*Query, error) {
	query, err := NewQuery(q)
	if err == nil {
		query.Wire[2], query.Wire[3] = 0, 0 // no RD, no AD
		query.Iterative = true
	}
	return query, err
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

// withoutEDNS is the same query as servers older than EDNS understand it.
func (q *Query) withoutEDNS() *Query {
	old := &Query{Question: q.Question, Iterative: q.Iterative}
	old.Wire = append(old.room[:0], q.Wire[:headerSize+len(q.section)]...)
	old.Wire[11] = 0 // ARCOUNT
	old.section = old.Wire[headerSize:]
	return old
}

// appendName appends a name in wire format.
func appendName(b []byte, n record.Name) ([]byte, error) {
	if !n.Plain() || n == record.Root || len(n) > maxSimpleName {
		var wire [256]byte
		end, err := dns.PackDomainName(n.FQDN(), wire[:], 0, nil, false)
		return append(b, wire[:end]...), err
	}
	for label := range strings.SplitSeq(string(n), ".") {
		if label == "" || len(label) > 63 {
			return b, errors.New("empty or long label")
		}
		b = append(b, byte(len(label)))
		b = append(b, label...)
	}
	return append(b, 0), nil
}

// Reply is the part of an answer message that matters here.
type Reply struct {
	Rcode         int
	Authoritative bool
	Recursion     bool // RA: the server looks further than itself
	Validated     bool // AD: the server says that it validated the answer with DNSSEC
	Answers       []record.RR
	SOA           record.Name // owner of the SOA in the authority section; "" if none
	SOATTL        uint32      // how long an absence may be kept (RFC 2308 section 5)
	EDE           []record.EDE
	Referral      Referral // of an iterative question that was not answered

	truncated bool
	refers    bool          // authority has NS records and no SOA
	resent    time.Duration // when the question was sent for the last time, counted from the first
}

// Referral is the servers of a zone as a reply names them: the parent's referral,
// or the zone's own NS records. It is held against no bailiwick yet.
type Referral struct {
	Zone record.Name // "" for none
	NS   []record.Name
	Glue []record.RR // addresses in the additional section
}

var errGarbled = errors.New("unreadable message")

// Credible reports whether a reply may be believed. An empty answer from a
// server that is not responsible for the name and looks no further is a
// referral or a shrug, never an absence.
func (r Reply) Credible() bool {
	switch r.Rcode {
	case dns.RcodeSuccess:
		return len(r.Answers) > 0 || !r.refers && (r.Authoritative || r.Recursion)
	case dns.RcodeNameError:
		return r.Authoritative || r.Recursion
	}
	return false
}

// RcodeName is the rcode as the registry has it.
func (r Reply) RcodeName() string {
	if s, ok := dns.RcodeToString[r.Rcode]; ok {
		return s
	}
	return fmt.Sprintf("RCODE%d", r.Rcode)
}

// IsAnsweredBy reports whether a datagram with the right id is a response to the
// question. Any other datagram answers another question, or is forged.
func (q *Query) IsAnsweredBy(wire []byte) bool {
	if len(wire) < headerSize || wire[2]&0x80 == 0 || wire[2]&0x78 != 0 { // QR, opcode 0
		return false
	}
	if binary.BigEndian.Uint16(wire[4:]) == 0 {
		// Servers older than EDNS refuse with a bare header. It can only make
		// a question fail, so it does no harm if forged.
		return len(wire) == headerSize && wire[3]&0xf != dns.RcodeSuccess && wire[3]&0xf != dns.RcodeNameError
	}
	if binary.BigEndian.Uint16(wire[4:]) != 1 || len(wire) < headerSize+len(q.section) {
		return false
	}
	return equalFold(wire[headerSize:headerSize+len(q.section)], q.section)
}

// equalFold compares question sections octet by octet, ASCII letters in either
// case. Label lengths are below 64 and so are no letters; type and class are
// fixed and short of letters.
func equalFold(a, b []byte) bool {
	lower := func(c byte) byte {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}
	for i := range a {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// Parse reads a message that IsAnsweredBy accepted.
func (q *Query) Parse(wire []byte) (Reply, error) {
	if r, ok := q.parseFast(wire); ok {
		return r, nil
	}
	return q.parseAny(wire)
}

// parseAny reads every message that package dns can read.
func (q *Query) parseAny(wire []byte) (Reply, error) {
	var m dns.Msg
	if err := m.Unpack(wire); err != nil {
		// A message that was cut at the size limit need not be whole: it is
		// enough that its header says so.
		if wire[2]&0x02 != 0 {
			return Reply{truncated: true}, nil
		}
		return Reply{}, errGarbled
	}
	r := Reply{
		Rcode:         m.Rcode,
		truncated:     m.Truncated,
		Authoritative: m.Authoritative,
		Recursion:     m.RecursionAvailable,
		Validated:     m.AuthenticatedData,
	}
	if opt := m.IsEdns0(); opt != nil {
		r.EDE = extendedErrors(opt)
	}
	ours := false
	for _, x := range m.Answer {
		t := record.Type(x.Header().Rrtype)
		if x.Header().Class != dns.ClassINET || t != q.Question.Type && t != record.CNAME {
			continue
		}
		a, err := source.FromRR(x)
		if err != nil {
			return Reply{}, errGarbled
		}
		ours = ours || a.Owner == q.Question.Name
		r.Answers = append(r.Answers, a)
	}
	if len(m.Answer) > 0 && !ours && !r.truncated {
		return Reply{}, errGarbled // it answers another question
	}
	for _, x := range m.Ns {
		switch x := x.(type) {
		case *dns.SOA:
			owner, err := record.ParseName(x.Hdr.Name)
			if err != nil {
				return Reply{}, errGarbled
			}
			r.SOA, r.SOATTL = owner, min(x.Hdr.Ttl, x.Minttl)
		case *dns.NS:
			r.refers = true
		}
	}
	if q.Iterative {
		r.Referral = referralIn(&m, q.Question)
	}
	r.refers = r.refers && r.SOA == "" && !r.Authoritative
	return r, nil
}

// referralIn finds the referral in the reply to an iterative question: NS
// records of one zone, the first that is named.
func referralIn(m *dns.Msg, q record.Question) (r Referral) {
	section := m.Ns
	if len(m.Answer) > 0 {
		section = m.Answer
		if q.Type != record.NS {
			return Referral{}
		}
	}
	for _, x := range section {
		switch x := x.(type) {
		case *dns.SOA:
			return Referral{} // a proof of absence
		case *dns.NS:
			zone, err := record.ParseName(x.Hdr.Name)
			host, err2 := record.ParseName(x.Ns)
			if err == nil && err2 == nil && (r.Zone == "" || zone == r.Zone) {
				r.Zone, r.NS = zone, append(r.NS, host)
			}
		}
	}
	if r.Zone == "" {
		return r
	}
	for _, x := range m.Extra {
		if a, err := source.FromRR(x); err == nil && a.Data.Addr.IsValid() {
			r.Glue = append(r.Glue, a)
		}
	}
	return r
}

func extendedErrors(opt *dns.OPT) []record.EDE {
	var all []record.EDE
	for _, o := range opt.Option {
		if e, ok := o.(*dns.EDNS0_EDE); ok && len(all) < 4 {
			all = append(all, record.EDE{
				Code: e.InfoCode,
				Name: dns.ExtendedErrorCodeToString[e.InfoCode],
				Text: untrusted.New(e.ExtraText),
			})
		}
	}
	return all
}

// Follow follows the CNAMEs of the reply from name and returns their targets,
// and the records of type t at the end. It stops at a target for which stop says
// so: records of the reply beyond that are not to be used.
func (r Reply) Follow(name record.Name, t record.Type, stop func(record.Name) bool) (targets []record.Name, found []record.Record, ttl uint32) {
	ttl = ^uint32(0)
	for len(targets) <= MaxChain {
		var next record.Name
		for _, a := range r.Answers {
			if a.Owner != name {
				continue
			}
			if a.Data.Type == t {
				found = append(found, a.Data)
				ttl = min(ttl, a.TTL)
			} else {
				next = a.Data.Host
				ttl = min(ttl, a.TTL)
			}
		}
		if len(found) > 0 || next == "" {
			return targets, found, ttl
		}
		targets = append(targets, next)
		if stop(next) {
			return targets, nil, ttl
		}
		name = next
	}
	return targets, nil, ttl
}

// TTLOf is the least TTL of the reply's records of a type at a name.
func (r Reply) TTLOf(name record.Name, t record.Type) uint32 {
	ttl := ^uint32(0)
	for _, a := range r.Answers {
		if a.Owner == name && a.Data.Type == t {
			ttl = min(ttl, a.TTL)
		}
	}
	return ttl
}

// TwoCNAMEs returns a name for which the reply has CNAMEs with different targets.
// Which of them is followed is chance, so none is.
func (r Reply) TwoCNAMEs() (record.Name, bool) {
	var first map[record.Name]record.Name
	for i, a := range r.Answers {
		if a.Data.Type != record.CNAME {
			continue
		}
		if first == nil {
			if !slices.ContainsFunc(r.Answers[i+1:], func(b record.RR) bool { return b.Data.Type == record.CNAME }) {
				return "", false
			}
			first = map[record.Name]record.Name{}
		}
		if target, ok := first[a.Owner]; ok && target != a.Data.Host {
			return a.Owner, true
		}
		first[a.Owner] = a.Data.Host
	}
	return "", false
}
