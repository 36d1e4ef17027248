package source

import (
	"errors"
	"strconv"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// This file reads the YAML of octoDNS: a mapping of names to a record or a list
// of records. The zone is the file's name, or that of a folder with a file a name.

// isOctoDNS reports whether a document is octoDNS's: a mapping of names to records
// with a type.
func isOctoDNS(n *node) bool {
	if n == nil || !n.mapping {
		return false
	}
	for _, p := range n.pairs {
		for _, r := range p.value.list() {
			if t := r.at("type").string(); t != "" && t == strings.ToUpper(t) || strings.Contains(t, "Provider/") {
				return true
			}
		}
	}
	return false
}

// octoZone is the zone that a file of octoDNS is named after; "" for none.
func octoZone(base string) record.Name {
	s := base
	for _, suffix := range []string{".yaml", ".yml"} {
		s = strings.TrimSuffix(s, suffix)
	}
	n, err := parseName(strings.ToLower(s))
	if err != nil || s == base || !n.Plain() || n.Labels() < 2 {
		return ""
	}
	return n
}

// splitZone is the zone of a folder in which octoDNS has a file for each name:
// from the file for names that cannot be file names, otherwise from the folder's
// name with a final dot. It is "" for an ordinary folder.
func splitZone(folder string, files []string) record.Name {
	for _, f := range files {
		if rest, ok := strings.CutPrefix(f, "$"); ok && octoZone(rest) != "" {
			return octoZone(rest)
		}
	}
	if rest, ok := strings.CutSuffix(folder, "."); ok {
		return octoZone(rest + ".yaml")
	}
	return ""
}

// octoDNS adds the records of a document.
func (z *zoneText) octoDNS(doc *node) error {
	for _, p := range doc.pairs {
		owner, err := below(p.key, z.zone.Apex)
		if err != nil {
			z.note(problem{line: p.line, text: "the record's name is not valid: " + err.Error()})
			continue
		}
		for _, r := range p.value.list() {
			if err := z.octoRecord(owner, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// octoRecord adds an RRset, or notes its mistake.
func (z *zoneText) octoRecord(owner record.Name, n *node) error {
	word := n.at("type").string()
	if strings.HasPrefix(n.tag, "!include") {
		z.note(problem{line: n.line, text: "!include is not read: put the records into this file"})
		return nil
	}
	if word == "" {
		z.note(problem{line: n.line, text: "a record without a type"})
		return nil
	}
	base := Record{RR: record.RR{Owner: owner, TTL: seconds(n.at("ttl").string(), defaultTTL)}, Place: z.at(n.line)}
	t, ok := z.typeOf(word, n.line)
	if !ok {
		return nil
	}
	base.Data.Type = t
	switch {
	case !isDNSType(word):
		base.Computed = true
	case asked[t] == "":
	case n.at("octodns", "ignored").string() == "true", n.at("dynamic").known(), n.at("geo").known():
		if base.Computed = true; t == record.AAAA {
			base.Data.Type = record.A
		}
	default:
		base.Proxied = n.at("octodns", "cloudflare", "proxied").string() == "true" && (t == record.A || t == record.AAAA || t == record.CNAME)
		return z.octoValues(base, n)
	}
	return z.put1(base)
}

// octoValues adds a record for each value.
func (z *zoneText) octoValues(base Record, n *node) error {
	values := n.at("values").list()
	if len(values) == 0 {
		values = n.at("value").list()
	}
	if len(values) == 0 {
		z.note(problem{line: n.line, text: "a record without a value"})
	}
	for _, v := range values {
		d, err := octoData(base.Data.Type, v)
		if err != nil {
			z.note(problem{line: v.line, text: "the data of this " + base.Data.Type.String() + " record is not " + asked[base.Data.Type]})
			continue
		}
		r := base
		r.Data, r.Line, r.End = d, v.line, v.end
		if err := z.put1(r); err != nil {
			return err
		}
	}
	return nil
}

// octoData reads a value. Semicolons may be escaped; octoDNS can be set not to
// want that.
func octoData(t record.Type, v *node) (record.Record, error) {
	n := notation{txt: eased}
	if t == record.MX && v.mapping {
		host, preference := v.at("exchange").string(), v.at("preference").string()
		if host == "" {
			host = v.at("value").string()
		}
		if preference == "" {
			preference = v.at("priority").string()
		}
		return n.mx(preference, host)
	}
	if !v.scalar || v.null {
		return record.Record{}, errData
	}
	text := v.text
	if t == record.TXT || t == record.SPF {
		text = strings.ReplaceAll(text, `\;`, ";")
	}
	return n.read(t, text)
}

// typeOf is the type of a word; for types that DNS does not have, the type that
// the provider answers. ok is false for a misspelt type.
func (z *zoneText) typeOf(word string, line int) (t record.Type, ok bool) {
	if t, known := parseType(word); known {
		return t, true
	}
	h := head{word: word, hasTTL: true}
	if corrected := h.misspelt(); corrected != "" {
		z.note(problem{line: line, text: "DNS has no such type of records; did you mean " + corrected + "?"})
		return 0, false
	}
	z.skip(short(word)+" record", "DNS has no such type", line)
	return h.computes(), true
}

// short is a type's word, cut to fit in a line.
func short(word string) string {
	const most = 40
	return word[:min(len(word), most)]
}

func isDNSType(word string) bool {
	_, ok := parseType(word)
	return ok
}

// put1 adds a record; one outside of the zone is a problem.
func (z *zoneText) put1(r Record) error {
	err := z.add(r)
	if p, ok := errors.AsType[*problem](err); ok {
		z.note(*p)
		return nil
	}
	return err
}

// seconds reads a TTL.
func seconds(s string, usual uint32) uint32 {
	if n, err := strconv.ParseUint(s, 10, 31); err == nil {
		return uint32(n)
	}
	return usual
}
