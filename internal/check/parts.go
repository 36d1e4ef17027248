package check

import (
	"slices"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/wanted"
)

// parts are the parts, in the order of the documentation.
var parts = []part{
	&domainPart,
	&verificationPart,
	&dkimPart,
	&ownKeyPart,
	&mailFromPart,
	&spfPart,
	&dmarcPart,
	&receivingPart,
	&trackingPart,
}

// examinations returns those of a domain: of the domain itself, which is the first,
// and of the parts for which the file asks for something.
func examinations(d *config.Domain) []examination {
	exams := make([]examination, 0, len(parts))
	for _, p := range parts {
		if e := p.of(d); e != nil {
			exams = append(exams, e)
		}
	}
	return exams
}

// Parts returns all parts in the order in which they are reported.
func Parts() []Table {
	var all []Table
	for _, e := range parts {
		all = append(all, e.table())
	}
	return append(all, sesPart, sharedPart)
}

// All returns every check in the order of the documentation.
func All() []*Check {
	var all []*Check
	for _, p := range Parts() {
		all = append(all, p.Checks...)
	}
	return all
}

// known finds checks by id.
var known = Register(Parts())

// IsPart reports whether checks are of a part.
func IsPart(name wanted.Part) bool {
	return name == sharedPart.Name || name == sesPart.Name || slices.ContainsFunc(parts, func(p part) bool { return p.table().Name == name })
}

// Lookup finds a check by its id.
func Lookup(id string) (*Check, bool) {
	c, ok := known[id]
	return c, ok
}

// sharedPart has the checks that belong to no single part: each stands in for
// the finding of one.
var sharedPart = Table{Name: wanted.Every, Checks: []*Check{NameDoubled, ValueGarbled, WildcardAnswer, DNSUnavailable, NameserversDisagree, NameserverLame, IgnoreExpired, IgnoreUnused, ZoneNotLive, RecordUnclaimed}}
