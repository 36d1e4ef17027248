package transport

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// parseFast is the fast path of Parse, for nearly all messages: whole, of known
// types, with names of usual characters. It returns the same as parseAny, at a
// fifth of the cost, since it allocates only the result; a fleet's time is spent
// here. For the rest, right or wrong, it returns !ok, and package dns judges.
// FuzzFastPath compares the two.
func (q *Query) parseFast(wire []byte) (r Reply, ok bool) {
	if wire[2]&0x02 != 0 || binary.BigEndian.Uint16(wire[4:]) != 1 { // TC, QDCOUNT
		return Reply{}, false
	}
	p := fastReader{wire: wire, q: q, at: headerSize + len(q.section), end: len(wire), where: -1}
	p.Reply = Reply{
		Rcode:         int(wire[3] & 0xf),
		Authoritative: wire[2]&0x04 != 0,
		Recursion:     wire[3]&0x80 != 0,
		Validated:     wire[3]&0x20 != 0,
	}
	answers, authority := int(binary.BigEndian.Uint16(wire[6:])), int(binary.BigEndian.Uint16(wire[8:]))
	if q.Iterative && (answers == 0 || q.Question.Type == record.NS) {
		return Reply{}, false // there may be a referral in it
	}
	if !p.answer(answers) || !p.authority(authority) || !p.additional(int(binary.BigEndian.Uint16(wire[10:]))) {
		return Reply{}, false
	}
	return p.Reply, p.at == len(wire)
}

// fastReader goes through one message. Its methods report false where the
// message is not one for the fast path.
type fastReader struct {
	wire []byte
	q    *Query
	at   int // the octet to read next
	end  int // of the record that is read: names in its data cannot reach beyond
	Reply

	target record.Name // the last name that was kept from an answer,
	where  int         // and its offset
}

// answer reads the answer section: records of the type asked for, and CNAMEs.
func (p *fastReader) answer(n int) bool {
	if n == 0 {
		return true
	}
	if n > len(p.wire)/headSize {
		return false
	}
	p.Answers = make([]record.RR, n)
	ours := false
	for i := range p.Answers {
		a := &p.Answers[i]
		var ok bool
		if a.Owner, ok = p.keep(); !ok {
			return false
		}
		h, ok := p.head()
		if !ok || h.class != dns.ClassINET || h.kind != p.q.Question.Type && h.kind != record.CNAME {
			return false
		}
		a.TTL, a.Data.Type = h.ttl, h.kind
		if !p.data(&a.Data) || !p.over() {
			return false
		}
		ours = ours || a.Owner == p.q.Question.Name
	}
	return ours
}

// data reads the data of a record.
func (p *fastReader) data(d *record.Record) (ok bool) {
	switch size := p.end - p.at; d.Type {
	case record.TXT:
		d.Strings, ok = p.strings()
		return ok
	case record.MX:
		if size < 2 {
			return false
		}
		d.Preference = binary.BigEndian.Uint16(p.wire[p.at:])
		p.at += 2
		d.Host, ok = p.keep()
		return ok
	case record.CNAME, record.NS, record.PTR:
		d.Host, ok = p.keep()
		return ok
	case record.A, record.AAAA:
		if size != 4 && d.Type == record.A || size != 16 && d.Type == record.AAAA {
			return false
		}
		d.Addr, ok = netip.AddrFromSlice(p.wire[p.at:p.end])
		p.at = p.end
		return ok
	}
	return false
}

// strings reads the strings of a TXT record.
func (p *fastReader) strings() ([]untrusted.Text, bool) {
	n := 0
	for i := p.at; i < p.end; i += int(p.wire[i]) + 1 {
		n++
	}
	text := string(p.wire[p.at:p.end]) // one copy for all
	all := make([]untrusted.Text, 0, n)
	for len(text) > 0 {
		size := int(text[0])
		if size >= len(text) {
			return nil, false
		}
		all = append(all, untrusted.New(text[1:1+size]))
		text = text[1+size:]
	}
	p.at = p.end
	return all, n > 0
}

// authority reads the authority section: an SOA or the zone's name servers.
func (p *fastReader) authority(n int) bool {
	for range n {
		start := p.at
		if !p.skip() {
			return false
		}
		h, ok := p.head()
		if !ok || !p.skip() {
			return false
		}
		switch h.kind {
		case record.NS:
			p.refers = true
		case record.SOA:
			const numbers = 5 * 4
			if !p.skip() || p.end-p.at != numbers {
				return false
			}
			p.at = start
			if p.SOA, ok = p.keep(); !ok {
				return false
			}
			p.SOATTL = min(h.ttl, binary.BigEndian.Uint32(p.wire[p.end-4:]))
			p.at = p.end
		default:
			return false
		}
		if !p.over() {
			return false
		}
	}
	p.refers = p.refers && p.SOA == "" && !p.Authoritative
	return true
}

// additional reads past the additional section: addresses, and an OPT record
// without options.
func (p *fastReader) additional(n int) bool {
	for range n {
		start := p.at
		if !p.skip() {
			return false
		}
		h, ok := p.head()
		if !ok {
			return false
		}
		switch size := p.end - p.at; {
		case h.kind == record.A && size == 4, h.kind == record.AAAA && size == 16:
		case h.kind == record.Type(dns.TypeOPT) && size == 0 && h.ttl == 0 && p.wire[start] == 0:
		default:
			return false
		}
		p.at = p.end
		p.over()
	}
	return true
}

// head is the fixed part of a record, between its owner and its data.
type head struct {
	kind  record.Type
	class uint16
	ttl   uint32
}

const headSize = 10

// head reads the head of a record. Its data is from there to p.end.
func (p *fastReader) head() (h head, ok bool) {
	if len(p.wire)-p.at < headSize {
		return head{}, false
	}
	b := p.wire[p.at : p.at+headSize]
	h = head{record.Type(binary.BigEndian.Uint16(b)), binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint32(b[4:])}
	p.at += headSize
	p.end = p.at + int(binary.BigEndian.Uint16(b[8:]))
	return h, p.end <= len(p.wire)
}

// over ends a record. Its data must have been read to the end.
func (p *fastReader) over() bool {
	read := p.at == p.end
	p.end = len(p.wire)
	return read
}

// keep reads a name that is kept. Most are the name asked for, or the target
// just read, and refer to it.
func (p *fastReader) keep() (record.Name, bool) {
	if p.at+1 < p.end && p.wire[p.at]&0xc0 == 0xc0 {
		switch to := int(binary.BigEndian.Uint16(p.wire[p.at:]) & 0x3fff); to {
		case headerSize:
			p.at += 2
			return p.q.Question.Name, true
		case p.where:
			p.at += 2
			return p.target, true
		}
	}
	start := p.at
	var room [256]byte
	text, ok := p.name(room[:0])
	switch {
	case !ok || bytes.IndexByte(text, '\\') >= 0:
		return "", false
	case len(text) == 0:
		return record.Root, true
	}
	name, err := record.ParseName(string(text))
	p.target, p.where = name, start
	return name, err == nil
}

// skip reads past a name.
func (p *fastReader) skip() bool {
	var room [256]byte
	_, ok := p.name(room[:0])
	return ok
}

// maxJumps is how many compression pointers one name may have.
const maxJumps = 16

// name reads a name of any octets and appends its labels to text, with dots
// between them; a name with a dot in a label is not for the fast path. A
// compression pointer leads to an earlier offset only, so that this ends.
func (p *fastReader) name(text []byte) (_ []byte, ok bool) {
	at, least, jumps := p.at, p.at, 0
	for at < p.end {
		c := int(p.wire[at])
		switch {
		case c == 0:
			if jumps == 0 {
				p.at = at + 1
			}
			return text, true
		case c < 64:
			if at+1+c > p.end || len(text)+1+c > 250 {
				return nil, false
			}
			if len(text) > 0 {
				text = append(text, '.')
			}
			label := p.wire[at+1 : at+1+c]
			if bytes.IndexByte(label, '.') >= 0 {
				return nil, false
			}
			text = append(text, label...)
			at += 1 + c
		case c >= 0xc0 && at+1 < p.end:
			to := (c&0x3f)<<8 | int(p.wire[at+1])
			if to >= least || to < headerSize || jumps == maxJumps {
				return nil, false
			}
			if jumps == 0 {
				p.at = at + 2
			}
			at, least = to, to
			jumps++
		default:
			return nil, false
		}
	}
	return nil, false
}
