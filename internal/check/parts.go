package check

import (
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/dkim"
	"github.com/sescheck/sescheck/internal/check/part/dmarc"
	"github.com/sescheck/sescheck/internal/check/part/domain"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/check/part/receivers"
	"github.com/sescheck/sescheck/internal/check/part/receiving"
	"github.com/sescheck/sescheck/internal/check/part/ses"
	"github.com/sescheck/sescheck/internal/check/part/spf"
	"github.com/sescheck/sescheck/internal/check/part/tracking"
	"github.com/sescheck/sescheck/internal/check/part/verification"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/wanted"
)

// parts are the parts, in the order of the documentation.
var parts = []part.Part{
	&domain.Part,
	&verification.Part,
	&dkim.EasyPart,
	&dkim.OwnKeyPart,
	&mailfrom.Part,
	&spf.Part,
	&dmarc.Part,
	&receiving.Part,
	&tracking.Part,
	&receivers.Part,
}

// examinations are those of a domain: first the domain itself, then the parts for
// which the file asks for something.
func examinations(d *config.Domain) []part.Examination {
	exams := make([]part.Examination, 0, len(parts))
	for _, p := range parts {
		if e := p.Of(d); e != nil {
			exams = append(exams, e)
		}
	}
	return exams
}

// Parts returns all parts in the order in which they are reported.
func Parts() []finding.Table {
	var all []finding.Table
	for _, e := range parts {
		all = append(all, e.Table())
	}
	return append(all, ses.Table, sharedPart)
}

// All returns every check in the order of the documentation.
func All() []*finding.Check {
	var all []*finding.Check
	for _, p := range Parts() {
		all = append(all, p.Checks...)
	}
	return all
}

// known finds checks by id.
var known = finding.Register(Parts())

// IsPart reports whether there is a part of that name.
func IsPart(name wanted.Part) bool {
	return name == sharedPart.Name || name == ses.Table.Name || slices.ContainsFunc(parts, func(p part.Part) bool { return p.Table().Name == name })
}

// Lookup finds a check by its id.
func Lookup(id string) (*finding.Check, bool) {
	c, ok := known[id]
	return c, ok
}

// sharedPart has the checks of no single part: each replaces a finding of one.
var sharedPart = finding.Table{Name: wanted.Every, Checks: []*finding.Check{part.NameDoubled, part.ValueGarbled, WildcardAnswer, DNSUnavailable, NameserversDisagree, NameserverLame, IgnoreExpired, IgnoreUnused, ZoneNotLive, RecordUnclaimed}}
