// Package verification checks the TXT records of legacy domain verification,
// which SES used before DKIM.
package verification

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/wanted"
)

// The checks of this part.
var (
	Missing = &finding.Check{
		ID: "verification-missing", Severity: finding.Error, Since: "1.0.0", SES: true, Denies: wanted.Verification, Missing: true, Clock: true, Absence: true, Ends: true,
		Title:   "The verification TXT record is missing",
		Means:   "There is no token of Amazon SES: no TXT record at _amazonses.<domain>, and none at the domain itself, where SES also accepts it.",
		Matters: "an identity that was verified with this record loses its verification: SES sends a warning, and after 72 hours it refuses to send from the domain",
		Fix:     "Publish the record. If the identity is verified through DKIM and needs no TXT, remove `verification` from the file.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html"},
	}
	Mismatch = &finding.Check{
		ID: "verification-mismatch", Severity: finding.Error, Since: "1.0.0", ReplacedBy: part.ValueGarbled, SES: true, Denies: wanted.Verification, Clock: true, Listed: true,
		Title:   "An expected verification token is not published",
		Means:   "There are TXT records for SES, but a token that the file lists is not among them. Each region and account has its own token, and all of them are TXT records at the same name.",
		Matters: "the identity that the token belongs to loses its verification after 72 hours; other identities are not affected",
		Fix:     "Add the token as one more TXT record; do not replace the tokens of other regions.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-verification.html"},
	}
	Unexpected = &finding.Check{
		ID: "verification-unexpected", Severity: finding.Note, Since: "1.0.0", SES: true,
		Title:   "A verification token is published that the file does not list",
		Means:   "A TXT record has the token of an identity that is not in the file: in another region or account, or deleted.",
		Matters: "the owner of that identity may send as your domain through SES",
		Fix:     "List the token in the file, or delete the record if nobody needs it.",
	}
)

// Part checks the legacy TXT tokens, if the file lists any: SES verifies new
// identities through DKIM.
var Part = part.Of[want, seen]{
	Name:    wanted.Verification,
	Checks:  checks,
	Wants:   wants,
	Scope:   scope,
	Items:   func(w want) []string { return part.ValuesOf(w.tokens) },
	Observe: observe,
	Judge:   judge,
	Show:    show,
}

type want struct {
	domain record.Name
	place  config.Place
	tokens []config.At[string]
}

func (w want) record() record.Question {
	return record.Question{Name: ses.VerificationName(w.domain), Type: record.TXT}
}

type seen struct {
	under record.Answer          // TXT at _amazonses.<domain>
	apex  record.Answer          // TXT at the domain
	homes map[string]record.Name // the domains of the file that list published tokens which this one does not
	// Queried only without any token:
	doubled []record.Answer
	strays  []record.Answer // at misspelt names
	claimed bool            // another domain of the file lists one of the tokens
}

func wants(d *config.Domain) []want {
	w := want{domain: d.Name, place: d.Place}
	for _, id := range d.Identities {
		w.tokens = append(w.tokens, id.Verification...)
	}
	if len(w.tokens) == 0 && !d.Open {
		return nil
	}
	return []want{w}
}

var checks = []*finding.Check{Missing, Mismatch, Unexpected}

func scope(w want) []part.Scope {
	if len(w.tokens) == 0 {
		return nil
	}
	return []part.Scope{{Record: w.record(), Checks: checks}}
}

func observe(ctx context.Context, a part.Asker, w want) seen {
	got := a.All(ctx, w.record(), record.Question{Name: w.domain, Type: record.TXT})
	s := seen{under: got[0], apex: got[1]}
	if len(w.tokens) > 0 && s.under.Absent() && s.apex.Status != record.Unknown && len(s.live(w)) == 0 {
		s.doubled = a.Doubled(ctx, w.record(), w.domain)
		s.strays = a.Explicit(ctx, w.strays()...)
		s.claimed = w.claimed(a.Domains)
	}
	s.homes = w.homes(a.Domains, s.live(w))
	return s
}

// claimed reports whether another domain of the file lists one of the tokens.
func (w want) claimed(domains *part.Domains) bool {
	return slices.ContainsFunc(w.tokens, func(t config.At[string]) bool { return part.Others(domains.Verifying(t.Value), w.domain) })
}

// homes finds the domains that list published tokens which this one does not.
func (w want) homes(domains *part.Domains, live []published) map[string]record.Name {
	all := map[string]record.Name{}
	for _, p := range live {
		if home := domains.Verifying(p.token); len(w.tokens) > 0 && len(home) > 0 && !w.lists(p.token) {
			all[p.token] = slices.Min(home)
		}
	}
	return all
}

// strays are the queries for the token at names where people publish it by mistake.
func (w want) strays() (qs []record.Question) {
	for _, n := range part.StrayTokens(w.domain) {
		qs = append(qs, record.Question{Name: n, Type: record.TXT})
	}
	return qs
}

// published is a TXT record that may be a token, and its name.
type published struct {
	at     record.Answer
	record record.Record
	token  string // without the prefix
}

func (p published) String() string {
	return fmt.Sprintf("%.80s at %s", p.record.Text(), p.at.Question.Name)
}

// live returns the published tokens: all TXT records at _amazonses and, of the
// domain's own, those with the prefix and the expected ones.
func (s seen) live(w want) (all []published) {
	for _, a := range []record.Answer{s.under, s.apex} {
		for _, r := range a.Records {
			token, prefixed := strings.CutPrefix(r.Text().Raw(), ses.VerificationPrefix)
			if a.Question == s.under.Question || prefixed || w.lists(token) {
				all = append(all, published{a, r, token})
			}
		}
	}
	return all
}

// lists reports whether text is a token of the file, also a garbled one.
func (w want) lists(text string) bool {
	return slices.ContainsFunc(w.tokens, func(want config.At[string]) bool { return part.Garbling(want.Value, text) != part.Differs })
}

func judge(w want, s seen) (v part.Verdict) {
	if len(w.tokens) == 0 { // inspect only shows the records
		if s.under.Status == record.Unknown {
			v.Unknown(s.under, w.record(), w.place)
		}
		return v
	}
	live := s.live(w)
	var absent []config.At[string]
	for _, want := range w.tokens {
		if !slices.ContainsFunc(live, func(p published) bool { return p.token == want.Value }) {
			absent = append(absent, want)
		}
	}
	open := checks
	if len(absent) == 0 {
		open = open[2:]
	}
	for _, a := range []record.Answer{s.under, s.apex} {
		if a.Status == record.Unknown {
			v.Unknown(a, w.record(), w.tokens[0].Place, open...)
		}
	}
	switch {
	case len(absent) > 0 && len(v.Undecided) > 0:
	case s.under.Absent() && len(live) == 0:
		w.missing(&v, s)
	default:
		w.mismatch(&v, s, absent, live)
	}
	w.unexpected(&v, live, s.homes)
	return v
}

// missing reports that there is no token, or that it is at a doubled name.
func (w want) missing(v *part.Verdict, s seen) {
	f := finding.Finding{
		Check:    Missing,
		Record:   w.record(),
		Place:    w.tokens[0].Place,
		Message:  fmt.Sprintf("no Amazon SES verification token: no TXT record at %s, and none for SES at %s itself", w.record().Name, w.domain),
		SESError: ses.Absence(s.under),
	}
	for _, t := range w.tokens {
		f.Expected = append(f.Expected, part.Quoted(t.Value))
		f.Publish = append(f.Publish, finding.ToPublish(w.record().Name, record.NewTXT(t.Value)))
	}
	expected := func(a record.Answer) bool {
		return slices.ContainsFunc(a.Records, func(r record.Record) bool { return w.lists(r.Text().Raw()) })
	}
	within := record.Root // a token belongs to one identity
	if s.claimed {
		within = w.domain
	}
	v.Astray(&f, s.strays, within, expected)
	if at := v.MissingOrDoubled(f, s.doubled, expected, s.under, s.apex); at != nil {
		at.Publish = f.Publish // the tokens there may be garbled, or not all
	}
}

// mismatch reports expected tokens that are not published.
func (w want) mismatch(v *part.Verdict, s seen, absent []config.At[string], live []published) {
	replaced := map[string]bool{}
	for _, want := range absent {
		f := finding.Finding{
			Check:    Mismatch,
			Record:   w.record(),
			Subject:  want.Value,
			Place:    want.Place,
			Message:  fmt.Sprintf("token %s is not published; there is %s", part.Quoted(want.Value), listed(live)),
			Expected: []string{part.Quoted(want.Value)},
			Actual:   recordsOf(live),
			Publish:  []record.RR{finding.ToPublish(w.record().Name, record.NewTXT(want.Value))},
			SESError: ses.InvalidValue,
		}
		for _, p := range live {
			if how := part.Garbling(want.Value, p.record.Text().Raw()); how != part.Differs && how != part.Same {
				f.Check = part.ValueGarbled
				f.Actual = []string{p.record.String()}
				f.Publish = []record.RR{finding.ToPublish(p.at.Question.Name, record.NewTXT(want.Value))}
				f.Drop = nil
				one := string(p.at.Question.Name) + " " + p.record.String()
				if !replaced[one] { // it may hold several tokens
					f.Drop = finding.LiveRecords(p.at, p.record)
				}
				replaced[one] = true
				f.Message = fmt.Sprintf("token %s is published %s: %s", part.Quoted(want.Value), how, p)
			}
		}
		v.Add(f, s.under, s.apex)
	}
}

// unexpected reports tokens that the file does not list. Garbled tokens of the
// file and texts that cannot be tokens are left out.
func (w want) unexpected(v *part.Verdict, live []published, homes map[string]record.Name) {
	unlisted := slices.DeleteFunc(slices.Clone(live), func(p published) bool {
		return w.lists(p.token) || !isToken(p.token)
	})
	slices.SortStableFunc(unlisted, func(a, b published) int { return strings.Compare(a.token, b.token) })
	for i, p := range unlisted[:min(len(unlisted), finding.MaxAlike)] {
		f := finding.Finding{
			Check:   Unexpected,
			Record:  w.record(),
			Subject: p.token,
			Place:   w.tokens[0].Place,
			Message: fmt.Sprintf("token %s is published but not listed in the file", p),
			Actual:  []string{p.record.String()},
		}
		if home := homes[p.token]; home != "" {
			f.Message = fmt.Sprintf("token %s is that of %s in the file, and does nothing here", p, home)
			f.Impact = fmt.Sprintf("the token verifies %s, not %s", home, w.domain)
			f.Advice = fmt.Sprintf("Publish it at %s, if it is not there, and delete it at %s.", ses.VerificationName(home), p.at.Question.Name)
		}
		if more := len(unlisted) - finding.MaxAlike; i == finding.MaxAlike-1 && more > 0 {
			f.Notef("%d more tokens are published and not listed", more)
		}
		v.Add(f, p.at)
	}
}

// isToken reports whether text has only characters of base64, as tokens do. AWS
// promises no length.
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '+' && c != '/' && c != '='
	})
}

func recordsOf(live []published) (all []string) {
	for _, p := range live {
		all = append(all, p.record.String())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// listed joins published tokens for a message, cut to a readable length.
func listed(live []published) string {
	var parts []string
	for _, p := range live {
		parts = append(parts, p.String())
	}
	return strings.Join(shorten.Items(parts, 3), ", ")
}

func show(w want, s seen, p *snapshot.Snapshot) {
	for _, a := range []record.Answer{s.under, s.apex} {
		one := snapshot.Verification{Name: a.Question.Name, State: snapshot.StateOf(a)}
		for _, r := range a.Records {
			token, prefixed := strings.CutPrefix(r.Text().Raw(), ses.VerificationPrefix)
			switch here := a.Question == s.under.Question; {
			case isToken(token) && (here || prefixed || w.lists(token)):
				one.Tokens = append(one.Tokens, r.Text().String())
			case here:
				one.Others++
			}
		}
		if one.State == snapshot.Right && len(one.Tokens) == 0 {
			one.State = snapshot.Missing
		}
		slices.Sort(one.Tokens)
		p.Verification = append(p.Verification, one)
	}
}
