package source

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/untrusted"
)

const (
	maxGenerate = 1 << 10 // characters of a $GENERATE line
	maxProblems = 10      // lines about one file
)

// The TTLs where the file gives none: of records, and of an absence.
const (
	defaultTTL    = 3600
	defaultAbsent = 300
)

// notZone is the problem of a file that seems to be something different.
const notZone = "it does not look like a zone file"

// badGenerate is why a $GENERATE is not read.
const badGenerate = "$GENERATE cannot be read; it needs a range such as 1-10, a name, a type and data"

// included is why a file with $INCLUDE is not read.
const included = "$INCLUDE is not read: put the records into this file"

// zoneText is a zone file while it is read.
type zoneText struct {
	zone    *Zone
	dotless bool // names that end in the zone's may lack the final dot
	origin  record.Name
	ttl     uint32 // of records that have none
	fixed   bool   // by $TTL
	soa     bool   // there was one
	typed   int    // records of types that there are

	written string      // the owner of the record above, as it is written
	owner   record.Name // of the record above; "" where there is none

	problems []problem
	skipped  []Skipped
	used     *usage
}

// readZone reads the text of a zone file. The problems are all that is wrong
// with it, each cause once; the error is one that ends all reading.
func readZone(ctx context.Context, path, text string, used *usage) (*zoneText, []problem, error) {
	apex, dotless, wrong := survey(path, text)
	if wrong != nil {
		return nil, []problem{*wrong}, nil
	}
	z := &zoneText{
		zone:    &Zone{Apex: apex, File: path, TTL: defaultAbsent},
		dotless: dotless, origin: apex, ttl: defaultTTL, used: used,
	}
	l := newLexer(text)
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		e, err := l.next()
		last := err != nil
		if !last {
			err = z.entry(ctx, e)
		}
		if p, ok := errors.AsType[*problem](err); ok {
			z.note(*p)
		} else if err != nil && !last {
			return nil, nil, err
		}
		if last {
			return z, z.wrong(), nil
		}
	}
}

// note keeps a problem. Of similar ones it keeps the first, and counts the rest.
func (z *zoneText) note(p problem) {
	for i := range z.problems {
		if z.problems[i].text == p.text {
			z.problems[i].more++
			return
		}
	}
	z.problems = append(z.problems, p)
}

// wrong are the problems to report. A missing $INCLUDE may explain all others,
// and a file without any record of a known type is no zone file.
func (z *zoneText) wrong() []problem {
	isInclude := func(p problem) bool { return p.text == included }
	switch i := slices.IndexFunc(z.problems, isInclude); {
	case i >= 0:
		return z.problems[i : i+1]
	case z.typed == 0 && len(z.problems) == 1 && z.problems[0].text == openParenthesis && z.problems[0].more == 0:
		return z.problems // such as that of the SOA record
	case z.typed == 0 && len(z.problems) > 0:
		return []problem{{line: z.problems[0].line, text: notZone}}
	case z.typed == 0:
		return []problem{{text: "there is no record in it"}}
	case len(z.zone.Records) == 0 && len(z.problems) == 0:
		return []problem{{text: fmt.Sprintf("none of its records is in zone %s", z.zone.Apex)}}
	case len(z.problems) > maxProblems:
		return append(z.problems[:maxProblems], problem{text: "and more is wrong"})
	}
	return z.problems
}

// entry reads a directive or a record.
func (z *zoneText) entry(ctx context.Context, e entry) error {
	if isDirective(e) {
		return z.directive(ctx, e)
	}
	h, ok := e.head()
	if !ok {
		return &problem{line: e.line, text: "a record without a type"}
	}
	if h.hasTTL && !z.fixed {
		z.ttl = h.ttl
	}
	if !h.hasTTL {
		h.ttl = z.ttl
	}
	owner, err := z.ownerOf(e, h)
	if err != nil {
		return err
	}
	if h.alien {
		return nil
	}
	return z.record(e, h, owner)
}

// ownerOf is the owner of a record: its own, or that of the record above.
func (z *zoneText) ownerOf(e entry, h head) (record.Name, error) {
	switch {
	case e.blank && z.owner == "":
		return "", &problem{line: e.line, text: "the first record begins with a space, so it has no name"}
	case e.blank, h.owner == z.written && z.owner != "":
		return z.owner, nil
	}
	n, err := z.name(h.owner)
	if err != nil {
		return "", &problem{line: e.line, text: "the record's name is not valid: " + err.Error()}
	}
	z.written, z.owner = strings.Clone(h.owner), n
	return n, nil
}

// name reads a name as it is written.
func (z *zoneText) name(s string) (record.Name, error) {
	switch {
	case s == "@" && z.origin == record.Root:
		return z.zone.Apex, nil
	case s == "@":
		return z.origin, nil
	case dns.IsFqdn(s):
		return record.ParseName(strings.Clone(s))
	case z.dotless:
		if n, err := record.ParseName(s); err == nil && n.In(z.zone.Apex) {
			return record.Name(strings.Clone(string(n))), nil
		}
	}
	s = strings.TrimSuffix(s, ".@") // as GoDaddy writes the names of SRV records
	return record.ParseName(s + "." + strings.TrimPrefix(z.origin.FQDN(), "."))
}

// record takes a record, or says why not.
func (z *zoneText) record(e entry, h head, owner record.Name) error {
	t, known := parseType(h.word)
	madeUp := !known && h.isMadeUp()
	if !known && !madeUp {
		text := "DNS has no such type of records"
		if corrected := h.misspelt(); corrected != "" {
			text += "; did you mean " + corrected + "?"
		}
		return &problem{line: e.line, text: text}
	}
	z.typed++
	r := Record{RR: record.RR{Owner: owner, TTL: h.ttl, Data: record.Record{Type: t}}, Place: z.at(e.line)}
	switch {
	case madeUp:
		z.skip(strings.ToUpper(h.word)+" record", "DNS has no such type", e.line)
		r.Data.Type, r.Computed = h.computes(), true
	case asked[t] != "":
		if err := z.read(&r, e, h.data); err != nil {
			return err
		}
	case t == record.CAA: // wrong data is no reason to refuse the zone
		if data, _, err := z.data(t, h.data); err == nil {
			r.Data = data
		}
	}
	return z.add(r)
}

// service matches GoDaddy's words in place of its own addresses, such as Parked
// and WebsiteBuilder Site.
var service = regexp.MustCompile(`^[A-Z][A-Za-z]+( [A-Z][A-Za-z]+)*$`)

// read reads the data of a record of a type that sescheck asks for.
func (z *zoneText) read(r *Record, e entry, tokens []token) error {
	t := r.Data.Type
	data, absent, err := z.data(t, tokens)
	if err != nil && t == record.A && service.MatchString(joined(tokens)) {
		z.skip("A record", "it has a service of the provider in place of an address", e.line)
		r.Computed = true
		return nil
	}
	if err != nil {
		return &problem{line: e.line, text: fmt.Sprintf("the data of this %s record is not %s", t, asked[t])}
	}
	r.Data = data
	switch t {
	case record.A, record.AAAA, record.CNAME:
		r.Proxied = isProxied(e.comment)
	case record.SOA:
		return z.isSOA(e, *r, absent)
	case record.TXT:
		if quoted := slices.ContainsFunc(tokens, func(t token) bool { return t.quoted }); e.glued && !quoted {
			z.skip("TXT record", "it ends at a semicolon, which begins a comment outside quotes", e.line)
		}
	}
	return nil
}

// isProxied reports whether Cloudflare's tags say that the record is proxied or
// flattened: addresses of Cloudflare's are answered in its place.
func isProxied(comment string) bool {
	_, tags, ok := strings.Cut(comment, "cf_tags=")
	return ok && (strings.Contains(tags, "cf-proxied:true") || strings.Contains(tags, "cf-flatten-cname"))
}

// isSOA reads the SOA's TTL of absences. The repetition at the end of a zone
// transfer is skipped.
func (z *zoneText) isSOA(e entry, r Record, absent uint32) error {
	if r.Owner != z.zone.Apex {
		return &problem{line: e.line, text: fmt.Sprintf("an SOA record of another zone than %s; use one file per zone", z.zone.Apex)}
	}
	if !z.soa {
		z.soa, z.zone.TTL = true, min(r.TTL, absent)
	}
	return nil
}

// add adds a record to the zone. Addresses of external servers, which exports of
// Windows have, are skipped; any further record outside the zone is a mistake.
func (z *zoneText) add(r Record) error {
	if t := r.Data.Type; !r.Owner.In(z.zone.Apex) && (t == record.A || t == record.AAAA) {
		z.skip("address record", "it is outside the zone", r.Line)
		return nil
	} else if !r.Owner.In(z.zone.Apex) {
		return &problem{line: r.Line, text: fmt.Sprintf("a record outside zone %s", z.zone.Apex)}
	}
	z.zone.Records = append(z.zone.Records, r)
	return z.used.take()
}

func (z *zoneText) at(line int) Place { return Place{File: z.zone.File, Line: line} }

func (z *zoneText) skip(what, why string, line int) {
	z.skipped = addSkipped(z.skipped, Skipped{What: what, Why: why, Count: 1, File: z.zone.File, Line: line})
}

// directive reads a line that begins with $.
func (z *zoneText) directive(ctx context.Context, e entry) error {
	wrong := func(text string) error { return &problem{line: e.line, text: text} }
	name := strings.ToUpper(e.tokens[0].text)
	switch {
	case name == "$INCLUDE":
		return wrong(included)
	case name == "$GENERATE":
		return z.generate(ctx, e)
	case name != "$ORIGIN" && name != "$TTL":
		return wrong("only $ORIGIN, $TTL and $GENERATE may begin with a dollar sign")
	case len(e.tokens) != 2:
		return wrong(name + " needs one value")
	case name == "$TTL":
		ttl, ok := parseTTL(e.tokens[1].text)
		if !ok {
			return wrong("$TTL is not a number of seconds")
		}
		z.ttl, z.fixed = ttl, true
	default:
		n, err := z.name(e.tokens[1].text)
		if bare, e := record.ParseName(e.tokens[1].text); e == nil && bare == z.zone.Apex {
			n, err = bare, nil // its final dot was left out
		}
		if err != nil {
			return wrong("$ORIGIN is not a name: " + err.Error())
		}
		z.origin, z.written = record.Name(strings.Clone(string(n))), ""
	}
	return nil
}

// generate makes the records of a $GENERATE, BIND's loop over numbers.
func (z *zoneText) generate(ctx context.Context, e entry) error {
	line := joined(unquoted(e.tokens[1:]))
	if len(e.tokens) < 4 || len(line) > maxGenerate {
		return &problem{line: e.line, text: badGenerate}
	}
	if err := z.used.generate(steps(e.tokens[1].text)); err != nil {
		return fmt.Errorf("%s line %d: %w", untrusted.Line(z.zone.File), e.line, err)
	}
	p := dns.NewZoneParser(strings.NewReader("$GENERATE "+line+"\n"), z.origin.FQDN(), "")
	for x, ok := p.Next(); ok; x, ok = p.Next() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		rr, err := FromRR(x)
		if err != nil || x.Header().Class != dns.ClassINET {
			continue
		}
		size := 0
		for _, s := range rr.Data.Strings {
			size += s.Len()
		}
		if err := z.used.make(size); err != nil {
			return err
		}
		z.typed++
		if err := z.add(Record{RR: rr, Place: z.at(e.line)}); err != nil {
			return err
		}
	}
	if p.Err() != nil {
		return &problem{line: e.line, text: badGenerate}
	}
	return nil
}

// unquoted removes the quotes around data of several words, which BIND needs in a
// $GENERATE: those of an MX record, for example. The text of a TXT record keeps its
// quotes.
func unquoted(tokens []token) []token {
	last := len(tokens) - 1
	if last < 1 || !tokens[last].quoted || strings.ContainsAny(tokens[last].text, "\r\n;()\"") {
		return tokens
	}
	if t, ok := parseType(tokens[last-1].text); !ok || t == record.TXT || t == record.SPF {
		return tokens
	}
	tokens = slices.Clone(tokens)
	tokens[last].quoted = false
	return tokens
}

// steps is the number of values in the range of a $GENERATE, such as 1-100/2; 0
// if it is invalid.
func steps(s string) int {
	s, by, stepped := strings.Cut(s, "/")
	from, to, _ := strings.Cut(s, "-")
	first, err1 := strconv.ParseUint(from, 10, 32)
	last, err2 := strconv.ParseUint(to, 10, 32)
	step, err3 := strconv.ParseUint(by, 10, 32)
	if !stepped {
		step, err3 = 1, nil
	}
	if err1 != nil || err2 != nil || err3 != nil || step == 0 || last < first {
		return 0
	}
	return int((last-first)/step) + 1
}
