package ses

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/dkim"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/check/part/verification"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/wanted"
)

// Side is the part for the state in Amazon SES of one domain.
type Side struct {
	wants     []want
	listed    bool          // the output of AWS is about the domain, so identities that the file lacks are known
	redirects []record.Name // tracking domains of the file that are in configuration sets
	advised   bool          // SES's advisor has recommendations for the domain
}

// Table returns the part's name and checks.
func (s *Side) Table() finding.Table { return Table }

// Subjects returns nil: the file has no items for the part.
func (s *Side) Subjects() [][]string { return nil }

// Scopes returns the checks that SES's output allows.
func (s *Side) Scopes() (all []part.Scope) {
	for _, w := range s.wants {
		all = append(all, w.scope()...)
	}
	whole := beyondDNS(s.wants[0].domain.Name)
	if s.listed {
		all = append(all, part.Scope{Record: whole, Checks: []*finding.Check{IdentityUnlisted}})
	}
	for _, n := range s.redirects {
		all = append(all, part.Scope{Record: beyondDNS(n), Checks: []*finding.Check{TrackingHTTPS}})
	}
	if s.advised {
		all = append(all, part.Scope{Record: whole, Checks: []*finding.Check{Recommendation}})
	}
	return all
}

// Compare adds findings about the state in Amazon SES after all further parts are
// judged. It returns nil if there is no output of AWS and no plan deletes anything
// of the domain, or the domain does not exist.
func Compare(ctx context.Context, a part.Asker, d *config.Domain, acc *account.Account, now time.Time, v *part.Verdict) *Side {
	if acc == nil || v.ReplacesAll() || len(d.Identities) == 0 {
		return nil
	}
	wants, left := pair(d, acc)
	if acc.Empty() && !slices.ContainsFunc(wants, func(w want) bool { return len(w.scope()) > 0 }) {
		return nil
	}
	side := &Side{wants: wants, listed: len(left) > 0 || slices.ContainsFunc(wants, func(w want) bool { return w.said != nil || w.listed })}
	var all part.Verdict
	missing := false
	for _, w := range wants {
		seen := seenInDNS(v, w)
		seen.now = now
		observe(ctx, a, w, &seen)
		sharpen(v, w)
		ownToken(v, w)
		one := judge(w, seen)
		missing = missing || slices.ContainsFunc(one.Findings, func(f finding.Finding) bool { return f.Check == IdentityMissing })
		all.Join(one)
		for _, redirect := range redirectsOf(acc, w.identity) {
			if !slices.Contains(side.redirects, redirect.Domain) {
				side.redirects = append(side.redirects, redirect.Domain)
			}
			if f, found := judgeRedirect(w.identity, redirect); found {
				all.Add(f)
			}
		}
	}
	if !missing { // that finding names the regions of SES
		for _, f := range judgeUnlisted(d.Name, regionsLeft(d, acc, left), d.Place, true) {
			all.Add(f)
		}
	}
	if advice := acc.RecommendationsOn(d.Name); len(advice) > 0 {
		side.advised = true
		seen := seenInDNS(v, wants[0])
		for _, rec := range advice {
			if f, found := judgeRecommendation(d, rec, seen); found {
				all.Add(f)
			}
		}
	}
	all.Belongs(wanted.SES)
	v.Join(all)
	return side
}

// Unlooked reports whether the output of AWS lacks an identity of a domain, says only
// that it exists, or has a status that is not known.
func (s *Side) Unlooked(d *config.Domain) bool {
	if s == nil {
		return slices.ContainsFunc(d.Identities, func(id config.Identity) bool { return keyed(&id) })
	}
	return slices.ContainsFunc(s.wants, func(w want) bool { return keyed(w.identity) && !w.stated() && (!w.listed || w.there) })
}

// stated reports whether the output of AWS has more than the existence of the identity,
// and no status that is not known.
func (w want) stated() bool {
	s := w.said
	return s != nil && !s.Odd && (s.Verification != account.Unknown || s.DKIM != nil || s.MailFrom != nil || s.Token != "")
}

// redirectsOf are the configuration sets with the tracking domain of an identity.
func redirectsOf(acc *account.Account, id *config.Identity) []account.Redirect {
	if id.Tracking == nil {
		return nil
	}
	return acc.RedirectsAt(id.Tracking.Name.Value)
}

// ownToken hides that DNS has a legacy token which the file does not list, if SES says
// that it is the identity's own: the judge reports that.
func ownToken(v *part.Verdict, w want) {
	if w.said == nil || !mine(w.identity) || !w.tokenDiffers() {
		return
	}
	if _, deleted := w.deleted(); deleted {
		return
	}
	v.Findings = slices.DeleteFunc(v.Findings, func(f finding.Finding) bool {
		own := f.Check == verification.Unexpected && f.Subject == w.said.Token
		if own {
			v.Hide(f.Record, TokensDiffer, f.Check)
		}
		return own
	})
}

// sharpen adds the state in SES to findings about a MAIL FROM MX: that it refuses
// to send without the MX, or does not have the name.
func sharpen(v *part.Verdict, w want) {
	m := w.identity.MailFrom
	if m == nil || w.said == nil || w.said.MailFrom == nil {
		return
	}
	for i := range v.Findings {
		f := &v.Findings[i]
		if f.Part != wanted.MailFrom || f.Record.Name != m.Name.Value || f.Check.Denies != wanted.MailFrom || !f.Check.Ends {
			continue
		}
		if w.said.MailFrom.OnFailure == "reject" {
			f.Impact = mailfrom.ImpactOf(true)
		}
		if w.said.MailFrom.Name == "" {
			f.Notef("the name is not set in Amazon SES, so the next finding would be %s", MailFromUnset)
		}
	}
}

// regionsLeft are the regions in which SES has a domain and the file does not:
// those of identities, and of names on lists.
func regionsLeft(d *config.Domain, acc *account.Account, left []account.Identity) (regions []string) {
	for _, id := range left {
		regions = append(regions, id.Region)
	}
	for _, region := range acc.Regions(d.Name) {
		has := func(id config.Identity) bool {
			return id.Region.Value == region || id.Region.Value == "" || region == ""
		}
		if !slices.ContainsFunc(d.Identities, has) {
			regions = append(regions, region)
		}
	}
	regions = slices.DeleteFunc(regions, func(region string) bool { return acc.Deletes(d.Name, region) })
	slices.Sort(regions)
	return slices.Compact(regions)
}

// observe sends the queries that only this part needs: records of tokens that the
// file does not list, and the servers of the zone.
func observe(ctx context.Context, a part.Asker, w want, seen *seenParts) {
	s := w.said
	if s == nil || !mine(w.identity) {
		return
	}
	if k := w.identity.DKIM; w.signs() && s.DKIM != nil && !sameKeys(k, s.DKIM) {
		for _, t := range slices.Sorted(slices.Values(s.DKIM.Tokens)) {
			got := a.Own.Ask(ctx, record.Question{Name: ses.DKIMName(t, w.domain.Name), Type: record.CNAME})
			if got.Failure != nil {
				got = record.Answer{Question: got.Question, Status: record.NoData}
			}
			seen.tokens = append(seen.tokens, got)
		}
	}
	if w.tokenDiffers() {
		seen.token = a.Own.Ask(ctx, record.Question{Name: ses.VerificationName(w.domain.Name), Type: record.TXT})
	}
	if s.Looked.Server != "" {
		seen.zone = observeZone(ctx, a, w.domain.Name)
	}
}

// observeZone queries the servers of a domain's zone.
func observeZone(ctx context.Context, a part.Asker, domain record.Name) (z zoneSeen) {
	for n := domain; ; n = n.Parent() {
		z.soa = a.Own.Ask(ctx, record.Question{Name: n, Type: record.SOA})
		if z.soa.Status == record.Found {
			z.ns = a.Own.Ask(ctx, record.Question{Name: n, Type: record.NS})
			return z
		}
		if z.soa.Status == record.Unknown || n == domain.Registrable() || n == record.Root { // the user has no such zone
			return z
		}
	}
}

// seenInDNS collects the verdicts about an identity's records.
func seenInDNS(v *part.Verdict, w want) (seen seenParts) {
	d, id := w.domain, w.identity
	if len(id.Verification) > 0 {
		seen.verification = seenOf(v, nil, wanted.Verification)
	}
	if k := id.DKIM; k != nil && (len(k.Tokens) > 0 || k.Selector.Value != "" || k.Promised != nil) {
		names := []record.Name{d.Name.Child("_domainkey")} // for promises
		for _, t := range k.Tokens {
			names = append(names, ses.DKIMName(t.Value, d.Name))
		}
		if s := k.Selector.Value; s != "" {
			names = append(names, ses.DKIMName(s, d.Name))
		}
		seen.dkim = seenOf(v, names, wanted.DKIM, wanted.OwnKey)
	}
	if m := id.MailFrom; m != nil {
		seen.mailFrom = seenOf(v, []record.Name{m.Name.Value}, wanted.MailFrom)
	}
	if d.SPF != nil || id.MailFrom != nil {
		seen.spf = seenOf(v, nil, wanted.SPFRecord)
	}
	if d.DMARC != nil {
		seen.dmarc = seenOf(v, nil, wanted.DMARCRecord)
	}
	return seen
}

// seenOf collects the verdicts of parts at some names, or at all if nil. Mistakes
// in a key behind a right CNAME are Amazon's, and left out.
func seenOf(v *part.Verdict, names []record.Name, parts ...wanted.Part) (seen partSeen) {
	about := func(part wanted.Part, n record.Name) bool {
		return slices.Contains(parts, part) && (names == nil || slices.Contains(names, n))
	}
	amazons := func(c *finding.Check) bool { return c == dkim.KeyMissing || c == dkim.KeyPartial }
	for _, f := range v.Findings {
		if !about(f.Part, f.Record.Name) || amazons(f.Check) || f.Check.Severity < finding.Error && f.Check.Denies == "" {
			continue
		}
		if f.Status == finding.Inconclusive {
			seen.open = append(seen.open, part.Undecided{Answer: f.Rests[0], About: f.Record, Place: f.Place})
			continue
		}
		seen.wrong = append(seen.wrong, fmt.Sprintf("%s at %s", f.Check, f.Record.Name))
	}
	promised := slices.ContainsFunc(v.Promises, func(p finding.Promise) bool { return about(p.Part, p.Record.Name) })
	for _, u := range v.Undecided {
		switch {
		case !about(u.Part, u.About.Name) || !slices.ContainsFunc(u.Checks, func(c *finding.Check) bool { return !amazons(c) }):
		case u.Promised():
			promised = true
		default:
			seen.open = append(seen.open, u)
		}
	}
	switch {
	case len(seen.wrong) > 0:
		seen.state = wrongNow
	case len(seen.open) > 0:
		seen.state = openNow
	case promised:
		seen.state = promisedNow
	default:
		seen.state = rightNow
	}
	return seen
}

// Unlisted reports domains of SES that are not in the file.
func Unlisted(acc *account.Account, domains *part.Domains) (found []finding.Finding) {
	if acc.Empty() {
		return nil
	}
	regions, at := map[record.Name][]string{}, map[record.Name]config.Place{}
	add := func(n record.Name, region string, from account.Source) {
		if n == "" || domains.At(n) != nil || acc.Deletes(n, region) {
			return
		}
		if _, ok := at[n]; !ok {
			at[n] = config.Place{File: from.File, Line: from.Line}
		}
		if !slices.Contains(regions[n], region) {
			regions[n] = append(regions[n], region)
		}
	}
	for _, id := range acc.Identities {
		add(id.Name, id.Region, id.Source)
	}
	for _, l := range acc.Lists {
		for _, n := range l.Names {
			if region := l.Region; region != "" || len(regions[n]) == 0 {
				add(n, region, l.Source)
			}
		}
	}
	for n, all := range regions {
		slices.Sort(all)
		found = append(found, judgeUnlisted(n, all, at[n], false)...)
	}
	finding.Sort(found)
	return found
}
