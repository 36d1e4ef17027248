package source

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// This file reads the output of `dnscontrol print-ir`. A domain is a whole zone,
// unless NO_PURGE or IGNORE keeps records in it that DNSControl does not know.

// isDNSControl reports whether a document has the keys of an IR.
func isDNSControl(n *node) bool {
	return n.at("domains") != nil && (n.at("registrars") != nil || n.at("dns_providers") != nil)
}

// dnsControl adds the domains of an IR.
func (z *Zones) dnsControl(path string, doc *node) (problems []problem, err error) {
	seen := map[record.Name]bool{}
	for _, d := range doc.at("domains").list() {
		name, _, _ := strings.Cut(d.at("name").string(), "!") // before the name of a view
		apex, err := parseName(strings.ToLower(name))
		if err != nil {
			problems = append(problems, problem{line: d.line, text: "a domain whose name is not valid"})
			continue
		}
		if seen[apex] {
			z.skipped = addSkipped(z.skipped, Skipped{What: "domain", Why: "another view of the domain was read already", Count: 1, File: path, Line: d.line})
			continue
		}
		seen[apex] = true
		one := &zoneText{zone: &Zone{Apex: apex, File: path, TTL: defaultAbsent}, used: &z.used}
		if err := one.controlRecords(d.at("records"), d.at("meta", "cloudflare_proxy_default").string()); err != nil {
			return nil, err
		}
		if problems = append(problems, one.problems...); len(one.problems) > 0 {
			continue
		}
		if isPart(d) {
			err = z.controlChanges(one, d)
		} else {
			err = z.put(one)
		}
		if err != nil {
			return nil, err
		}
	}
	return problems, nil
}

// isPart reports whether a domain has records that DNSControl does not know.
func isPart(d *node) bool {
	for _, n := range []*node{d.at("keepunknown"), d.at("unmanaged"), d.at("ignored_names"), d.at("ignored_targets"), d.at("meta", "no_purge")} {
		if n.known() && n.string() != "false" && (n.scalar || len(n.list()) > 0) {
			return true
		}
	}
	return false
}

// controlChanges takes the RRsets of a domain that is not all of its zone.
func (z *Zones) controlChanges(one *zoneText, d *node) error {
	c := z.change()
	for _, r := range one.zone.Records {
		if err := c.adds(r, true, true); err != nil {
			return err
		}
	}
	absent := &zoneText{zone: &Zone{Apex: one.zone.Apex, File: one.zone.File}, used: &z.used}
	if err := absent.controlRecords(d.at("recordsabsent"), ""); err != nil {
		return err
	}
	for _, r := range absent.zone.Records {
		if err := c.drops(r, false); err != nil {
			return err
		}
	}
	for _, s := range one.skipped {
		z.skipped = addSkipped(z.skipped, s)
	}
	return nil
}

func (z *zoneText) controlRecords(all *node, proxied string) error {
	for _, n := range all.list() {
		owner, err := below(n.at("name").string(), z.zone.Apex)
		if err != nil {
			z.note(problem{line: n.line, text: "the record's name is not valid: " + err.Error()})
			continue
		}
		word := n.at("type").string()
		t, ok := z.typeOf(word, n.line)
		if !ok {
			continue
		}
		r := Record{RR: record.RR{Owner: owner, TTL: seconds(n.at("ttl").string(), defaultAbsent), Data: record.Record{Type: t}}, Place: z.at(n.line)}
		r.Place = z.position(n, r.Place)
		if alias := n.at("r53_alias", "type").string(); alias != "" {
			if t, known := parseType(alias); known && t != record.AAAA {
				r.Data.Type = t
			}
		}
		switch {
		case !isDNSType(word):
			r.Computed = true
		case asked[t] != "":
			r.Proxied = isControlProxied(n, t, proxied)
			if r.Data, err = z.controlData(t, n); err != nil {
				z.note(problem{line: n.line, text: "the data of this " + t.String() + " record is not " + asked[t]})
				continue
			}
		}
		if err := z.put1(r); err != nil {
			return err
		}
	}
	return nil
}

func isControlProxied(n *node, t record.Type, usual string) bool {
	p := n.at("meta", "cloudflare_proxy").string()
	if p == "" {
		p = usual
	}
	return (p == "on" || p == "full") && (t == record.A || t == record.AAAA || t == record.CNAME)
}

func (z *zoneText) controlData(t record.Type, n *node) (record.Record, error) {
	in := notation{origin: z.zone.Apex}
	target := n.at("target").string()
	switch parts := n.at("txtstrings").list(); {
	case t == record.MX:
		preference := n.at("mxpreference").string()
		if preference == "" {
			preference = "0" // which is left out
		}
		return in.mx(preference, target)
	case t == record.TXT && len(parts) > 0:
		d := record.Record{Type: t}
		for _, p := range parts {
			d.Strings = append(d.Strings, record.NewTXT(p.string()).Strings...)
		}
		return d, nil
	case t == record.SOA:
		d := record.Record{Type: t}
		var err error
		d.Host, err = in.host(target)
		return d, err
	}
	return in.read(t, target)
}

// filepos is the place in dnsconfig.js, or in a file that it requires.
var filepos = regexp.MustCompile(`^\[?(.+):(\d+):\d+\]?$`)

// position is the place of a record in dnsconfig.js, if that is next to the IR.
func (z *zoneText) position(n *node, otherwise Place) Place {
	m := filepos.FindStringSubmatch(n.at("filepos").string())
	if m == nil {
		return otherwise
	}
	name := m[1]
	if name == "line" {
		name = "dnsconfig.js"
	}
	if !filepath.IsLocal(name) {
		return otherwise
	}
	if path := filepath.Join(filepath.Dir(z.zone.File), name); isFile(path) {
		line, _ := strconv.Atoi(m[2])
		return Place{File: path, Line: line}
	}
	return otherwise
}

// isFile reports whether there is a file that may be named.
func isFile(path string) bool {
	f, err := untrusted.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeType == 0
}
