package source

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// Bounds of the data of a record: octets of a TXT record on the wire, and
// characters of another one in the file.
const (
	maxTXT  = 65535
	maxData = 4 << 10
)

// asked are the types that sescheck queries, with descriptions of their data.
var asked = map[record.Type]string{
	record.A:     "an IPv4 address",
	record.AAAA:  "an IPv6 address",
	record.CNAME: "a name",
	record.MX:    "a preference and a host name",
	record.NS:    "a host name",
	record.PTR:   "a name",
	record.SOA:   "two names and five numbers",
	record.TXT:   fmt.Sprintf("text of up to %d bytes", maxTXT),
	record.SPF:   fmt.Sprintf("text of up to %d bytes", maxTXT),
}

var errData = errors.New("unreadable data")

// data reads the data of a record; of an SOA, also how long an absence may be
// kept.
func (z *zoneText) data(t record.Type, tokens []token) (d record.Record, absent uint32, err error) {
	if len(tokens) == 0 {
		return d, 0, errData
	}
	if (t == record.TXT || t == record.SPF) && (tokens[0].quoted || tokens[0].text != `\#`) { // not in the form of RFC 3597
		d, err = txt(t, tokens)
		return d, 0, err
	}
	if z.dotless && !tokens[len(tokens)-1].quoted {
		tokens = z.dotted(tokens)
	}
	text := joined(tokens)
	if len(text) > maxData {
		return d, 0, errData
	}
	p := dns.NewZoneParser(strings.NewReader(". 0 IN "+t.String()+" "+text+"\n"), z.origin.FQDN(), "")
	x, ok := p.Next()
	if !ok {
		return d, 0, errData
	}
	if soa, is := x.(*dns.SOA); is {
		absent = soa.Minttl
	}
	rr, err := FromRR(x)
	return rr.Data, absent, err
}

// dotted gives names in the zone the final dot that this file leaves out.
func (z *zoneText) dotted(tokens []token) []token {
	tokens = slices.Clone(tokens)
	for i, t := range tokens {
		if n, err := record.ParseName(t.text); err == nil && !dns.IsFqdn(t.text) && n.In(z.zone.Apex) {
			tokens[i].text += "."
		}
	}
	return tokens
}

// txt makes a TXT record, or one of type SPF, of its strings. It splits strings
// that are too long.
func txt(t record.Type, tokens []token) (record.Record, error) {
	d := record.Record{Type: t}
	size := 0
	for _, t := range tokens {
		d.Strings = append(d.Strings, record.NewTXT(strings.Clone(octets(t.text))).Strings...)
	}
	for _, s := range d.Strings {
		size += s.Len() + 1
	}
	if size > maxTXT {
		return record.Record{}, errData
	}
	return d, nil
}

// joined writes tokens as a zone file has them, in one line.
func joined(tokens []token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 {
			b.WriteByte(' ')
		}
		if t.quoted {
			b.WriteString(`"` + t.text + `"`)
		} else {
			b.WriteString(t.text)
		}
	}
	return b.String()
}
