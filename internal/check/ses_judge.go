package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// onDNS is what DNS holds of the records of one part of an identity.
type onDNS uint8

// The states.
const (
	notAsked onDNS = iota // the file does not list the records
	rightNow
	wrongNow
	openNow     // a question failed
	promisedNow // a plan makes them
)

// sesSeen is what DNS holds, as far as the judge has to know.
type sesSeen struct {
	now                          time.Time
	verification, dkim, mailFrom partSeen
	spf, dmarc                   partSeen
	tokens                       []record.Answer // TXT at the names of the tokens that SES has, where they are not the file's
	zone                         zoneSeen
}

// partSeen is what DNS holds of one part.
type partSeen struct {
	state onDNS
	wrong []string    // of wrongNow, the ids of the checks, each with its record
	open  []undecided // of openNow
}

// zoneSeen is the zone that the domain is in.
type zoneSeen struct {
	soa, ns record.Answer // not asked: with an empty question
}

// sesRecord is what a finding about a name is about that no record is for.
func beyondDNS(n record.Name) record.Question { return record.Question{Name: n} }

// identityRecord is what findings about the identity are about.
func (w sesWant) record() record.Question { return beyondDNS(w.domain.Name) }

// mailFromRecord is what findings about the MAIL FROM domain are about.
func (w sesWant) mailFromRecord() record.Question { return beyondDNS(w.identity.MailFrom.Name.Value) }

// region is the identity's region, in words behind a sentence.
func (w sesWant) region() string {
	if r := w.regionName(); r != "" {
		return " in " + r
	}
	return ""
}

// regionName is the identity's region; SES may know it where the file does not.
func (w sesWant) regionName() string {
	if w.said != nil && w.identity.Region.Value == "" {
		return w.said.Region
	}
	return w.identity.Region.Value
}

// command is a call of AWS's CLI that changes the identity, to be pasted into a
// shell: its words are names, regions and our own.
func (w sesWant) command(call string, more ...string) string {
	words := []string{"aws", "sesv2", call}
	if r := w.regionName(); r != "" {
		words = append(words, "--region", r)
	}
	return "`" + strings.Join(append(append(words, "--email-identity", string(w.domain.Name)), more...), " ") + "`"
}

// signs reports whether the file lists keys that SES is to sign with.
func (w sesWant) signs() bool {
	k := w.identity.DKIM
	return k != nil && !k.None
}

// scope is the checks that can be made with what SES says.
func (w sesWant) scope() []scope {
	var checks, mail []*Check
	add := func(can bool, cs ...*Check) {
		if can {
			checks = append(checks, cs...)
		}
	}
	add(w.listed && mine(w.identity), SESIdentityMissing)
	if s := w.said; s != nil && mine(w.identity) {
		signs := w.signs() && s.DKIM != nil && !s.DKIM.Promised
		add(signs && w.comparable(), SESTokensDiffer)
		add(s.Verification != account.Unsaid, SESVerificationFailed)
		add(signs && s.DKIM.Status != account.Unsaid, SESDKIMFailed)
		add(s.Verification != account.Unsaid || signs && s.DKIM.Status != account.Unsaid, SESPending)
		add(signs && s.DKIM.Signing != nil, SESSigningOff)
		add(s.Looked.Server != "", SESOtherServers)
		if m := w.identity.MailFrom; m != nil && s.MailFrom != nil {
			mail = []*Check{SESMailFromUnset, SESMailFromDiffers}
			if s.MailFrom.Name != "" && s.MailFrom.Status != account.Unsaid {
				mail = append(mail, SESMailFromFailed)
			}
			if m.OnMXFailure.Value != "" && s.MailFrom.OnFailure != "" {
				mail = append(mail, SESMXFailureDiffers)
			}
		}
	}
	var all []scope
	if len(checks) > 0 {
		all = append(all, scope{record: w.record(), checks: checks})
	}
	if len(mail) > 0 {
		all = append(all, scope{record: w.mailFromRecord(), checks: mail})
	}
	return all
}

// comparable reports whether the file and SES both name their keys.
func (w sesWant) comparable() bool {
	k, s := w.identity.DKIM, w.said.DKIM
	if k.Selector.Value != "" {
		return s.Own && s.Selector != "" || len(s.Tokens) > 0
	}
	return len(k.Tokens) > 0 && (s.Own || len(s.Tokens) > 0)
}

// judgeSES compares an identity of the file with what SES says of it and with what
// DNS holds. It is pure.
func judgeSES(w sesWant, seen sesSeen) (v verdict) {
	if !mine(w.identity) {
		return v
	}
	if w.said == nil {
		if w.listed && !w.there {
			v.add(w.missing())
		}
		return v
	}
	differ := w.judgeKeys(&v, seen)
	w.judgeVerification(&v, seen, differ)
	if w.signs() && w.said.DKIM != nil && !differ {
		w.judgeDKIM(&v, seen)
	}
	if w.identity.MailFrom != nil && w.said.MailFrom != nil {
		w.judgeMailFrom(&v, seen)
	}
	w.judgePending(&v, seen, differ)
	w.judgeServers(&v, seen)
	return v
}

// missing reports that SES does not have the identity.
func (w sesWant) missing() Finding {
	f := w.finding(SESIdentityMissing)
	f.Message = fmt.Sprintf("Amazon SES has no identity %s%s", w.domain.Name, w.region())
	switch {
	case len(w.regions) > 0:
		f.note("it has one in %s", shorten.List(w.regions, 4))
		f.Advice = "Correct the region in the file if the identity was moved. Else create it: " + w.command("create-email-identity") + ", and publish the tokens that SES makes."
	case w.covered != "":
		f.note("it can send as this domain with its identity of %s", w.covered)
		f.Impact = fmt.Sprintf("SES signs and sends with the settings of %s, so that the keys in the file do nothing", w.covered)
		f.Advice = fmt.Sprintf("Take the keys of the identity out of the file if %s is enough. Else create it: %s.", w.covered, w.command("create-email-identity"))
	default:
		f.Advice = "Create it: " + w.command("create-email-identity") + ", and publish the tokens that SES makes. If it was deleted on purpose, delete it from the file and its records from DNS."
	}
	return f
}

// finding is one about the identity.
func (w sesWant) finding(c *Check) Finding {
	return Finding{Check: c, Record: w.record(), Subject: w.regionName(), Place: w.identity.Place}
}

// judgeKeys compares the keys. It reports whether they differ: then what SES says of
// DKIM is about other records than the file's.
func (w sesWant) judgeKeys(v *verdict, seen sesSeen) (differ bool) {
	k, s := w.identity.DKIM, w.said.DKIM
	if !w.signs() || s == nil || s.Promised || !w.comparable() || sameKeys(k, s) {
		return false
	}
	f := w.finding(SESTokensDiffer)
	f.Place = k.Place
	switch {
	case k.Selector.Value != "":
		f.Expected = []string{"selector " + k.Selector.Value}
	default:
		f.Expected = tokensOf(k)
	}
	switch {
	case s.Own:
		selector := cmp.Or(s.Selector, "that is not said")
		f.Actual = []string{"selector " + selector}
		f.Message = fmt.Sprintf("Amazon SES signs %s%s with a key of your own (BYODKIM), selector %s, and the file lists %s", w.domain.Name, w.region(), selector, w.keysInFile())
		f.Advice = "Put the key into the file as dkim: {selector: " + cmp.Or(s.Selector, "…") + ", public_key: …} and publish it, or switch SES back to Easy DKIM: " + w.command("put-email-identity-dkim-signing-attributes", "--signing-attributes-origin", "AWS_SES") + "."
		v.add(f)
	default:
		tokens := slices.Sorted(slices.Values(s.Tokens))
		f.Actual = tokens
		f.Message = fmt.Sprintf("Amazon SES signs %s%s with the tokens %s, and the file lists %s", w.domain.Name, w.region(), shorten.List(tokens, 4), w.keysInFile())
		w.publish(&f, tokens, seen)
		v.add(f, seen.tokens...)
	}
	if st := s.Status; st != account.Success && st != account.Unsaid {
		v.findings[len(v.findings)-1].note("SES's status of DKIM is %s", st)
	}
	return true
}

// keysInFile are the keys that the file lists, in words.
func (w sesWant) keysInFile() string {
	k := w.identity.DKIM
	if k.Selector.Value != "" {
		return "a key of your own at selector " + k.Selector.Value
	}
	return shorten.List(tokensOf(k), 4)
}

// publish gives the records that SES asks for now.
func (w sesWant) publish(f *Finding, tokens []string, seen sesSeen) {
	zone := w.said.DKIM.Zone
	if zone == "" {
		region := w.said.DKIM.Parent
		if region == "" {
			region = w.regionName()
		}
		if _, known := ses.LookupRegion(region); !known {
			f.Advice = "Publish the records that the console of SES shows, and list their tokens in the file."
			return
		}
		zone = ses.DKIMZone(region)
	}
	for _, t := range tokens {
		f.fix = append(f.fix, toPublish(ses.DKIMName(t, w.domain.Name), record.Record{Type: record.CNAME, Host: ses.DKIMTarget(t, zone)}))
	}
	live := 0
	for _, a := range seen.tokens {
		if a.Status == record.Found {
			live++
		}
	}
	list := fmt.Sprintf("list them in the file as dkim: [%s]", strings.Join(tokens, ", "))
	if live == len(tokens) {
		f.note("their records are in DNS already: %s", list)
		f.Advice = "L" + list[1:] + ", and delete the records of the old tokens."
		return
	}
	f.note("publish their records and %s", list)
}

// judgeVerification reports an identity that SES failed to verify.
func (w sesWant) judgeVerification(v *verdict, seen sesSeen, differ bool) {
	byDKIM := len(w.identity.Verification) == 0
	if !w.said.Verification.Broken() || byDKIM && differ {
		return
	}
	f := w.finding(SESVerificationFailed)
	f.Message = fmt.Sprintf("Amazon SES says %s of the identity %s%s", w.said.Verification, w.domain.Name, w.region())
	switch d := w.said.DKIM; {
	case !byDKIM:
		w.afterFailure(&f, w.said.Verification, seen.verification, "run `aws ses verify-domain-identity"+w.v1()+"`, and publish the token that it prints if it is another")
	case w.signs() && d != nil && d.Status.Broken():
		f.note("it is verified by DKIM, see %s", SESDKIMFailed)
		f.Advice = "Do what " + SESDKIMFailed.ID + " says."
	default:
		w.afterFailure(&f, w.said.Verification, seen.dkim, w.restartDKIM())
	}
	v.add(f)
}

// judgeDKIM reports that SES failed to verify DKIM, or does not sign.
func (w sesWant) judgeDKIM(v *verdict, seen sesSeen) {
	s := w.said.DKIM
	switch {
	case s.Status.Broken():
		f := w.finding(SESDKIMFailed)
		f.Place = w.identity.DKIM.Place
		f.Message = fmt.Sprintf("Amazon SES says %s of DKIM for %s%s", s.Status, w.domain.Name, w.region())
		if strings.HasPrefix(w.said.Looked.Error, "REPLICATION_") {
			f.note("it is a replica of the identity in %s, and SES says %s of that", cmp.Or(s.Parent, "another region"), w.said.Looked.Error)
			f.Advice = "Look at the identity that it is a replica of: it has to be there, and to sign with Easy DKIM. Else give this one tokens of its own: " +
				w.command("put-email-identity-dkim-signing-attributes", "--signing-attributes-origin", "AWS_SES") + "."
			v.add(f)
			return
		}
		w.afterFailure(&f, s.Status, seen.dkim, w.restartDKIM())
		v.add(f)
	case s.Status == account.Success && s.Signing != nil && !*s.Signing:
		f := w.finding(SESSigningOff)
		f.Place = w.identity.DKIM.Place
		f.Message = fmt.Sprintf("DKIM of %s%s is verified, but Amazon SES does not sign: signing is switched off", w.domain.Name, w.region())
		f.Advice = "Switch it on: " + w.command("put-email-identity-dkim-attributes", "--signing-enabled") + "."
		v.add(f)
	}
}

// v1 are the flags of a call of the first API.
func (w sesWant) v1() string {
	flags := " --domain " + string(w.domain.Name)
	if r := w.regionName(); r != "" {
		flags = " --region " + r + flags
	}
	return flags
}

// restartDKIM is how DKIM is started again.
func (w sesWant) restartDKIM() string {
	if k := w.identity.DKIM; k != nil && k.Selector.Value != "" {
		return "in the console open the identity, Authentication, DKIM, Edit, and give it the selector and the private key again"
	}
	return "in the console open the identity, Authentication, DKIM, Edit and save, or run `aws ses verify-domain-dkim" + w.v1() + "`. SES may make new tokens then: fetch the identity again and run with --ses"
}

// afterFailure says what DNS holds after SES failed, and so what is to be done.
func (w sesWant) afterFailure(f *Finding, status account.Status, dns partSeen, restart string) {
	switch dns.state {
	case wrongNow:
		f.note("DNS is still wrong, see %s", shorten.List(dns.wrong, 3))
		f.Advice = "Correct the records first."
		if status == account.Failed {
			f.Advice += " SES no longer looks, so start it again afterwards: " + restart + "."
		}
	case rightNow:
		if status == account.Failed {
			f.note("DNS is right now, and SES no longer looks: start it again")
			f.Advice = "Start it again: " + restart + "."
		} else {
			f.note("DNS is right now, and SES still looks: minutes are usual, 72 hours are the end")
			f.Advice = "Wait for SES to look again. If it says FAILED then, start it again: " + restart + "."
		}
	case openNow:
		f.note("what DNS holds now could not be asked")
		f.Advice = "Look at the records first. If they are right and SES says FAILED, start it again: " + restart + "."
	case promisedNow:
		f.note("the records are there after the apply")
		f.Advice = "After the apply, SES looks again by itself."
		if status == account.Failed {
			f.Advice = "After the apply start it again: " + restart + "."
		}
	default:
		f.Advice = "Compare the records with those that SES shows. After FAILED it no longer looks, so start it again: " + restart + "."
	}
	w.lookedLast(f)
}

// lookedLast says when SES looked last, and what it said.
func (w sesWant) lookedLast(f *Finding) {
	at := w.said.Looked
	if at.Last.IsZero() {
		return
	}
	words := "SES looked last at " + at.Last.UTC().Format("2006-01-02 15:04 UTC")
	if at.Error != "" {
		words += " and said " + at.Error
	}
	f.note("%s", words)
}

// judgeMailFrom compares the MAIL FROM domain with SES's.
func (w sesWant) judgeMailFrom(v *verdict, seen sesSeen) {
	m, s := w.identity.MailFrom, w.said.MailFrom
	f := Finding{Record: w.mailFromRecord(), Subject: w.regionName(), Place: m.Place, Advice: "Set it: " + w.setMailFrom() + "."}
	switch {
	case s.Name == "":
		w.judgeUnset(v, f, seen)
		return
	case s.Name != m.Name.Value:
		f.Check = SESMailFromDiffers
		f.Expected, f.Actual = []string{string(m.Name.Value)}, []string{string(s.Name)}
		f.Message = fmt.Sprintf("Amazon SES uses %s as the MAIL FROM domain of %s%s, and the file has %s", s.Name, w.domain.Name, w.region(), m.Name.Value)
		f.Advice = "Set the file's name in SES: " + w.setMailFrom() + ". Or put SES's name into the file."
		v.add(f)
	case s.Status.Broken(), s.Status == account.Pending && s.OnFailure == "reject":
		w.judgeMailFromStatus(v, f, seen)
	}
	if m.OnMXFailure.Value != "" && s.OnFailure != "" && s.OnFailure != m.OnMXFailure.Value {
		f.Check, f.Message = SESMXFailureDiffers, fmt.Sprintf("without the MX of %s, Amazon SES is set to %s, and the file says on_mx_failure: %s", s.Name, s.OnFailure, m.OnMXFailure.Value)
		f.Expected, f.Actual, f.Impact = []string{m.OnMXFailure.Value}, []string{s.OnFailure}, ""
		f.notes = nil
		f.Advice = "Set it in SES: " + w.setMailFrom() + ". Or correct on_mx_failure in the file."
		v.add(f)
	}
}

// setMailFrom is the call that sets the file's MAIL FROM domain.
func (w sesWant) setMailFrom() string {
	m := w.identity.MailFrom
	behaviour := "USE_DEFAULT_VALUE"
	if m.OnMXFailure.Value == "reject" || m.OnMXFailure.Value == "" && w.said.MailFrom.OnFailure == "reject" {
		behaviour = "REJECT_MESSAGE"
	}
	return w.command("put-email-identity-mail-from-attributes", "--mail-from-domain", string(m.Name.Value), "--behavior-on-mx-failure", behaviour)
}

// judgeUnset reports a MAIL FROM domain that SES was never told of. While its
// records are wrong, they come first.
func (w sesWant) judgeUnset(v *verdict, f Finding, seen sesSeen) {
	f.Check = SESMailFromUnset
	switch dns := seen.mailFrom; dns.state {
	case rightNow:
		f.Message = fmt.Sprintf("the records of %s are live, and Amazon SES was never told that it is the MAIL FROM domain of %s%s", f.Record.Name, w.domain.Name, w.region())
		v.add(f)
	case openNow:
		for _, u := range dns.open {
			v.unknown(u.answer, f.Record, f.Place, SESMailFromUnset)
		}
	case promisedNow:
		v.promises = append(v.promises, Promise{Record: f.Record, Count: 1, From: "the plan", Checks: []*Check{SESMailFromUnset}})
	case wrongNow:
		v.hide(f.Record, MailFromMXMissing, SESMailFromUnset)
	}
}

// judgeMailFromStatus reports a MAIL FROM domain that SES does not use, or without
// which it refuses to send.
func (w sesWant) judgeMailFromStatus(v *verdict, f Finding, seen sesSeen) {
	s := w.said.MailFrom
	f.Check = SESMailFromFailed
	f.Message = fmt.Sprintf("Amazon SES says %s of the MAIL FROM domain %s of %s%s", s.Status, s.Name, w.domain.Name, w.region())
	if s.OnFailure == "reject" {
		f.Message = fmt.Sprintf("Amazon SES refuses to send as %s%s now: the MAIL FROM domain %s is %s, and BehaviorOnMxFailure is REJECT_MESSAGE", w.domain.Name, w.region(), s.Name, s.Status)
		f.Impact = "sending stops: SES answers MailFromDomainNotVerified"
	}
	w.afterFailure(&f, s.Status, seen.mailFrom, w.setMailFrom())
	v.add(f)
}

// judgePending reports what SES still waits for, in one finding.
func (w sesWant) judgePending(v *verdict, seen sesSeen, differ bool) {
	var waits []string
	var states []partSeen
	wait := func(what string, status account.Status, dns partSeen) {
		if status == account.Pending || status == account.NotStarted {
			waits, states = append(waits, what+" is "+status.String()), append(states, dns)
		}
	}
	byDKIM := len(w.identity.Verification) == 0
	if !byDKIM || !differ {
		dns := seen.verification
		if byDKIM {
			dns = seen.dkim
		}
		wait("verification", w.said.Verification, dns)
	}
	if d := w.said.DKIM; d != nil && w.signs() && !differ && !d.Promised {
		wait("DKIM", d.Status, seen.dkim)
	}
	if m := w.said.MailFrom; m != nil && w.identity.MailFrom != nil && m.Name == w.identity.MailFrom.Name.Value && m.OnFailure != "reject" {
		wait("the MAIL FROM domain", m.Status, seen.mailFrom)
	}
	if len(waits) == 0 {
		return
	}
	f := w.finding(SESPending)
	f.Message = fmt.Sprintf("Amazon SES has not seen the records of %s%s yet: %s", w.domain.Name, w.region(), strings.Join(waits, ", "))
	var wrong []string
	for _, s := range states {
		for _, id := range s.wrong {
			if !slices.Contains(wrong, id) {
				wrong = append(wrong, id)
			}
		}
	}
	isIn := func(state onDNS) bool {
		return slices.ContainsFunc(states, func(s partSeen) bool { return s.state == state })
	}
	switch {
	case len(wrong) > 0:
		f.note("DNS does not have them right, see %s", shorten.List(wrong, 3))
	case isIn(openNow):
		f.note("what DNS holds could not be asked")
	case isIn(promisedNow):
		f.note("they come with the apply")
	case isIn(rightNow):
		f.note("DNS has them: minutes are usual until SES sees them, 72 hours are the end")
	}
	w.lookedLast(&f)
	v.add(f)
}

// fresh is how long SES's look at DNS counts as its view of today.
const freshLook = 72 * time.Hour

// judgeServers compares the server that SES saw with those of the zone. Of an
// identity that is verified, an old look says nothing.
func (w sesWant) judgeServers(v *verdict, seen sesSeen) {
	at := w.said.Looked
	old := !at.Last.IsZero() && seen.now.Sub(at.Last) > freshLook
	if at.Server == "" || seen.zone.soa.Question.Name == "" || old && w.settled() {
		return
	}
	for _, a := range []record.Answer{seen.zone.soa, seen.zone.ns} {
		if a.Status == record.Unknown {
			v.unknown(a, w.record(), w.identity.Place, SESOtherServers)
			return
		}
	}
	servers := append(hostsOf(seen.zone.soa.Records), hostsOf(seen.zone.ns.Records)...)
	if len(servers) == 0 || slices.Contains(servers, string(at.Server)) {
		return
	}
	slices.Sort(servers)
	servers = slices.Compact(servers)
	f := w.finding(SESOtherServers)
	f.Expected, f.Actual = servers, []string{string(at.Server)}
	f.Message = fmt.Sprintf("Amazon SES saw %s served by %s, and the zone is served by %s", w.domain.Name, at.Server, shorten.List(servers, 4))
	w.lookedLast(&f)
	v.add(f, seen.zone.soa, seen.zone.ns)
}

// settled reports whether all that SES says is success.
func (w sesWant) settled() bool {
	s := w.said
	return s.Verification == account.Success && (s.DKIM == nil || s.DKIM.Status == account.Success) &&
		(s.MailFrom == nil || s.MailFrom.Name == "" || s.MailFrom.Status == account.Success)
}

// judgeUnlisted reports identities of a domain that SES has and the file does not.
func judgeUnlisted(name record.Name, regions []string, place config.Place, listed bool) (found []Finding) {
	for _, region := range regions {
		f := Finding{Check: SESIdentityUnlisted, Domain: name, Record: beyondDNS(name), Subject: region, Place: place}
		in := ""
		if region != "" {
			in = " in " + region
		}
		f.Message = fmt.Sprintf("Amazon SES has an identity %s%s that the file does not list", name, in)
		if listed {
			f.note("the file has the domain in another region or account")
		}
		found = append(found, f)
	}
	return found
}

// judgeRedirect reports a tracking domain whose links ask for HTTPS where nobody has
// a certificate of its name.
func judgeRedirect(id *config.Identity, r account.Redirect) (f Finding, found bool) {
	t := id.Tracking
	other := r.Region != "" && id.Region.Value != "" && r.Region != id.Region.Value
	if t == nil || t.Target != nil || t.Name.Value != r.Domain || r.HTTPS != "REQUIRE" || other {
		return f, false
	}
	f = Finding{Check: SESTrackingHTTPS, Record: beyondDNS(r.Domain), Subject: untrusted.Line(r.Set), Place: t.Place}
	f.Message = fmt.Sprintf("configuration set %s asks for HTTPS at %s, which is a plain CNAME to Amazon's servers: they have no certificate of that name", short(r.Set), r.Domain)
	return f, true
}

// judgeRecommendation reports where SES's advisor finds wrong what is right in DNS.
func judgeRecommendation(d *config.Domain, r account.Recommendation, seen sesSeen) (f Finding, found bool) {
	dns, known := map[string]partSeen{"DKIM": seen.dkim, "SPF": seen.spf, "DMARC": seen.dmarc}[r.Type]
	if !r.Open || !known || dns.state != rightNow {
		return f, false
	}
	f = Finding{Check: SESRecommendation, Record: beyondDNS(d.Name), Subject: r.Type + " " + r.Region, Place: d.Place}
	f.Message = fmt.Sprintf("Amazon SES's advisor has an open recommendation on %s of %s, and DNS is as the file says", r.Type, d.Name)
	if r.Text != "" {
		f.note("it says %s", short(r.Text))
	}
	return f, true
}

// short quotes the beginning of a text from outside.
func short(s string) string {
	const most = 200
	return untrusted.Quote(s[:min(len(s), most)])
}
