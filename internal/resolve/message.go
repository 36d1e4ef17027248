package resolve

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

// udpSize is the largest UDP answer that we ask for: what passes every path
// without fragments (dnsflagday.net/2020).
const udpSize = 1232

const headerSize = 12

// maxPlainName is the length of a name that surely fits into a message.
const maxPlainName = 253

// A query is a question in wire format.
type query struct {
	question  record.Question
	wire      []byte // the message, its id still 0
	section   []byte // the question section within wire
	iterative bool   // a server is asked for what it knows itself, or a referral

	room [80]byte // for wire, if it fits
}

// newQuery packs q, with EDNS (RFC 6891) unless plain.
func newQuery(q record.Question, plain bool) (*query, error) {
	query := &query{question: q}
	wire := query.room[:headerSize]
	wire[2] = 0x01 // RD
	wire[5] = 1    // QDCOUNT
	wire, err := appendName(wire, q.Name)
	if err != nil {
		return nil, fmt.Errorf("pack question %s: %w", q, err)
	}
	wire = binary.BigEndian.AppendUint16(wire, uint16(q.Type))
	wire = binary.BigEndian.AppendUint16(wire, dns.ClassINET)
	end := len(wire)
	if !plain {
		wire[11] = 1           // ARCOUNT
		wire = append(wire, 0) // the root: an OPT record
		wire = binary.BigEndian.AppendUint16(wire, dns.TypeOPT)
		wire = binary.BigEndian.AppendUint16(wire, udpSize)
		wire = append(wire, 0, 0, 0, 0, 0, 0) // extended rcode, version, flags, no options
	}
	query.wire, query.section = wire, wire[headerSize:end]
	return query, nil
}

// appendName appends a name in wire format.
func appendName(b []byte, n record.Name) ([]byte, error) {
	if !n.Plain() || n == record.Root || len(n) > maxPlainName {
		var wire [256]byte
		end, err := dns.PackDomainName(n.FQDN(), wire[:], 0, nil, false)
		return append(b, wire[:end]...), err
	}
	for label := range strings.SplitSeq(string(n), ".") {
		if label == "" || len(label) > 63 {
			return b, errBadLabel
		}
		b = append(b, byte(len(label)))
		b = append(b, label...)
	}
	return append(b, 0), nil
}

// A reply is what of an answer message matters to us.
type reply struct {
	rcode         int
	truncated     bool
	authoritative bool
	recursion     bool // RA: the server looks further than itself
	answers       []record.RR
	soa           record.Name // owner of the SOA in the authority section; "" if none
	soaTTL        uint32      // how long an absence may be kept (RFC 2308 section 5)
	referral      bool        // authority has NS records and no SOA
	ede           []record.EDE
	resent        time.Duration // when the question was sent for the last time, counted from the first
	cut           delegation    // of an iterative question that was not answered
	unseen        bool          // there are addresses, of which a zone file does not say which
}

var (
	errBadLabel = errors.New("empty or long label")
	errNotOurs  = errors.New("no answer to this question")
	errGarbled  = errors.New("unreadable message")
)

// answersTo reports whether a datagram with the right id is a response to the
// question that was asked. Anything else is somebody else's, or forged.
func answersTo(wire []byte, q *query) bool {
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
// fixed and short of letters too.
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

// parseReply reads a message that answersTo accepted.
func parseReply(wire []byte, q *query) (reply, error) {
	if r, ok := readPlain(wire, q); ok {
		return r, nil
	}
	return readAny(wire, q)
}

// readAny reads whatever package dns can.
func readAny(wire []byte, q *query) (reply, error) {
	var m dns.Msg
	if err := m.Unpack(wire); err != nil {
		// A message that was cut at the size limit need not be whole: what
		// counts is that it says so.
		if wire[2]&0x02 != 0 {
			return reply{truncated: true}, nil
		}
		return reply{}, errGarbled
	}
	r := reply{
		rcode:         m.Rcode,
		truncated:     m.Truncated,
		authoritative: m.Authoritative,
		recursion:     m.RecursionAvailable,
	}
	if opt := m.IsEdns0(); opt != nil {
		r.ede = extendedErrors(opt)
	}
	ours := false
	for _, x := range m.Answer {
		t := record.Type(x.Header().Rrtype)
		if x.Header().Class != dns.ClassINET || t != q.question.Type && t != record.CNAME {
			continue
		}
		a, err := source.FromRR(x)
		if err != nil {
			return reply{}, errGarbled
		}
		ours = ours || a.Owner == q.question.Name
		r.answers = append(r.answers, a)
	}
	if len(m.Answer) > 0 && !ours && !r.truncated {
		return reply{}, errNotOurs
	}
	for _, x := range m.Ns {
		switch x := x.(type) {
		case *dns.SOA:
			owner, err := record.ParseName(x.Hdr.Name)
			if err != nil {
				return reply{}, errGarbled
			}
			r.soa, r.soaTTL = owner, min(x.Hdr.Ttl, x.Minttl)
		case *dns.NS:
			r.referral = true
		}
	}
	if q.iterative {
		r.cut = delegationIn(&m, q.question)
	}
	r.referral = r.referral && r.soa == "" && !r.authoritative
	return r, nil
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

// walk follows the CNAMEs of the reply from name and returns their targets,
// and the records of type t at the end. It stops early at a target for which
// stop says so: what the reply holds beyond that is not to be used.
func (r reply) walk(name record.Name, t record.Type, stop func(record.Name) bool) (targets []record.Name, found []record.Record, ttl uint32) {
	ttl = ^uint32(0)
	for len(targets) <= maxChain {
		var next record.Name
		for _, a := range r.answers {
			if a.Owner != name {
				continue
			}
			if a.Data.Type == t {
				if found == nil {
					found = make([]record.Record, 0, r.count(name, t))
				}
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

// twoCNAMEs returns a name for which the reply has CNAMEs with different targets.
// Which of them is followed is chance, so none is.
func (r reply) twoCNAMEs() (record.Name, bool) {
	var first map[record.Name]record.Name
	for i, a := range r.answers {
		if a.Data.Type != record.CNAME {
			continue
		}
		if first == nil {
			if !slices.ContainsFunc(r.answers[i+1:], func(b record.RR) bool { return b.Data.Type == record.CNAME }) {
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

// count returns how many records of that name and type are among the answers.
func (r reply) count(name record.Name, t record.Type) (n int) {
	for _, a := range r.answers {
		if a.Owner == name && a.Data.Type == t {
			n++
		}
	}
	return n
}
