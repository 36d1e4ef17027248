package iterative

import (
	_ "embed"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/source"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// Hints are the servers of a root.
type Hints struct{ delegation }

// namedRoot are the root servers of the Internet, as IANA publishes them
// (https://www.internic.net/domain/named.root).
//
//go:embed named.root
var namedRoot string

// LoadHints reads the servers of a root from a file in zone format: NS records
// of the root and the addresses of its servers.
func LoadHints(path string) (*Hints, error) {
	f, err := untrusted.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read root hints %s: %w", untrusted.Line(path), err)
	}
	defer f.Close()
	return readHints(f, path)
}

func readHints(r io.Reader, path string) (*Hints, error) {
	d := delegation{zone: record.Root, glue: map[record.Name][]netip.Addr{}}
	p := dns.NewZoneParser(r, ".", "")
	p.SetDefaultTTL(3600000)
	for x, ok := p.Next(); ok; x, ok = p.Next() {
		a, err := source.FromRR(x)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: record %s: %w", untrusted.Line(path), untrusted.Quote(x.Header().Name), err)
		case a.Data.Type == record.NS && a.Owner == record.Root && len(d.hosts) < maxNameservers:
			d.hosts = append(d.hosts, a.Data.Host)
		case a.Data.Addr.IsValid():
			d.glue[a.Owner] = addAddress(d.glue[a.Owner], a.Data.Addr)
		}
	}
	if err := p.Err(); err != nil {
		return nil, fmt.Errorf("%s%s: this is not a record in zone format; write NS records of the root and the addresses of those servers", untrusted.Line(path), lineOf(err))
	}
	d.hosts = slices.DeleteFunc(d.hosts, func(h record.Name) bool { return len(d.glue[h]) == 0 })
	slices.Sort(d.hosts)
	if d.hosts = slices.Compact(d.hosts); len(d.hosts) == 0 {
		return nil, fmt.Errorf("%s: there are no root hints: write NS records of the root (`. NS ns.example.`) and the addresses of those servers", untrusted.Line(path))
	}
	return &Hints{d}, nil
}

var atLine = regexp.MustCompile(`at line: (\d+):\d+$`)

// lineOf is the line of a parser error. The text of the error is dropped: it
// quotes the file, which may be the wrong one.
func lineOf(err error) string {
	if m := atLine.FindStringSubmatch(err.Error()); m != nil {
		return " line " + m[1]
	}
	return ""
}

// rootHints are the hints of the Internet's root.
func rootHints() *Hints {
	h, err := readHints(strings.NewReader(namedRoot), "named.root")
	if err != nil {
		return &Hints{} // cannot be: TestHints reads them
	}
	return h
}
