package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

const rfc9989 = "https://www.rfc-editor.org/rfc/rfc9989"

// dmarcPart looks for the DMARC policy that takes effect for the domain.
var dmarcPart = aspect[dmarcWant, dmarcSeen]{
	Part: Part{"dmarc", []Check{
		{
			ID: "dmarc-missing", Severity: Error, Since: "1.0.0", Absence: true, Ends: true,
			Title:   "No DMARC policy applies to the domain",
			Means:   "There is no DMARC record at _dmarc.<domain>, nor at any name above it that RFC 9989's tree walk looks at.",
			Matters: "receivers have no policy to apply to forged mail, and large mailbox providers reject bulk mail from domains without DMARC",
			Mend:    "Publish a DMARC record. To begin without risk, use p=none with a rua address, read the reports, then raise the policy.",
			Sources: []string{rfc9989 + "#section-4.10", "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dmarc.html"},
		},
		{
			ID: "dmarc-duplicate", Severity: Error, Since: "1.0.0", Ends: true,
			Title:   "There are several DMARC records at one name",
			Means:   "More than one TXT record at the name starts with v=DMARC1.",
			Matters: "receivers use none of them; some go on to the records of the names above",
			Mend:    "Keep one record and delete the others.",
			Sources: []string{rfc9989 + "#section-4.10"},
		},
		{
			ID: "dmarc-invalid", Severity: Error, Since: "1.0.0", Ends: true,
			Title:   "The DMARC record cannot be applied",
			Means:   "The record starts with v=DMARC1, but receivers cannot make a policy of it.",
			Matters: "receivers treat the domain as if it had no DMARC record",
			Mend:    "Correct the tag that is named.",
			Sources: []string{rfc9989 + "#section-4.7"},
		},
		{
			ID: "dmarc-policy", Severity: Error, Since: "1.0.0",
			Title:   "The DMARC policy is weaker than the file asks",
			Means:   "The policy that takes effect, from the domain's own record or inherited, is less strict than the file says it must at least be.",
			Matters: "receivers let forged mail through that the organisation means to have quarantined or rejected",
			Mend:    "Raise p, or sp or np where the policy is inherited, and take out t=y, which lowers it by one step.",
			Sources: []string{rfc9989 + "#section-4.7"},
		},
		{
			ID: "dmarc-mismatch", Severity: Warning, Since: "1.0.0", Listed: true,
			Title:   "A tag of the DMARC record differs from the file",
			Means:   "A tag that the file lists, sp, np, aspf, adkim or rua, has another value in the record that applies.",
			Matters: "receivers treat mail from subdomains, or alignment, otherwise than the organisation means, or reports go elsewhere",
			Mend:    "Correct the tag in the record, or in the file.",
			Sources: []string{rfc9989 + "#section-4.7"},
		},
		{
			ID: "dmarc-alignment", Severity: Warning, Since: "1.0.0",
			Title:   "Mail sent through SES cannot pass DMARC",
			Means:   "As the file describes the identity, neither leg can align: the MAIL FROM domain is not the domain itself and aspf=s asks for that, or there is no custom MAIL FROM domain; and SES does not sign with DKIM.",
			Matters: "all mail of this identity fails DMARC, and receivers apply the policy to it",
			Mend:    "Let SES sign with Easy DKIM, or set up a custom MAIL FROM domain and relax aspf. The MAIL FROM domain is always a subdomain, so aspf=s cannot align.",
			Sources: []string{rfc9989 + "#section-4.4", "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dmarc.html"},
		},
		{
			ID: "dmarc-report-unauthorized", Severity: Warning, Since: "1.0.0",
			Title:   "A host outside has not agreed to receive DMARC reports",
			Means:   "The record sends reports to another organisation, and that has no record at <domain>._report._dmarc.<host> which says that it takes them.",
			Matters: "receivers do not send the reports",
			Mend:    "Ask the report's receiver to publish the record, or send the reports to an address of your own.",
			Sources: []string{"https://www.rfc-editor.org/rfc/rfc9990#section-4"},
		},
	}},
	wants:   wantDMARC,
	scope:   scopeDMARC,
	items:   dmarcWant.items,
	observe: observeDMARC,
	judge:   judgeDMARC,
	show:    showDMARC,
}

type dmarcWant struct {
	domain     record.Name
	identities []config.Identity
	*config.DMARC
}

func (w dmarcWant) record() record.Question {
	return record.Question{Name: w.domain.Child("_dmarc"), Type: record.TXT}
}

type dmarcSeen struct {
	dmarc.Discovery
	exists  record.Answer   // TXT of the domain; asked only where an inherited np may decide
	doubled []record.Answer // asked only where no record applies
	reports []reportSeen    // where the record that applies sends reports outside
}

func wantDMARC(d *config.Domain) []dmarcWant {
	if d.DMARC == nil {
		return nil
	}
	return []dmarcWant{{d.Name, d.Identities, d.DMARC}}
}

// checks are the ids that are judged, in the table's order.
func (w dmarcWant) checks() []string {
	ids := []string{"dmarc-missing", "dmarc-duplicate", "dmarc-invalid"}
	if w.Policy != nil {
		ids = append(ids, "dmarc-policy")
	}
	if len(w.tags()) > 0 {
		ids = append(ids, "dmarc-mismatch")
	}
	return append(ids, "dmarc-alignment", "dmarc-report-unauthorized")
}

func scopeDMARC(w dmarcWant) []scope { return []scope{{w.record(), w.checks()}} }

func observeDMARC(ctx context.Context, a asks, w dmarcWant) dmarcSeen {
	s := dmarcSeen{Discovery: dmarc.Discover(ctx, dmarc.Askers{Own: a.own, Upper: a.shared}, w.domain)}
	if s.Outcome == dmarc.Applies {
		s.reports = observeReports(ctx, a, s.Discovery)
	}
	switch {
	case s.Outcome == dmarc.Missing:
		s.doubled = a.doubled(ctx, w.record(), w.domain)
	case s.Outcome == dmarc.Applies && s.PolicyDomain != w.domain && s.Record.NP != nil:
		s.exists = a.own.Ask(ctx, record.Question{Name: w.domain, Type: record.TXT})
	}
	return s
}

func judgeDMARC(w dmarcWant, s dmarcSeen) (v verdict) {
	var rests []record.Answer
	for _, step := range s.Steps {
		rests = append(rests, step.Answer)
	}
	f := Finding{Record: w.record(), Place: w.Place}
	switch s.Outcome {
	case dmarc.Open:
		for _, a := range rests {
			if a.Status == record.Unknown {
				v.unknown(s.because(a), w.record(), w.Place, w.checks()...)
			}
		}
	case dmarc.Missing:
		f.Check = "dmarc-missing"
		f.Message = fmt.Sprintf("no DMARC record applies: none at %s, nor at the names above it that receivers look at", w.record().Name)
		f.Expected = []string{quoted(w.suggestion())}
		f.fix = []record.RR{toPublish(w.record().Name, record.NewTXT(w.suggestion()))}
		f.Actual = data(s.Steps[0].Answer)
		for _, stray := range s.Steps[0].Strays() {
			f.Message += fmt.Sprintf("; %.80s is none: %s", stray.Record.Text(), stray.Why)
		}
		v.missingOrDoubled(f, s.doubled, func(a record.Answer) bool { return dmarc.Is(a.Records[0].Text()) }, rests...)
	case dmarc.Duplicate:
		at, _ := s.At()
		f.Check = "dmarc-duplicate"
		f.Message = fmt.Sprintf("%s has %d DMARC records; receivers use none of them", at.Answer.Question.Name, len(at.Records))
		for _, r := range at.Records {
			f.Actual = append(f.Actual, r.Text.String())
		}
		slices.Sort(f.Actual)
		f.Cause = "dmarc-duplicate " + string(at.Answer.Question.Name)
		v.add(f, at.Answer)
	case dmarc.Invalid:
		f.Check = "dmarc-invalid"
		f.Cause = "dmarc-invalid " + string(s.PolicyDomain)
		f.Actual = []string{s.Record.Text.String()}
		fatal, _ := s.Record.Fatal()
		f.Message = fmt.Sprintf("the DMARC record at _dmarc.%s cannot be applied: %s", s.PolicyDomain, fatal)
		at, _ := s.At()
		v.add(f, at.Answer)
	case dmarc.Applies:
		at, _ := s.At()
		f.Actual = []string{s.Record.Text.String()}
		w.judgePolicy(&v, f, s, at.Answer)
		w.judgeTags(&v, f, s, at.Answer)
		w.judgeAlignment(&v, f, s, at.Answer)
		w.judgeReports(&v, f, s)
	}
	return v
}

// because adds to a question that failed what the walk passed over to come to
// it: that can be mended, whatever the answer would have been.
func (s dmarcSeen) because(a record.Answer) record.Answer {
	var passed []string
	for _, step := range s.Steps {
		for _, stray := range step.Strays() {
			passed = append(passed, fmt.Sprintf("%.80s at %s is no DMARC record: %s", stray.Record.Text(), step.Answer.Question.Name, stray.Why))
		}
		for _, r := range step.Records {
			if fatal, useless := r.Fatal(); useless {
				passed = append(passed, fmt.Sprintf("the record at %s cannot be applied: %s", step.Answer.Question.Name, fatal))
			}
		}
	}
	if len(passed) > 0 {
		f := *a.Failure
		f.Detail = strings.TrimPrefix(f.Detail+"; it was asked since "+strings.Join(passed, "; "), "; ")
		a.Failure = &f
	}
	return a
}

// judgePolicy holds the policy that takes effect against the one asked for.
func (w dmarcWant) judgePolicy(v *verdict, f Finding, s dmarcSeen, rest record.Answer) {
	if w.Policy == nil {
		return
	}
	want, ok := dmarc.ParsePolicy(w.Policy.Value)
	if !ok {
		return // the file would not have been read
	}
	if s.exists.Status == record.Unknown && s.exists.Failure != nil {
		v.unknown(s.exists, w.record(), w.Place, "dmarc-policy")
		return
	}
	effect := s.Effective(s.exists.Status != record.NoName)
	if effect.Policy >= want {
		return
	}
	f.Check = "dmarc-policy"
	f.Place = w.Policy.Place
	f.Expected = []string{"p=" + want.String()}
	w.amend(&f, s)
	f.Message = fmt.Sprintf("the DMARC policy of %s is %s, weaker than %s", w.domain, effect.Policy, want)
	if effect.Inherited {
		f.Message += fmt.Sprintf(": it is inherited as %s from _dmarc.%s", effect.Tag, s.PolicyDomain)
		f.Cause = "dmarc-policy " + string(s.PolicyDomain)
	}
	told := false
	for _, p := range s.Record.Problems {
		if s.Record.AsNone && p.Weight != dmarc.Note {
			f.Message += "; " + p.String()
			told = true
		}
	}
	if s.Record.AsNone && !told {
		f.Message += "; receivers read the record as p=none, since it has a valid rua"
	}
	if effect.Policy != effect.Published {
		f.Message += fmt.Sprintf("; %s=%s is published, and t=y makes it one step lower", effect.Tag, effect.Published)
	}
	v.add(f, rest)
}

// suggestion is the least record that would satisfy the file.
func (w dmarcWant) suggestion() string { return wanted.DMARC(w.DMARC) }
