package source

import (
	"strings"

	"github.com/miekg/dns"

	"github.com/sescheck/sescheck/internal/record"
)

// nameless is why a file with relative names is not read if its zone is unknown.
const nameless = "it does not say which zone it is: begin it with $ORIGIN and the zone's name, such as $ORIGIN example.com."

// survey finds the zone of a file: the owner of its SOA record; if that is
// relative or missing, the file's name, its first $ORIGIN, or its heading.
// dotless reports that the SOA's owner lacks its final dot, as in exports of
// Cloudflare.
func survey(path, text string) (apex record.Name, dotless bool, wrong *problem) {
	s := surveyor{named: fileZone(path), heading: headingZone(text)}
	l := newLexer(text)
	above := ""
	for {
		e, err := l.next()
		if err != nil {
			break
		}
		if isDirective(e) {
			if strings.ToUpper(e.tokens[0].text) == "$INCLUDE" {
				return "", false, &problem{line: e.line, text: included}
			}
			s.directive(e)
			continue
		}
		h, ok := e.head()
		if !ok {
			continue
		}
		if !e.blank {
			above = h.owner
		}
		if t, known := parseType(h.word); known && t == record.SOA && !h.alien {
			apex, dotless = s.ownerOfSOA(above)
			break
		}
	}
	if apex == "" {
		apex = s.base()
	}
	switch {
	case apex != "":
		return apex, dotless, nil
	case !looksLikeZone(text):
		return "", false, &problem{text: notZone}
	}
	return "", false, &problem{text: nameless}
}

// surveyor collects hints at a file's zone.
type surveyor struct {
	named, heading record.Name
	first, origin  record.Name // the first and the last $ORIGIN
}

// base is the zone, as far as it is known without an SOA.
func (s *surveyor) base() record.Name {
	agrees := func(n record.Name) bool { return n == "" || n.In(s.named) || s.named.In(n) }
	switch {
	case s.named != "" && agrees(s.first) && agrees(s.heading):
		return s.named
	case s.first != "":
		return s.first
	}
	return s.heading
}

func (s *surveyor) directive(e entry) {
	if strings.ToUpper(e.tokens[0].text) != "$ORIGIN" || len(e.tokens) < 2 {
		return
	}
	n, _ := s.absolute(e.tokens[1].text)
	if n == "" {
		return
	}
	if s.origin = n; s.first == "" && n != record.Root {
		s.first = n
	}
}

// absolute is the name that s means, and whether it lacks its final dot
// all the same.
func (s *surveyor) absolute(text string) (n record.Name, dotless bool) {
	base := s.origin
	if base == "" {
		base = s.base()
	}
	n, err := record.ParseName(text)
	switch {
	case err != nil:
		return "", false
	case dns.IsFqdn(text):
		return n, false
	case base == "" && n.Labels() > 1, n == base:
		return n, true
	case base == "":
		return "", false
	}
	if n, err = record.ParseName(text + "." + strings.TrimPrefix(base.FQDN(), ".")); err != nil {
		return "", false
	}
	return n, false
}

// ownerOfSOA is the zone that the owner of an SOA record is. Without a $ORIGIN
// before it, more than one label is a whole name.
func (s *surveyor) ownerOfSOA(written string) (apex record.Name, dotless bool) {
	switch {
	case written == "@" && (s.origin == "" || s.origin == record.Root): // Cloudflare's was of the root until about 2021
		return s.base(), false
	case written == "@":
		return s.origin, false
	}
	if n, err := record.ParseName(written); err == nil && s.origin == "" && !dns.IsFqdn(written) && n.Labels() > 1 {
		return n, true
	}
	return s.absolute(written)
}
