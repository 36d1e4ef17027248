package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/wanted"
)

// The checks of this part.
var (
	VerificationMissing = &Check{
		ID: "verification-missing", Severity: Error, Since: "1.0.0", SES: true, Denies: wanted.Verification, Lost: true, Clock: true, Absence: true, Ends: true,
		Title:   "The verification TXT record is missing",
		Means:   "There is no Amazon SES token: no TXT at _amazonses.<domain>, and none in the permitted form at the domain itself.",
		Matters: "an identity that was verified by this record loses its verification: SES sends a warning, and after 72 hours it refuses to send from the domain",
		Mend:    "Publish the record. If the identity is verified through DKIM and needs no TXT, take `verification` out of the file.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html"},
	}
	VerificationMismatch = &Check{
		ID: "verification-mismatch", Severity: Error, Since: "1.0.0", ReplacedBy: ValueGarbled, SES: true, Denies: wanted.Verification, Clock: true, Listed: true,
		Title:   "An expected verification token is not published",
		Means:   "There are TXT records for SES, but a token that the file lists is not among them. Every region and account has a token of its own, and all of them stand side by side at one name.",
		Matters: "the identity that the token belongs to loses its verification after 72 hours; others are not affected",
		Mend:    "Add the token as one more TXT record; do not replace those of other regions.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-verification.html"},
	}
	VerificationUnexpected = &Check{
		ID: "verification-unexpected", Severity: Note, Since: "1.0.0", SES: true,
		Title:   "A verification token is published that the file does not list",
		Means:   "A TXT record holds a token of some identity that the file does not know: another region or account, or one that was deleted.",
		Matters: "whoever owns that identity may send as your domain through SES",
		Mend:    "List the token in the file, or delete the record if nobody claims it.",
	}
)

// verificationPart looks for the legacy TXT tokens. It is examined only where
// the file lists tokens: SES verifies new identities through DKIM.
var verificationPart = partOf[verificationWant, verificationSeen]{
	name:    wanted.Verification,
	checks:  []*Check{VerificationMissing, VerificationMismatch, VerificationUnexpected},
	wants:   wantVerification,
	scope:   scopeVerification,
	items:   func(w verificationWant) []string { return valuesOf(w.tokens) },
	observe: observeVerification,
	judge:   judgeVerification,
	show:    showVerification,
}

type verificationWant struct {
	domain record.Name
	place  config.Place
	tokens []config.At[string]
}

func (w verificationWant) record() record.Question {
	return record.Question{Name: ses.VerificationName(w.domain), Type: record.TXT}
}

type verificationSeen struct {
	under record.Answer // TXT at _amazonses.<domain>
	apex  record.Answer // TXT at the domain
	// Asked only where there is no token at all:
	doubled []record.Answer
	strays  []record.Answer // under names that may have been typed in its place
}

func wantVerification(d *config.Domain) []verificationWant {
	w := verificationWant{domain: d.Name, place: d.Place}
	for _, id := range d.Identities {
		w.tokens = append(w.tokens, id.Verification...)
	}
	if len(w.tokens) == 0 && !d.Open {
		return nil
	}
	return []verificationWant{w}
}

var verificationChecks = []*Check{VerificationMissing, VerificationMismatch, VerificationUnexpected}

func scopeVerification(w verificationWant) []scope {
	if len(w.tokens) == 0 {
		return nil
	}
	return []scope{{record: w.record(), checks: verificationChecks}}
}

func observeVerification(ctx context.Context, a asks, w verificationWant) verificationSeen {
	got := a.all(ctx, w.record(), record.Question{Name: w.domain, Type: record.TXT})
	s := verificationSeen{under: got[0], apex: got[1]}
	if len(w.tokens) > 0 && s.under.Absent() && s.apex.Status != record.Unknown && len(s.live(w)) == 0 {
		s.doubled = a.doubled(ctx, w.record(), w.domain)
		s.strays = a.all(ctx, w.strayNames()...)
	}
	return s
}

// strayNames are where the token is entered by mistake: at the domains above, and
// without the underscore.
func (w verificationWant) strayNames() []record.Question {
	qs := []record.Question{{Name: w.domain.Child("amazonses"), Type: record.TXT}}
	top := w.domain.Registrable()
	for n := w.domain; n != top; {
		n = n.Parent()
		qs = append(qs, record.Question{Name: ses.VerificationName(n), Type: record.TXT})
	}
	return qs
}

// published is a TXT record that may hold a token, and where it stands.
type published struct {
	at     record.Answer
	record record.Record
	token  string // without the prefix
}

func (p published) String() string {
	return fmt.Sprintf("%.80s at %s", p.record.Text(), p.at.Question.Name)
}

// live returns what is published: all TXT records under _amazonses and, of the
// domain's own, those with the prefix and those that the file expects.
func (s verificationSeen) live(w verificationWant) (all []published) {
	for _, a := range []record.Answer{s.under, s.apex} {
		for _, r := range a.Records {
			text := r.Text().Raw()
			token, prefixed := strings.CutPrefix(text, ses.VerificationPrefix)
			if a.Question == s.under.Question || prefixed || w.lists(text) || w.lists(token) {
				all = append(all, published{a, r, token})
			}
		}
	}
	return all
}

// lists reports whether text is a token of the file, perhaps garbled.
func (w verificationWant) lists(text string) bool {
	return slices.ContainsFunc(w.tokens, func(want config.At[string]) bool { return garbling(want.Value, text) != differs })
}

func judgeVerification(w verificationWant, s verificationSeen) (v verdict) {
	if len(w.tokens) == 0 { // what stands there is shown, and that is all
		if s.under.Status == record.Unknown {
			v.unknown(s.under, w.record(), w.place)
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
	open := verificationChecks
	if len(absent) == 0 {
		open = open[2:]
	}
	for _, a := range []record.Answer{s.under, s.apex} {
		if a.Status == record.Unknown {
			v.unknown(a, w.record(), w.tokens[0].Place, open...)
		}
	}
	switch {
	case len(absent) > 0 && len(v.undecided) > 0:
	case s.under.Absent() && len(live) == 0:
		w.missing(&v, s)
	default:
		w.mismatch(&v, s, absent, live)
	}
	w.unexpected(&v, live)
	return v
}

// missing reports that there is no token anywhere, or that it stands under a
// doubled name.
func (w verificationWant) missing(v *verdict, s verificationSeen) {
	f := Finding{
		Check:    VerificationMissing,
		Record:   w.record(),
		Place:    w.tokens[0].Place,
		Message:  fmt.Sprintf("no Amazon SES verification token: no TXT record at %s, and none for SES at %s itself", w.record().Name, w.domain),
		SESError: ses.Absence(s.under),
	}
	for _, t := range w.tokens {
		f.Expected = append(f.Expected, quoted(t.Value))
		f.fix = append(f.fix, toPublish(w.record().Name, record.NewTXT(t.Value)))
	}
	expected := func(a record.Answer) bool {
		return slices.ContainsFunc(a.Records, func(r record.Record) bool { return w.lists(r.Text().Raw()) })
	}
	v.astray(&f, s.strays, expected)
	v.missingOrDoubled(f, s.doubled, expected, s.under, s.apex)
}

// mismatch reports the expected tokens that are not among those published.
func (w verificationWant) mismatch(v *verdict, s verificationSeen, absent []config.At[string], live []published) {
	for _, want := range absent {
		f := Finding{
			Check:    VerificationMismatch,
			Record:   w.record(),
			Subject:  want.Value,
			Place:    want.Place,
			Message:  fmt.Sprintf("token %s is not published; there is %s", quoted(want.Value), listed(live)),
			Expected: []string{quoted(want.Value)},
			Actual:   recordsOf(live),
			fix:      []record.RR{toPublish(w.record().Name, record.NewTXT(want.Value))},
			SESError: ses.InvalidValue,
		}
		for _, p := range live {
			if how := garbling(want.Value, p.record.Text().Raw()); how != differs && how != same {
				f.Check = ValueGarbled
				f.Actual = []string{p.record.String()}
				f.fix = []record.RR{toPublish(p.at.Question.Name, record.NewTXT(want.Value))}
				f.drop = liveRecords(p.at, p.record)
				f.Message = fmt.Sprintf("token %s is published %s: %s", quoted(want.Value), how, p)
			}
		}
		v.add(f, s.under, s.apex)
	}
}

// unexpected reports tokens that the file does not list. What is a listed token
// garbled is not also unexpected, and neither is text that can be no token.
func (w verificationWant) unexpected(v *verdict, live []published) {
	unlisted := slices.DeleteFunc(slices.Clone(live), func(p published) bool {
		return w.lists(p.record.Text().Raw()) || w.lists(p.token) || !isToken(p.token)
	})
	slices.SortStableFunc(unlisted, func(a, b published) int { return strings.Compare(a.token, b.token) })
	for i, p := range unlisted[:min(len(unlisted), maxAlike)] {
		f := Finding{
			Check:   VerificationUnexpected,
			Record:  w.record(),
			Subject: p.token,
			Place:   w.tokens[0].Place,
			Message: fmt.Sprintf("token %s is published but not listed in the file", p),
			Actual:  []string{p.record.String()},
		}
		if more := len(unlisted) - maxAlike; i == maxAlike-1 && more > 0 {
			f.note("%d more tokens are published and not listed", more)
		}
		v.add(f, p.at)
	}
}

// isToken reports whether text has only characters that a token has: those of
// base64. AWS promises no length.
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

// listed names what is published, cut to a length that can be read.
func listed(live []published) string {
	var parts []string
	for _, p := range live {
		parts = append(parts, p.String())
	}
	return strings.Join(shorten.Items(parts, 3), ", ")
}

func showVerification(w verificationWant, s verificationSeen, p *Snapshot) {
	for _, a := range []record.Answer{s.under, s.apex} {
		one := VerificationSnapshot{Name: a.Question.Name, State: stateOf(a)}
		for _, r := range a.Records {
			token, prefixed := strings.CutPrefix(r.Text().Raw(), ses.VerificationPrefix)
			switch here := a.Question == s.under.Question; {
			case isToken(token) && (here || prefixed || w.lists(token)):
				one.Tokens = append(one.Tokens, r.Text().String())
			case here:
				one.Others++
			}
		}
		if one.State == Right && len(one.Tokens) == 0 {
			one.State = Missing
		}
		slices.Sort(one.Tokens)
		p.Verification = append(p.Verification, one)
	}
}
