// Package dkim checks the records of DKIM: the CNAMEs of Easy DKIM, and the keys of
// BYODKIM.
package dkim

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/snapshot"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dkim"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/wanted"
)

const easyGuide = "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy.html"

// The checks of this part.
var (
	Missing = &finding.Check{
		ID: "dkim-missing", Severity: finding.Error, Since: "1.0.0", SES: true, Denies: wanted.DKIM, Missing: true, Clock: true, Absence: true, Ends: true,
		Title:   "A DKIM record is missing",
		Means:   "There is no record at <token>._domainkey.<domain>. SES needs all three CNAMEs of an identity, and shows one status for all three.",
		Matters: "signatures with this selector cannot be verified. SES revokes DKIM for the identity, and mail that needs DKIM to pass DMARC fails",
		Fix:     "Publish the CNAME exactly as shown. It must not be proxied or flattened.",
		Sources: []string{easyGuide, "https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-dkim.html"},
	}
	WrongTarget = &finding.Check{
		ID: "dkim-wrong-target", Severity: finding.Error, Since: "1.0.0", SES: true, Denies: wanted.DKIM, Clock: true, Ends: true,
		Title:   "A DKIM CNAME points to the wrong name",
		Means:   "The CNAME exists, but it does not point to the target of this token in the region of the identity.",
		Matters: "receivers find the wrong key or no key, so signatures with this selector do not verify",
		Fix:     "Correct the target. If it ends in your own domain, the provider appended that: end the value with a dot.",
		Sources: []string{easyGuide, "https://docs.aws.amazon.com/general/latest/gr/ses.html"},
	}
	OtherZone = &finding.Check{
		ID: "dkim-other-zone", Severity: finding.Warning, Since: "1.0.0", SES: true, Ends: true,
		Title:   "A DKIM CNAME points into the zone of another region",
		Means:   "The token is right and has a key, but the target is in the DKIM zone of another region. Replicas of Deterministic Easy DKIM look like this. It also happens if the region table of sescheck is out of date.",
		Matters: "signatures verify as long as the key there belongs to this identity",
		Fix:     "Compare with SigningHostedZone from `aws sesv2 get-email-identity` and, if the record is right, set dkim.signing_hosted_zone in the file.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-deed.html"},
	}
	NotCNAME = &finding.Check{
		ID: "dkim-not-cname", Severity: finding.Warning, Since: "1.0.0", SES: true, Denies: wanted.DKIM, Ends: true,
		Title:   "A DKIM key is published as TXT instead of the CNAME",
		Means:   "The key is at the name, but not through a CNAME: the provider flattens or proxies it, or somebody copied the key.",
		Matters: "signatures verify until SES rotates the key; after that, all fail",
		Fix:     "Publish the CNAME. At Cloudflare, set it to DNS only.",
		Sources: []string{easyGuide},
	}
	KeyMissing = &finding.Check{
		ID: "dkim-key-missing", Severity: finding.Error, Since: "1.0.0", SES: true, Clock: true, Absence: true,
		Title:   "The DKIM CNAMEs are right, but there are no keys behind them",
		Means:   "None of the targets has a DKIM key. A revoked key, with an empty p=, does not count.",
		Matters: "SES does not sign mail of this identity, or signs it with keys that receivers cannot find",
		Fix:     "Check the identity in SES: it was deleted, it is in another region or account than the file says, or it is not ready yet. After 72 hours without success, start DKIM again there.",
		Sources: []string{"https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-dkim.html"},
	}
	KeyPartial = &finding.Check{
		ID: "dkim-key-partial", Severity: finding.Warning, Since: "1.0.0", SES: true, Absence: true,
		Title:   "Only some of the DKIM targets have a key",
		Means:   "Some of the CNAMEs have a key behind them, others do not. SES chooses which one it signs with.",
		Matters: "signatures verify while SES uses a selector that has a key",
		Fix:     "If it lasts longer than a day, compare the tokens in the file with those in SES: tokens without a key may belong to a deleted identity.",
		Sources: []string{easyGuide},
	}
)

// EasyPart checks Easy DKIM: three CNAMEs to keys that SES keeps and rotates.
var EasyPart = part.Of[easyWant, []tokenSeen]{
	Name:    wanted.DKIM,
	Checks:  easyChecks,
	Wants:   wantEasy,
	Scope:   scopeEasy,
	Observe: observeEasy,
	Judge:   judgeEasy,
	Show:    showEasy,
	Doubt:   doubt,
}

type easyWant struct {
	domain record.Name
	place  config.Place
	region string
	zone   record.Name   // of the keys
	shared bool          // the region is unknown: most regions share this zone
	any    bool          // without a region, a key in any zone of SES is right
	zones  []record.Name // of other identities with the same tokens
	tokens []config.At[string]
	keeper string // the holder of the keys

	promised *config.Promised // from a plan, in place of tokens
}

// record is the CNAME of a token.
func (w easyWant) record(token string) record.Question {
	return record.Question{Name: ses.DKIMName(token, w.domain), Type: record.CNAME}
}

// keys is the name above all DKIM records, for findings about all of them.
func (w easyWant) keys() record.Question {
	return record.Question{Name: w.domain.Child("_domainkey"), Type: record.CNAME}
}

func (w easyWant) target(token string) record.Name { return ses.DKIMTarget(token, w.zone) }

// right reports whether target is a right target of a token's CNAME.
func (w easyWant) right(token string, target record.Name) bool {
	if target.FirstLabel() != strings.ToLower(token) {
		return false
	}
	zone := target.Parent()
	return zone == w.zone || slices.Contains(w.zones, zone) || w.shared && zone == ses.SharedZone || w.any && ses.IsDKIMZone(zone)
}

// tokenSeen is the answers for one token.
type tokenSeen struct {
	txt   record.Answer // the key, and the CNAMEs to it
	cname record.Answer // queried only if txt has no CNAME
	// Queried only without a key and a CNAME:
	doubled []record.Answer
	strays  []record.Answer // at misspelt names
	hosts   []record.Answer // A and AAAA

	claimed bool // another domain of the file lists the token

	unregistered record.Name // the domain without an owner that a wrong CNAME leads to
}

// Unlooked reports whether DKIM is not checked, because neither the file nor
// --plan nor --ses has the tokens of an identity.
func Unlooked(d *config.Domain) bool {
	return slices.ContainsFunc(d.Identities, func(id config.Identity) bool {
		return id.DKIM != nil && id.DKIM.Easy && id.DKIM.Promised == nil && len(id.DKIM.Tokens) == 0
	})
}

func wantEasy(d *config.Domain) []easyWant {
	var all []easyWant
	for _, id := range d.Identities {
		if id.DKIM == nil {
			continue
		}
		w := easyWant{domain: d.Name, place: id.DKIM.Place, region: id.Region.Value, tokens: id.DKIM.Tokens, keeper: keeper(&id), promised: id.DKIM.Promised}
		if len(w.tokens) == 0 && w.promised == nil {
			continue
		}
		switch z := id.DKIM.SigningHostedZone; {
		case z != nil:
			w.zone = z.Value
		case w.region == "":
			w.zone, w.any = ses.SharedZone, true // for messages
		default:
			_, known := ses.LookupRegion(w.region)
			w.zone, w.shared = ses.DKIMZone(w.region), !known
		}
		if i := slices.IndexFunc(all, func(o easyWant) bool { return o.promised == nil && w.promised == nil && w.sameTokens(o) }); i >= 0 {
			all[i].zones = append(all[i].zones, w.zone)
			continue
		}
		all = append(all, w)
	}
	return all
}

// sameTokens reports whether two identities have the same tokens: one is a
// replica of the other in another region (Deterministic Easy DKIM), and shares
// its CNAMEs. Only their target shows which is the parent.
func (w easyWant) sameTokens(o easyWant) bool {
	return len(w.tokens) == len(o.tokens) && !slices.ContainsFunc(w.tokens, func(t config.At[string]) bool {
		return !slices.ContainsFunc(o.tokens, func(s config.At[string]) bool { return strings.EqualFold(s.Value, t.Value) })
	})
}

var easyChecks = []*finding.Check{Missing, WrongTarget, OtherZone, NotCNAME, KeyMissing, KeyPartial}

func scopeEasy(w easyWant) (all []part.Scope) {
	if w.promised != nil {
		return []part.Scope{{Record: w.keys(), Checks: easyChecks}}
	}
	for _, t := range w.tokens {
		all = append(all, part.Scope{Record: w.record(t.Value), Checks: easyChecks})
	}
	return all
}

func observeEasy(ctx context.Context, a part.Asker, w easyWant) []tokenSeen {
	seen := make([]tokenSeen, len(w.tokens))
	a.Each(len(w.tokens), func(i int) { seen[i] = observeToken(ctx, a, w, w.tokens[i].Value) })
	return seen
}

// observeToken queries the key. The answer includes the CNAMEs that lead to it,
// so the CNAME itself is queried only if something is wrong.
func observeToken(ctx context.Context, a part.Asker, w easyWant, token string) (s tokenSeen) {
	q := w.record(token)
	s.txt = a.Own.Ask(ctx, record.Question{Name: q.Name, Type: record.TXT})
	if len(s.txt.Chain) > 0 {
		s.unregistered = a.Unregistered(ctx, s.txt)
		return s
	}
	s.cname = a.Own.Ask(ctx, q)
	if s.cname.Absent() && s.txt.Absent() {
		s.doubled = a.Doubled(ctx, q, w.domain)
		s.strays = a.Strays(ctx, q, w.domain)
		s.claimed = part.Others(a.Domains.Signing(token), w.domain)
		s.hosts = a.All(ctx, record.Question{Name: q.Name, Type: record.A}, record.Question{Name: q.Name, Type: record.AAAA})
	}
	if s.cname.Status == record.Found && s.txt.Absent() {
		// A CNAME answers every type. A server that returns one and denies TXT at
		// its name contradicts itself, so the answer is unusable.
		s.txt = record.Answer{Question: s.txt.Question, Failure: &record.Failure{
			Question: s.txt.Question, Fault: record.Disagreed, Server: s.txt.Server, Tries: 1,
			Detail: "the server has the CNAME, but does not follow it",
		}}
	}
	return s
}

// target is the target of the CNAME at the name; "" if there is none, or it is
// unknown.
func (s tokenSeen) target() record.Name {
	if len(s.txt.Chain) > 0 {
		return s.txt.Chain[0]
	}
	if s.cname.Status == record.Found {
		return s.cname.Records[0].Host
	}
	return ""
}

// cnameKnown is the answer that shows the CNAME. That is known even if its target
// is not answered.
func (s tokenSeen) cnameKnown() record.Answer {
	if s.cname.Status != record.Unknown {
		return s.cname
	}
	a := s.txt
	a.Status, a.Failure = record.Found, nil
	return a
}

// key reports whether a right target has a key that is not revoked. Amazon is
// responsible for the rest.
func (s tokenSeen) key() bool {
	return slices.ContainsFunc(s.txt.Records, func(r record.Record) bool { return dkim.HasKey(r.Text()) })
}

// usable reports whether there is a key, of any holder, that verifies mail.
func (s tokenSeen) usable() bool {
	return slices.ContainsFunc(s.txt.Records, func(r record.Record) bool {
		_, useless := dkim.Parse(r.Text()).Fatal()
		return !useless
	})
}

// failures are the failed answers because of which it is unknown whether there is
// a CNAME.
func (s tokenSeen) failures() []record.Answer {
	if s.target() != "" || s.cname.Status != record.Unknown {
		return nil
	}
	return slices.DeleteFunc([]record.Answer{s.txt, s.cname}, func(a record.Answer) bool { return a.Status != record.Unknown })
}

// keyFailure is the failure of the query for a key behind a right CNAME: some
// hosts answer only the CNAME.
func (s tokenSeen) keyFailure() record.Answer {
	a := s.txt
	if a.Failure.Fault == record.Offline || a.Failure.Fault == record.Disagreed {
		return a
	}
	f := *a.Failure
	f.Detail = strings.TrimPrefix(f.Detail+"; the CNAME itself is right", "; ")
	a.Failure = &f
	return a
}

func judgeEasy(w easyWant, seen []tokenSeen) (v part.Verdict) {
	if w.promised != nil {
		return w.judgePromised()
	}
	var keyed, keyless, open []int // tokens with the right target
	var failed []record.Answer     // because of which it is unknown whether more tokens have a key
	for i, s := range seen {
		switch {
		case !w.judgeRecord(&v, w.tokens[i], s):
			failed = append(failed, s.failures()...)
		case s.txt.Status == record.Unknown:
			open = append(open, i)
			failed = append(failed, s.keyFailure())
		case s.key():
			keyed = append(keyed, i)
		default:
			keyless = append(keyless, i)
		}
	}
	checks := []*finding.Check{KeyMissing, KeyPartial}
	if len(keyed) > 0 {
		checks = checks[1:]
	}
	for _, i := range open {
		v.Unknown(seen[i].keyFailure(), w.record(w.tokens[i].Value), w.tokens[i].Place, checks...)
	}
	switch {
	case len(keyless) == 0:
	case len(keyed) > 0:
		w.judgePartial(&v, seen, keyless, len(keyed), len(failed) > 0)
	case len(failed) > 0: // these may be a part or all of them
		for _, i := range keyless {
			v.Unknown(failed[0], w.record(w.tokens[i].Value), w.tokens[i].Place, checks...)
		}
	default:
		w.judgeKeyless(&v, seen, keyless)
	}
	return v
}

// judgeRecord compares one CNAME. It reports whether the target is right.
func (w easyWant) judgeRecord(v *part.Verdict, token config.At[string], s tokenSeen) bool {
	if w.right(token.Value, s.target()) {
		return true
	}
	q, want := w.record(token.Value), w.target(token.Value)
	f := finding.Finding{
		Record:   q,
		Subject:  token.Value,
		Place:    token.Place,
		Expected: []string{want.FQDN()},
	}
	if _, known := ses.LookupRegion(w.region); known || w.region == "" && !w.any {
		f.Publish = []record.RR{finding.ToPublish(q.Name, record.Record{Type: record.CNAME, Host: want})}
	}
	target := s.target()
	switch {
	case target != "":
		w.judgeTarget(v, f, target, s)
	case s.cname.Status == record.Unknown:
		for _, a := range s.failures() {
			v.Unknown(a, q, token.Place, easyChecks...)
		}
	case s.txt.Status == record.Unknown:
		v.Unknown(s.txt, q, token.Place, Missing, NotCNAME)
	case s.usable():
		f.Check = NotCNAME
		f.Actual = finding.Data(s.txt)
		f.Drop = finding.LiveRecords(s.txt, s.txt.Records...)
		f.Message = fmt.Sprintf("%s is a TXT record with a key, not a CNAME to %s", q.Name, want)
		v.Add(f, s.cname, s.txt)
	default:
		w.judgeMissing(v, f, s)
	}
	return false
}

// judgeMissing reports a missing CNAME, and the record in its place.
func (w easyWant) judgeMissing(v *part.Verdict, f finding.Finding, s tokenSeen) {
	f.Check = Missing
	f.Actual = finding.Data(s.txt)
	f.SESError = ses.Absence(s.cname)
	f.Drop = finding.LiveRecords(s.txt, s.txt.Records...) // a CNAME excludes all other records
	f.Message = fmt.Sprintf("no CNAME record at %s", f.Record.Name)
	if s.txt.Status == record.Found {
		f.Message += ", only a TXT record that is not a DKIM key"
	}
	if slices.ContainsFunc(s.txt.Records, func(r record.Record) bool { return w.named(f.Subject, r.Text().Raw()) }) {
		f.Message += ": it contains the target, so its type should be CNAME"
	}
	rests := []record.Answer{s.cname, s.txt}
	for _, a := range s.hosts {
		v.Beside(a)
		if a.Status == record.Found {
			rests = append(rests, a)
			f.Actual = append(f.Actual, finding.Data(a)...)
			f.Drop = append(f.Drop, finding.LiveRecords(a, a.Records...)...)
			f.Message = fmt.Sprintf("%s has addresses instead of a CNAME record: the provider proxies or flattens it. If your provider lists the CNAME record, only turn off its proxy (Cloudflare: DNS only)", f.Record.Name)
		}
	}
	right := func(a record.Answer) bool { return w.right(f.Subject, a.Records[0].Host) }
	within := record.Root // a token belongs to one identity
	if s.claimed {
		within = w.domain
	}
	v.Astray(&f, s.strays, within, right)
	v.MissingOrDoubled(f, s.doubled, right, rests...)
}

// named reports whether text contains a token's target as a word.
func (w easyWant) named(token, text string) bool {
	return slices.ContainsFunc(strings.Fields(text), func(word string) bool {
		n, err := record.ParseName(word)
		return err == nil && w.right(token, n)
	})
}

// judgeTarget reports a CNAME with a wrong target.
func (w easyWant) judgeTarget(v *part.Verdict, f finding.Finding, target record.Name, s tokenSeen) {
	want := w.target(f.Subject)
	f.Actual = []string{target.FQDN()}
	if len(f.Publish) > 0 {
		f.Drop = append(finding.LiveCNAME(s.txt), finding.LiveRecords(s.cname, s.cname.Records...)...)
	}
	f.Check = WrongTarget
	f.SESError = ses.InvalidValue
	f.Message = fmt.Sprintf("%s points to %s instead of %s", f.Record.Name, target, want)
	how := part.Spoilt(f.Record.Name, target, want)
	if how == "" {
		how = part.BehindZone(f.Record.Name, target, func(rest record.Name) string { return w.mistake(f.Subject, rest) })
	}
	switch {
	case how != "":
		f.Message += how
	case ses.IsDKIMZone(target.Parent()) && target.FirstLabel() == want.FirstLabel():
		switch {
		case s.txt.Status == record.Unknown:
			v.Unknown(s.txt, f.Record, f.Place, WrongTarget, OtherZone)
			return
		case s.usable():
			f.Check, f.SESError = OtherZone, ""
			f.Message = fmt.Sprintf("%s points to %s, which has a key; the DKIM zone of %s is %s", f.Record.Name, target, w.region, w.zone)
			f.Publish, f.Drop = nil, nil // the record may be right, and the table of zones outdated
		case target.Parent() == record.Name("dkim."+w.region+".amazonses.com"):
			f.Message += fmt.Sprintf(": %s has no DKIM zone of its own", w.region)
		default:
			f.Message += fmt.Sprintf(": that is not the DKIM zone of %s, and there is no key", w.region)
		}
	case ses.IsDKIMZone(target.Parent()):
		f.Message += w.otherToken(target.FirstLabel(), want.FirstLabel())
	case target.FirstLabel() == want.FirstLabel():
		f.Message += fmt.Sprintf(": the token is right, but %s is not a DKIM zone of SES", target.Parent())
	}
	if how == "" && s.unregistered != "" {
		f.Notef("%s", part.Takeover(f.Record.Name, s.unregistered))
	}
	v.Beside(s.txt)
	// A target in a zone of SES has the key of its own token, which is never the
	// right one.
	if s.usable() && f.Check == WrongTarget && !ses.IsDKIMZone(target.Parent()) {
		f.Impact = "signatures verify as long as the other name leads to the right key, but SES looks only at the target of this CNAME"
	}
	v.Add(f, s.cnameKnown())
}

// mistake names the mistake in a target to which a provider appended the zone; "" if
// the target is not one of SES.
func (w easyWant) mistake(token string, target record.Name) string {
	zone := target.Parent()
	switch got, want := target.FirstLabel(), strings.ToLower(token); {
	case w.right(token, target):
		return ": it is right; end the value with a dot"
	case !zone.In("amazonses.com"):
		return ""
	case !ses.IsDKIMZone(zone):
		return fmt.Sprintf(": %s is not a DKIM zone of SES", zone)
	case got != want:
		return w.otherToken(got, want)
	case zone == record.Name("dkim."+w.region+".amazonses.com"):
		return fmt.Sprintf(": %s has no DKIM zone of its own", w.region)
	}
	return fmt.Sprintf(": %s is not the DKIM zone of %s", zone, w.region)
}

// otherToken describes the difference between the token in a target and the
// expected one.
func (w easyWant) otherToken(got, want string) string {
	listed := slices.ContainsFunc(w.tokens, func(t config.At[string]) bool { return strings.EqualFold(t.Value, got) })
	switch short := len(got) >= part.Shortest(want); {
	case !listed && short && strings.HasPrefix(want, got):
		return ": the end of the token is missing"
	case !listed && short && strings.HasSuffix(want, got):
		return ": the beginning of the token is missing"
	}
	return ": the target belongs to another token"
}

// judgePartial reports right targets without a key if further tokens have one.
// Failed queries may hide more keys.
func (w easyWant) judgePartial(v *part.Verdict, seen []tokenSeen, keyless []int, keyed int, open bool) {
	have := fmt.Sprintf("%d of %d tokens have a key", keyed, len(seen))
	if open {
		have = "at least " + have
	}
	for _, i := range keyless {
		f := w.keyFinding(seen, i)
		f.Check = KeyPartial
		f.Message = fmt.Sprintf("there is no key at %s; %s", seen[i].target(), have)
		v.Add(f, seen[i].txt)
		v.Hide(f.Record, f.Check, KeyMissing)
	}
}

// judgeKeyless reports in one finding that no right target has a key.
func (w easyWant) judgeKeyless(v *part.Verdict, seen []tokenSeen, keyless []int) {
	f := w.keyFinding(seen, keyless[0])
	f.Check, f.SESError, f.Actual = KeyMissing, ses.HostNotFound, nil
	var names []string
	var rests []record.Answer
	for _, i := range keyless {
		names = append(names, string(seen[i].target()))
		rests = append(rests, seen[i].txt)
		f.Actual = append(f.Actual, finding.Data(seen[i].txt)...)
		v.Hide(w.record(w.tokens[i].Value), f.Check, KeyMissing, KeyPartial)
	}
	f.Message = fmt.Sprintf("there is no key at %s: the identity was deleted in %s, is in another region or account, or is not ready", strings.Join(names, ", "), w.keeper)
	v.Add(f, rests...)
}

// keyFinding starts a finding about the key of a token.
func (w easyWant) keyFinding(seen []tokenSeen, i int) finding.Finding {
	return finding.Finding{
		Record:  w.record(w.tokens[i].Value),
		Subject: string(seen[i].target()),
		Place:   w.tokens[i].Place,
		Actual:  finding.Data(seen[i].txt),
	}
}

func showEasy(w easyWant, seen []tokenSeen, p *snapshot.Snapshot) {
	for i, s := range seen {
		one := snapshot.DKIM{Selector: w.tokens[i].Value, Name: w.record(w.tokens[i].Value).Name, Target: s.target()}
		describeKey(&one, s.txt)
		switch {
		case s.txt.Status == record.Unknown, s.cname.Failure != nil && one.Target == "":
			one.State = snapshot.Unknown
		case one.Target == "" && s.txt.Absent():
			one.State = snapshot.Missing
		case s.usable():
			one.State = snapshot.Right // findings say whether the path to it is right
		default:
			one.State = snapshot.Wrong
		}
		p.DKIM = append(p.DKIM, one)
	}
}

// describeKey describes the key of a selector with one record.
func describeKey(p *snapshot.DKIM, txt record.Answer) {
	if len(txt.Records) != 1 {
		return
	}
	k := dkim.Parse(txt.Records[0].Text())
	p.Testing = k.Testing
	switch fatal, useless := k.Fatal(); {
	case k.Revoked:
		p.Key = "revoked"
	case useless:
		p.Key = "unusable: " + fatal.Text
	default:
		p.Key = fmt.Sprintf("%s, %d bits", k.Type, k.Bits)
	}
}

// doubt withdraws that a selector has no record or no key.
func doubt(f finding.Finding, p *snapshot.Snapshot) {
	if f.Check != Missing && f.Check != KeyMissing && f.Check != KeyPartial {
		return
	}
	for i := range p.DKIM {
		if k := &p.DKIM[i]; k.Name == f.Record.Name || k.Key == "" && f.Check != Missing {
			k.State = snapshot.Unknown
		}
	}
}

// keeper is the holder of the keys and the state of an identity.
func keeper(id *config.Identity) string {
	if s := ses.LookupSender(id.Sender.Value); s != nil {
		return s.Name
	}
	return "SES"
}
