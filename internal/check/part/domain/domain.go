// Package domain checks that the domain exists, and its regions.
package domain

import (
	"context"
	"fmt"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/wanted"
)

// The checks of this part.
var (
	NotFound = &finding.Check{
		ID: "domain-not-found", Severity: finding.Error, Since: "1.0.0", Denies: wanted.Every, ReplacesAll: true, Absence: true, Ends: true,
		Title:   "The domain does not exist",
		Means:   "DNS answers NXDOMAIN (no such name): the domain is not registered, has expired, or has a typo in the file. All other findings of the domain would follow from this one, so they are left out.",
		Matters: "no mail can be sent or received; if the registration has expired, somebody else can register the domain and send as you",
		Fix:     "Renew or register the domain, restore its delegation at the registrar, or correct the name in the file.",
		Sources: []string{"https://www.rfc-editor.org/rfc/rfc8020"},
	}
	RegionUnknown = &finding.Check{
		ID: "region-unknown", Severity: finding.Warning, Since: "1.0.0",
		Title:   "The region is not known",
		Means:   "The name looks like an AWS region, but Amazon SES is not known to send from it. sescheck still builds the record names from it and checks them.",
		Matters: "if the region is misspelt, every record is checked against a host that does not exist",
		Fix:     "Correct the region. If AWS has opened it since this release, turn the check off or set dkim.signing_hosted_zone from the SES API.",
		Sources: []string{"https://docs.aws.amazon.com/general/latest/gr/ses.html"},
	}
)

// Part checks the domain itself, after all further parts: if one of them found a
// record, the domain exists, and no query is needed.
var Part = part.Of[want, record.Answer]{
	Name:    wanted.Domain,
	Checks:  []*finding.Check{NotFound, RegionUnknown},
	Wants:   wants,
	Scope:   scope,
	Observe: observe,
	Judge:   judge,
	Static:  static,
}

type want struct {
	domain   *config.Domain
	question record.Question // for whether it exists
	regions  []config.At[string]
}

func wants(d *config.Domain) []want {
	w := want{domain: d, question: part.DomainQuestion(d.Name)}
	for _, id := range d.Identities {
		if id.Region.Value != "" {
			w.regions = append(w.regions, id.Region)
		}
	}
	return []want{w}
}

func scope(w want) []part.Scope {
	checks := []*finding.Check{NotFound, RegionUnknown}
	if len(w.regions) == 0 {
		checks = checks[:1]
	}
	return []part.Scope{{Record: w.question, Checks: checks}}
}

func observe(ctx context.Context, a part.Asker, w want) record.Answer {
	q := w.question
	for got := range a.Own.Answers {
		if exists(got, q.Name) {
			return record.Answer{Question: q, Status: record.Found}
		}
	}
	return a.Own.Ask(ctx, q)
}

// exists reports whether an answer shows that a domain exists: there is a record
// at a name in it.
func exists(a *record.Answer, domain record.Name) bool {
	return a.Question.Name.In(domain) && (a.Status == record.Found || a.Status == record.NoData || len(a.Chain) > 0)
}

func judge(w want, seen record.Answer) (v part.Verdict) {
	q := w.question
	switch seen.Status {
	case record.Unknown:
		v.Unknown(seen, q, w.domain.Place, NotFound)
	case record.NoName:
		f := finding.Finding{
			Check:   NotFound,
			Record:  q,
			Place:   w.domain.Place,
			Message: fmt.Sprintf("%s does not exist: DNS answers NXDOMAIN", q.Name),
			Cause:   "domain-not-found " + string(q.Name),
		}
		if q.Name != w.domain.Name {
			f.Message += fmt.Sprintf(", and so %s cannot exist either", w.domain.Name)
		}
		v.Add(f, seen)
	}
	for _, f := range w.unknownRegions() {
		v.Add(f)
	}
	return v
}

// unknownRegions finds regions that are not in the table, without DNS.
func (w want) unknownRegions() (found []finding.Finding) {
	for _, region := range w.regions {
		if _, known := ses.LookupRegion(region.Value); known {
			continue
		}
		f := finding.Finding{
			Check:   RegionUnknown,
			Record:  w.question,
			Subject: region.Value,
			Place:   region.Place,
			Message: fmt.Sprintf("Amazon SES is not known to send from region %s (as of %s)", region.Value, ses.TableDate),
			Cause:   "region-unknown " + region.Value,
		}
		if strings.HasPrefix(region.Value, "cn-") {
			f.Message = fmt.Sprintf("Amazon SES is not available in region %s: AWS does not offer it in China", region.Value)
		} else if near := ses.NearestRegion(region.Value); near != "" {
			f.Notef("did you mean %s?", near)
		}
		found = append(found, f)
	}
	return found
}

func static(d *config.Domain) (found []finding.Finding) {
	for _, w := range wants(d) {
		found = append(found, w.unknownRegions()...)
	}
	return found
}
