package source

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

var errNoData = errors.New("a record without data")

// FromRR turns miekg's record into ours. Of types that sescheck does not ask
// for, the data has the type alone.
func FromRR(x dns.RR) (record.RR, error) {
	owner, err := record.ParseName(x.Header().Name)
	if err != nil {
		return record.RR{}, err
	}
	data := record.Record{Type: record.Type(x.Header().Rrtype)}
	switch x := x.(type) {
	case *dns.TXT:
		data.Strings = texts(x.Txt)
	case *dns.SPF:
		data.Strings = texts(x.Txt)
	case *dns.CAA:
		data.Preference, data.Strings = uint16(x.Flag), texts([]string{x.Tag, x.Value})
	case *dns.MX:
		data.Preference = x.Preference
		data.Host, err = record.ParseName(x.Mx)
	case *dns.CNAME:
		data.Host, err = record.ParseName(x.Target)
	case *dns.NS:
		data.Host, err = record.ParseName(x.Ns)
	case *dns.PTR:
		data.Host, err = record.ParseName(x.Ptr)
	case *dns.SOA:
		data.Serial = x.Serial
		data.Host, err = record.ParseName(x.Ns)
	case *dns.A:
		data.Addr, _ = netip.AddrFromSlice(x.A.To4())
	case *dns.AAAA:
		data.Addr, _ = netip.AddrFromSlice(x.AAAA.To16())
	}
	if t := data.Type; err == nil && (t == record.A || t == record.AAAA) && !data.Addr.IsValid() {
		err = errNoData // package dns reads a record without data
	}
	return record.RR{Owner: owner, TTL: x.Header().Ttl, Data: data}, err
}

// texts are the character-strings of a TXT record, and of one of type SPF.
func texts(all []string) []untrusted.Text {
	out := make([]untrusted.Text, len(all))
	for i, s := range all {
		out[i] = untrusted.New(octets(s))
	}
	return out
}

// octets undoes the presentation escapes of a character-string: `\"`, `\\` and
// `\DDD`.
func octets(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 >= len(s) {
			b = append(b, s[i])
			continue
		}
		if i+3 < len(s) && isDigit(s[i+1]) && isDigit(s[i+2]) && isDigit(s[i+3]) {
			b = append(b, (s[i+1]-'0')*100+(s[i+2]-'0')*10+(s[i+3]-'0'))
			i += 3
			continue
		}
		i++
		b = append(b, s[i])
	}
	return string(b)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
