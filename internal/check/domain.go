package check

import (
	"context"
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/wanted"
)

// The checks of this part.
var (
	DomainNotFound = &Check{
		ID: "domain-not-found", Severity: Error, Since: "1.0.0", Denies: wanted.Every, ReplacesAll: true, Absence: true, Ends: true,
		Title:   "The domain does not exist",
		Means:   "DNS answers NXDOMAIN for the registrable domain: it is not registered, has expired, or is misspelt in the file. All other findings of the domain would follow from this one and are left out.",
		Matters: "no mail can be sent or received; if the registration lapsed, somebody else can register the domain and send as you",
		Mend:    "Renew or register the domain, restore its delegation at the registrar, or correct the name in the file.",
		Sources: []string{"https://www.rfc-editor.org/rfc/rfc8020"},
	}
	RegionUnknown = &Check{
		ID: "region-unknown", Severity: Warning, Since: "1.0.0",
		Title:   "The region is not in the table",
		Means:   "The name has the shape of an AWS region, but it is none of those that Amazon SES is known to send from. Record names are still built from it and checked.",
		Matters: "if the region is misspelt, every record is checked against a host that does not exist",
		Mend:    "Correct the region. If AWS has opened it since this release, turn the check off or set dkim.signing_hosted_zone from the SES API.",
		Sources: []string{"https://docs.aws.amazon.com/general/latest/gr/ses.html"},
	}
)

// domainPart looks at the domain itself. It is always examined, and after all
// other parts: where any of them found anything, the domain exists and nothing
// need be asked.
var domainPart = partOf[domainWant, record.Answer]{
	name:    wanted.Domain,
	checks:  []*Check{DomainNotFound, RegionUnknown},
	wants:   wantDomain,
	scope:   scopeDomain,
	observe: observeDomain,
	judge:   judgeDomain,
	static:  staticDomain,
}

type domainWant struct {
	domain   *config.Domain
	question record.Question // whether it exists
	regions  []config.At[string]
}

func wantDomain(d *config.Domain) []domainWant {
	w := domainWant{domain: d, question: domainQuestion(d.Name)}
	for _, id := range d.Identities {
		if id.Region.Value != "" {
			w.regions = append(w.regions, id.Region)
		}
	}
	return []domainWant{w}
}

func scopeDomain(w domainWant) []scope {
	checks := []*Check{DomainNotFound, RegionUnknown}
	if len(w.regions) == 0 {
		checks = checks[:1]
	}
	return []scope{{record: w.question, checks: checks}}
}

func observeDomain(ctx context.Context, a asks, w domainWant) record.Answer {
	q := w.question
	for got := range a.own.answers {
		if exists(got, q.Name) {
			return record.Answer{Question: q, Status: record.Found}
		}
	}
	return a.own.Ask(ctx, q)
}

// exists reports whether an answer shows that a domain exists: there is
// something at a name in it.
func exists(a *record.Answer, domain record.Name) bool {
	return a.Question.Name.In(domain) && (a.Status == record.Found || a.Status == record.NoData || len(a.Chain) > 0)
}

func judgeDomain(w domainWant, seen record.Answer) (v verdict) {
	q := w.question
	switch seen.Status {
	case record.Unknown:
		v.unknown(seen, q, w.domain.Place, DomainNotFound)
	case record.NoName:
		f := Finding{
			Check:   DomainNotFound,
			Record:  q,
			Place:   w.domain.Place,
			Message: fmt.Sprintf("%s does not exist: DNS answers NXDOMAIN", q.Name),
			Cause:   "domain-not-found " + string(q.Name),
		}
		if q.Name != w.domain.Name {
			f.Message += fmt.Sprintf(", and so %s cannot exist either", w.domain.Name)
		}
		v.add(f, seen)
	}
	for _, f := range w.unknownRegions() {
		v.add(f)
	}
	return v
}

// unknownRegions finds the regions that the table does not have. That takes no
// DNS.
func (w domainWant) unknownRegions() (found []Finding) {
	for _, region := range w.regions {
		if _, known := ses.LookupRegion(region.Value); known {
			continue
		}
		f := Finding{
			Check:   RegionUnknown,
			Record:  w.question,
			Subject: region.Value,
			Place:   region.Place,
			Message: fmt.Sprintf("region %s is not known to send with Amazon SES (table of %s)", region.Value, ses.TableDate),
			Cause:   "region-unknown " + region.Value,
		}
		if strings.HasPrefix(region.Value, "cn-") {
			f.Message = fmt.Sprintf("region %s has no Amazon SES: AWS does not offer it in China", region.Value)
		} else if near := ses.NearestRegion(region.Value); near != "" {
			f.note("did you mean %s?", near)
		}
		found = append(found, f)
	}
	return found
}

func staticDomain(d *config.Domain) (found []Finding) {
	for _, w := range wantDomain(d) {
		found = append(found, w.unknownRegions()...)
	}
	return found
}
