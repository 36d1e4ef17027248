package source

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// quoting is how a form writes the text of TXT records.
type quoting int

const (
	plain    quoting = iota // the text itself
	strung                  // strings in quotes, with the escapes of zone files; a text without quotes is split at its spaces
	route53                 // strings in quotes, with escapes in octal
	optional                // strung if it begins with a quote, otherwise plain text
	eased                   // the text itself, in quotes that mean nothing, with cuts as `" "`
)

// notation is how a form writes data.
type notation struct {
	origin record.Name // the origin of names without a final dot; may be ""
	txt    quoting
}

var (
	errMX      = errors.New("its data is not a preference and a host name")
	errAddress = errors.New("its data is not an address")
	errHost    = errors.New("its data is not a name")
	errText    = errors.New("its text must be in quotes")
	errSOA     = errors.New("its data is not two names and five numbers")
)

// read reads the data of a record. Of types that sescheck does not ask for, the
// data has the type alone.
func (n notation) read(t record.Type, value string) (d record.Record, err error) {
	d.Type = t
	switch t {
	case record.A, record.AAAA:
		d.Addr, err = netip.ParseAddr(strings.TrimSpace(value))
		if err != nil || d.Addr.Is4() != (t == record.A) || d.Addr.Zone() != "" {
			return d, errAddress
		}
	case record.CNAME, record.NS, record.PTR:
		d.Host, err = n.host(value)
	case record.MX:
		preference, host, _ := strings.Cut(strings.TrimSpace(value), " ")
		return n.mx(preference, host)
	case record.SOA:
		words := strings.Fields(value)
		serial, e := strconv.ParseUint(at(words, 2), 10, 32)
		if d.Serial = uint32(serial); len(words) != 7 || e != nil {
			return d, errSOA
		}
		d.Host, err = n.host(words[0])
	case record.TXT, record.SPF:
		d.Strings, err = n.text(value)
	}
	return d, err
}

func at(words []string, i int) string {
	if i >= len(words) {
		return ""
	}
	return words[i]
}

// mx reads an MX record, of which some forms have the parts by themselves.
func (n notation) mx(preference, host string) (record.Record, error) {
	d := record.Record{Type: record.MX}
	p, err := strconv.ParseUint(strings.TrimSpace(preference), 10, 16)
	if err != nil {
		return d, errMX
	}
	d.Preference = uint16(p)
	if d.Host, err = n.host(host); err != nil {
		return d, errMX
	}
	return d, nil
}

// host reads the name of a host.
func (n notation) host(s string) (record.Name, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "@" && n.origin != "":
		return n.origin, nil
	case n.origin != "" && !strings.HasSuffix(s, "."):
		s += "." + strings.TrimPrefix(n.origin.FQDN(), ".")
	}
	h, err := parseName(s)
	if err != nil {
		return "", errHost
	}
	return h, nil
}

// parseName reads a name, perhaps in Unicode.
func parseName(s string) (record.Name, error) {
	for i := range len(s) {
		if s[i] >= 0x80 {
			ascii, err := idna.Punycode.ToASCII(strings.ToLower(s))
			if err != nil {
				return "", err
			}
			s = ascii
			break
		}
	}
	return record.ParseName(s)
}

// text reads the strings of a TXT record.
func (n notation) text(s string) ([]untrusted.Text, error) {
	quoted := strings.HasPrefix(strings.TrimSpace(s), `"`)
	switch {
	case n.txt == eased:
		if strings.HasPrefix(s, `"`) {
			s = strings.TrimSuffix(s[1:], `"`)
		}
		return record.NewTXT(strings.ReplaceAll(s, `" "`, "")).Strings, nil
	case n.txt == plain, n.txt == optional && !quoted:
		return record.NewTXT(s).Strings, nil
	case n.txt == route53 && !quoted:
		return nil, errText
	case n.txt == route53:
		s = decimal(s)
	}
	return cutStrings(s, n.txt == route53)
}

// cutStrings splits a text into strings: quoted ones and words.
func cutStrings(s string, quotedOnly bool) ([]untrusted.Text, error) {
	var all []untrusted.Text
	for i := 0; i < len(s); {
		switch {
		case s[i] == ' ' || s[i] == '\t':
			i++
			continue
		case s[i] != '"' && quotedOnly:
			return nil, errText
		}
		quoted, start := s[i] == '"', i
		if quoted {
			i, start = i+1, i+1
		}
		for i < len(s) && s[i] != '"' && (quoted || s[i] != ' ' && s[i] != '\t') {
			if s[i] == '\\' {
				i++
			}
			i++
		}
		if i >= len(s) && quoted {
			return nil, errText
		}
		end := min(i, len(s))
		if quoted {
			i++
		}
		all = append(all, record.NewTXT(octets(s[start:end])).Strings...)
	}
	if len(all) == 0 {
		return nil, errText
	}
	return all, nil
}

// decimal turns the octal escapes of Route 53, `\052`, into those of zone files.
func decimal(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if i+3 < len(s) {
			if octet, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteString(`\` + pad(octet))
				i += 3
				continue
			}
		}
		b.WriteString(s[i : i+2])
		i++
	}
	return b.String()
}

func pad(octet uint64) string {
	s := "00" + strconv.FormatUint(octet, 10)
	return s[len(s)-3:]
}

// under is the name that a form's name means in a zone: the zone is appended
// where it is not there yet. "" and @ are the zone itself.
func under(name string, zone record.Name) (record.Name, error) {
	switch {
	case name == "" || name == "@":
		return zone, nil
	case strings.HasSuffix(name, "."):
		return parseName(name)
	}
	n, err := parseName(name)
	if err != nil || n.In(zone) {
		return n, err
	}
	return below(name, zone)
}

// below is a name relative to a zone, with or without a final dot.
func below(name string, zone record.Name) (record.Name, error) {
	if name == "" || name == "@" {
		return zone, nil
	}
	return parseName(name + "." + strings.TrimPrefix(zone.FQDN(), "."))
}
