package part

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
	"github.com/sescheck/sescheck/internal/wanted"
)

// This file distinguishes wrong records from records that a web form or a provider has
// garbled.

// Checks of records that were changed on the way into DNS. They replace a finding
// of a part.
var (
	NameDoubled = &finding.Check{
		ID: "name-doubled", Severity: finding.Error, Since: "1.0.0", StandsIn: true, Denies: wanted.Every, Absence: true, Ends: true,
		Title:   "The name of the record has the domain twice",
		Means:   "The record is missing where it belongs. The expected value is at that name with the domain appended once more. Many providers append the domain to every name that is typed in.",
		Matters: "nobody looks at the doubled name, so for SES and receivers the record is missing",
		Fix:     "Enter the name without the domain, or with a final dot. Then delete the doubled record.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-verification.html"},
	}
	ValueGarbled = &finding.Check{
		ID: "value-garbled", Severity: finding.Error, Since: "1.0.0", StandsIn: true, Denies: wanted.Every, Ends: true, Listed: true,
		Title:   "The value was changed on its way into DNS",
		Means:   "The right value is there, but a form or script has changed it: it has extra quotes, spaces or other text, its upper and lower case differ, or its end is missing.",
		Matters: "SES and receivers use the value exactly as it is, so the record does not count",
		Fix:     "Enter the value again exactly as shown, without quotes around it, and check what the provider stored.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-verification.html"},
	}
)

// Doubled queries a record at the names that it gets if a provider appends the
// zone, or the domain, to a full name.
func (a Asker) Doubled(ctx context.Context, q record.Question, domain record.Name) []record.Answer {
	var qs []record.Question
	for _, n := range DoubledNames(q.Name, domain) {
		qs = append(qs, record.Question{Name: n, Type: q.Type})
	}
	return a.Explicit(ctx, qs...)
}

// DoubledNames are the names that a full name becomes if a provider appends the
// zone, or the domain.
func DoubledNames(name, domain record.Name) (names []record.Name) {
	for _, suffix := range slices.Compact([]record.Name{domain.Registrable(), domain}) {
		if n, err := record.ParseName(string(name) + "." + string(suffix)); err == nil {
			names = append(names, n)
		}
	}
	return names
}

// MissingOrDoubled adds the finding that a record is missing. If the expected
// value is at a doubled name, it adds that finding instead, and returns it to add to.
func (v *Verdict) MissingOrDoubled(f finding.Finding, doubled []record.Answer, expected func(record.Answer) bool, rests ...record.Answer) *finding.Finding {
	for _, a := range doubled {
		if a.Status == record.Unknown {
			v.Unknown(a, f.Record, f.Place, NameDoubled)
		}
		if a.Status != record.Found || len(a.Chain) > 0 {
			continue
		}
		right, where := a, ""
		if !expected(a) {
			right, where = withoutZone(a, f.Record.Name), ", also to its value"
		}
		if !expected(right) {
			continue
		}
		f.Check = NameDoubled
		f.Actual = finding.Data(a)
		if from, to := misplaced(a, right, expected); len(from) > 0 {
			f.Publish, f.Drop = moved(f.Record.Name, to), finding.LiveRecords(a, from...)
		}
		f.Notes = nil
		f.Message = fmt.Sprintf("the %s record of %s stands at %s, with the domain appended once more%s", f.Record.Type, f.Record.Name, a.Question.Name, where)
		v.Add(f, append(rests, a)...)
		return &v.Findings[len(v.Findings)-1]
	}
	v.Add(f, rests...)
	return nil
}

// withoutZone is the answer for a doubled form of a name, without the zone that was
// appended to the hosts in its records.
func withoutZone(doubled record.Answer, name record.Name) record.Answer {
	zone := strings.TrimPrefix(string(doubled.Question.Name), string(name))
	doubled.Records = slices.Clone(doubled.Records)
	for i := range doubled.Records {
		r := &doubled.Records[i]
		r.Host = record.Name(strings.TrimSuffix(string(r.Host), zone))
	}
	return doubled
}

// Strays queries a DKIM record at names where people publish it by mistake.
func (a Asker) Strays(ctx context.Context, q record.Question, domain record.Name) []record.Answer {
	var qs []record.Question
	for _, n := range StrayNames(q.Name, domain) {
		qs = append(qs, record.Question{Name: n, Type: q.Type})
	}
	if len(qs) > 0 && q.Type == record.TXT {
		qs = append(qs, record.Question{Name: domain, Type: q.Type})
	}
	return a.Explicit(ctx, qs...)
}

// StrayNames are misspelt forms of a DKIM name: without _domainkey, with it in
// the wrong place, without its underscore, without the selector, and under the
// parent domain. Names without _domainkey have none.
func StrayNames(name, domain record.Name) (names []record.Name) {
	selector, ok := strings.CutSuffix(string(name), string(domain.Child("._domainkey")))
	if !ok {
		return nil
	}
	names = []record.Name{domain.Child(selector), domain.Child(selector).Child("_domainkey"), domain.Child("domainkey").Child(selector), domain.Child("_domainkey")}
	if above := domain.Registrable(); above != domain {
		names = append(names, ses.DKIMName(selector, above))
	}
	return names
}

// StrayTokens are names where people publish the verification token of a domain by
// mistake: at parent domains and without the underscore.
func StrayTokens(domain record.Name) (names []record.Name) {
	names = []record.Name{domain.Child("amazonses")}
	top := domain.Registrable()
	for n := domain; n != top; {
		n = n.Parent()
		names = append(names, ses.VerificationName(n), n.Child("amazonses"))
	}
	return names
}

// StrayMailFrom are names where people publish the records of a MAIL FROM name by
// mistake: the same labels below the parents of the domain.
func StrayMailFrom(name, domain record.Name) (names []record.Name) {
	labels, below := strings.CutSuffix(string(name), "."+string(domain))
	if !below {
		return nil
	}
	top := domain.Registrable()
	for n := domain; n != top; {
		n = n.Parent()
		names = append(names, n.Child(labels))
	}
	return names
}

// StraysMailFrom queries a record of a MAIL FROM name at names where people publish it
// by mistake, unless another domain of the file uses the name.
func (a Asker) StraysMailFrom(ctx context.Context, q record.Question, domain record.Name) []record.Answer {
	var qs []record.Question
	for _, n := range StrayMailFrom(q.Name, domain) {
		if a.Domains.At(n) == nil && !a.Domains.UseMailFrom(n) {
			qs = append(qs, record.Question{Name: n, Type: q.Type})
		}
	}
	return a.Explicit(ctx, qs...)
}

// Astray adds to a finding of a missing record the wrong name that has it. Records
// that are not in the domain may belong to another identity, and stay.
func (v *Verdict) Astray(f *finding.Finding, strays []record.Answer, domain record.Name, expected func(record.Answer) bool) {
	for _, a := range strays {
		v.Beside(a)
		if f.Astray || a.Status != record.Found || len(a.Chain) > 0 {
			continue
		}
		there := a
		there.Records = slices.DeleteFunc(slices.Clone(a.Records), func(r record.Record) bool {
			return !expected(record.Answer{Question: a.Question, Status: record.Found, Records: []record.Record{r}})
		})
		if len(there.Records) == 0 {
			continue
		}
		f.Astray = true
		f.Notef("it stands at %s instead", a.Question.Name)
		f.Actual = append(f.Actual, finding.Data(there)...)
		slices.Sort(f.Actual)
		if a.Question.Name.In(domain) && len(f.Publish) > 0 {
			f.Drop = append(f.Drop, finding.LiveRecords(a, there.Records...)...)
		}
	}
}

// Spoilt says how a form or a provider changed the host want in a record at
// owner; "" if got is an unrelated host.
func Spoilt(owner, got, want record.Name) string {
	if rest := withoutPreference(got); rest != "" && rest == want {
		return typedPreference
	}
	if how := BehindPreference(got, func(rest record.Name) string { return Spoilt(owner, rest, want) }); how != "" {
		return how
	}
	bare := strings.NewReplacer(`\032`, "", `\009`, "", `\034`, "", `\039`, "").Replace(string(got))
	behind, right := strings.CutPrefix(string(got), string(want)+".")
	switch {
	case right && owner.In(record.Name(behind)):
		return ": the provider appended the zone to it; end the value with a dot"
	case right:
		return fmt.Sprintf(": the right value is followed by %s", behind)
	case bare != string(want):
		return endless(owner, got, want)
	case strings.Contains(string(got), `\034`), strings.Contains(string(got), `\039`):
		return ": it contains quotes, which the form stored as a part of the value"
	}
	return ": it contains a space"
}

// beginsMX matches the part of an MX record that a form took as the start of its
// host.
var beginsMX = regexp.MustCompile(`^(?:(?:in\\032+)?mx(?:\\032)+)?[0-9]{1,5}(?:\\032|\\009|\\046|\.)*`)

const typedPreference = ": the preference was typed into the host; it has its own field"

// withoutPreference is a host without a preference that was typed into it; "" if it
// begins with none.
func withoutPreference(host record.Name) record.Name {
	begin := beginsMX.FindString(string(host))
	if begin == "" {
		return ""
	}
	return host[len(begin):]
}

// BehindPreference names the mistake in the rest of a host into which a preference was
// typed; "" if there is no preference, or no mistake in the rest.
func BehindPreference(host record.Name, mistake func(rest record.Name) string) string {
	rest := withoutPreference(host)
	if rest == "" {
		return ""
	}
	how := mistake(rest)
	if how == "" {
		return ""
	}
	return typedPreference + "; without it, " + strings.TrimPrefix(how, ": ")
}

// endless describes a host that lacks its end, or has the zone of the owner in
// place of it. At least half of the host must be left.
func endless(owner, got, want record.Name) string {
	zone := owner
	for zone.Labels() > 1 && !got.Below(zone) {
		zone = zone.Parent()
	}
	rest, more := string(got), ""
	if got.Below(zone) && zone.Labels() > 1 {
		rest, more = strings.TrimSuffix(rest, "."+string(zone)), ", and the provider appended the zone"
	}
	if len(rest) < len(want)/2 || !strings.HasPrefix(string(want), rest) {
		return ""
	}
	return ": its end is missing" + more
}

// misplaced are the records of a doubled name that belong at the right one, as they are
// live and as they should be.
func misplaced(live, right record.Answer, expected func(record.Answer) bool) (from, to []record.Record) {
	for i, r := range right.Records {
		plain := !slices.ContainsFunc(r.Strings, func(s untrusted.Text) bool { return !s.Plain() })
		if plain && expected(record.Answer{Status: record.Found, Records: []record.Record{r}}) {
			from, to = append(from, live.Records[i]), append(to, r)
		}
	}
	return from, to
}

// moved are misplaced records at the right name.
func moved(to record.Name, rs []record.Record) (all []record.RR) {
	for _, r := range rs {
		all = append(all, finding.ToPublish(to, r))
	}
	return all
}

// garble is the difference between a live value and the expected one.
type garble string

const (
	Differs   garble = ""
	Same      garble = "as it should be"
	withQuote garble = "with quotes in the value"
	escaped   garble = "with backslashes in the value"
	withBlank garble = "with spaces in the value"
	otherCase garble = "with upper and lower case changed"
	cutShort  garble = "without its end"
	withMore  garble = "with other text in the value"
)

// quotes are characters that forms and editors put around a value.
const quotes = "\"'`\\\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\u201b"

// Shortest is the least part of a value that is recognised as its beginning: two
// thirds.
func Shortest(want string) int { return len(want) * 2 / 3 }

// leastInside is the least length of a value that is recognised inside other text.
const leastInside = 20

// Garbling compares a live token, with or without Amazon's prefix, with the
// expected one. A prefix in capitals counts as a change of case.
func Garbling(want, live string) garble {
	live = strings.TrimPrefix(live, ses.VerificationPrefix)
	if n := len(ses.VerificationPrefix); len(live) > n && strings.EqualFold(live[:n], ses.VerificationPrefix) && live[n:] == want {
		return otherCase
	}
	if live == want {
		return Same
	}
	bare := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(quotes, r) {
			return -1
		}
		return r
	}, live)
	switch {
	case bare == want && strings.ContainsAny(live, strings.ReplaceAll(quotes, `\`, "")):
		return withQuote
	case bare == want && strings.Contains(live, `\`):
		return escaped
	case bare == want:
		return withBlank
	case strings.EqualFold(bare, want):
		return otherCase
	case len(bare) < len(want) && len(bare) >= Shortest(want) && strings.HasPrefix(want, bare):
		return cutShort
	case len(want) >= leastInside && strings.Contains(bare, want):
		return withMore
	}
	return Differs
}

// ValuesOf returns values without their places.
func ValuesOf[T ~string](all []config.At[T]) (values []string) {
	for _, at := range all {
		values = append(values, string(at.Value))
	}
	return values
}

// Quoted is a trusted text as the data of a TXT record.
func Quoted(s string) string { return untrusted.New(s).String() }

// List joins texts for a message, cut to a readable length.
func List(texts []untrusted.Text) string {
	const most = 4
	var parts []string
	for i, t := range texts {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more", len(texts)-most))
			break
		}
		parts = append(parts, fmt.Sprintf("%.80s", t))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// HostsOf are the hosts of records, each once.
func HostsOf(rs []record.Record) (hosts []string) {
	for _, r := range rs {
		if !slices.Contains(hosts, string(r.Host)) {
			hosts = append(hosts, string(r.Host))
		}
	}
	return hosts
}

// DomainQuestion is the query for whether the registrable domain exists. Its type
// does not matter.
func DomainQuestion(domain record.Name) record.Question {
	return record.Question{Name: domain.Registrable(), Type: record.SOA}
}

// TxtStrings writes a text as the strings of a TXT record.
func TxtStrings(text string) string { return record.NewTXT(text).String() }
