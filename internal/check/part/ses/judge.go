package ses

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/shorten"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// onDNS is the state of one part's records of an identity in DNS.
type onDNS uint8

// The states.
const (
	notAsked onDNS = iota // the file does not list the records
	rightNow
	wrongNow
	openNow     // a query failed
	promisedNow // a plan makes them
)

// seenParts is the state of DNS that the judge needs.
type seenParts struct {
	now                          time.Time
	verification, dkim, mailFrom partSeen
	spf, dmarc                   partSeen
	tokens                       []record.Answer // CNAMEs of SES's tokens, if they differ from the file's
	token                        record.Answer   // TXT records beside SES's legacy token, if it is not in the file
	zone                         zoneSeen
}

// partSeen is the state of one part.
type partSeen struct {
	state onDNS
	wrong []string         // for wrongNow: ids of checks, with their records
	open  []part.Undecided // for openNow
}

// zoneSeen is the zone of the domain.
type zoneSeen struct {
	soa, ns record.Answer // an answer to an empty question was not queried
}

// beyondDNS is the record of a finding about a name and no DNS record.
func beyondDNS(n record.Name) record.Question { return record.Question{Name: n} }

// record is the record of findings about the identity.
func (w want) record() record.Question { return beyondDNS(w.domain.Name) }

// mailFromRecord is the record of findings about the MAIL FROM domain.
func (w want) mailFromRecord() record.Question { return beyondDNS(w.identity.MailFrom.Name.Value) }

// tokenRecord is the record of findings about the legacy token.
func (w want) tokenRecord() record.Question { return beyondDNS(ses.VerificationName(w.domain.Name)) }

// region is the identity's region, as the end of a sentence.
func (w want) region() string {
	if r := w.regionName(); r != "" {
		return " in " + r
	}
	return ""
}

// regionName is the identity's region, from the file or from SES.
func (w want) regionName() string {
	if w.said != nil && w.identity.Region.Value == "" {
		return w.said.Region
	}
	return w.identity.Region.Value
}

// command is a call of the AWS CLI that changes the identity. It is safe to paste
// into a shell: it has only names, regions and our own words.
func (w want) command(call string, more ...string) string {
	words := []string{"aws", "sesv2", call}
	if r := w.regionName(); r != "" {
		words = append(words, "--region", r)
	}
	return "`" + strings.Join(append(append(words, "--email-identity", string(w.domain.Name)), more...), " ") + "`"
}

// signs reports whether the file lists DKIM keys of SES.
func (w want) signs() bool {
	k := w.identity.DKIM
	return k != nil && !k.None
}

// scope is the checks that SES's output and a plan allow.
func (w want) scope() []part.Scope {
	var checks, mail []*finding.Check
	add := func(can bool, cs ...*finding.Check) {
		if can {
			checks = append(checks, cs...)
		}
	}
	_, deleted := w.deleted()
	add(w.listed && keyed(w.identity) || deleted && mine(w.identity), IdentityMissing)
	_, renews := w.renewsKeys()
	add(renews && !deleted, TokensDiffer)
	if _, breaks := w.breaksMailFrom(); breaks && !deleted {
		mail = []*finding.Check{MailFromUnset, MailFromDiffers}
	}
	if s := w.said; s != nil && !deleted && mine(w.identity) {
		signs := w.signs() && s.DKIM != nil && !s.DKIM.Promised
		add(signs && w.comparable() && !renews, TokensDiffer)
		add(s.Verification != account.Unknown, VerificationFailed)
		add(signs && s.DKIM.Status != account.Unknown, DKIMFailed)
		add(s.Verification != account.Unknown || signs && s.DKIM.Status != account.Unknown, Pending)
		add(signs && s.DKIM.Signing != nil, SigningOff)
		add(s.Looked.Server != "", OtherServers)
		if m := w.identity.MailFrom; m != nil && s.MailFrom != nil {
			mail = []*finding.Check{MailFromUnset, MailFromDiffers}
			if s.MailFrom.Name != "" && s.MailFrom.Status != account.Unknown {
				mail = append(mail, MailFromFailed)
			}
			if m.OnMXFailure.Value != "" && s.MailFrom.OnFailure != "" {
				mail = append(mail, MXFailureDiffers)
			}
		}
	}
	var all []part.Scope
	if s := w.said; s != nil && !deleted && s.Token != "" && len(w.identity.Verification) > 0 && !tokenOfAnother(w.domain, w.identity, s.Token) {
		all = append(all, part.Scope{Record: w.tokenRecord(), Checks: []*finding.Check{TokensDiffer}})
	}
	if len(checks) > 0 {
		all = append(all, part.Scope{Record: w.record(), Checks: checks})
	}
	if len(mail) > 0 {
		all = append(all, part.Scope{Record: w.mailFromRecord(), Checks: mail})
	}
	return all
}

// comparable reports whether both the file and SES name the keys.
func (w want) comparable() bool {
	k, s := w.identity.DKIM, w.said.DKIM
	if k.Selector.Value != "" {
		return s.Own && s.Selector != "" || len(s.Tokens) > 0
	}
	return len(k.Tokens) > 0 && (s.Own || len(s.Tokens) > 0)
}

// judge compares an identity of the file with its state in SES and in DNS. It is
// pure.
func judge(w want, seen seenParts) (v part.Verdict) {
	if !mine(w.identity) {
		return v
	}
	if c, ok := w.deleted(); ok {
		v.Add(w.goes(c))
		return v
	}
	change, breaks := w.breaksMailFrom()
	if breaks {
		w.judgeChange(&v, change, seen)
	}
	renewal, renews := w.renewsKeys()
	if renews {
		v.Add(w.newKeys(renewal))
	}
	if w.said == nil {
		switch {
		case !w.listed || w.there || !keyed(w.identity):
		case w.promised(&v, w.record(), func(c account.Change) bool { return c.Makes }, IdentityMissing):
		default:
			v.Add(w.missing())
		}
		return v
	}
	differ := renews || w.judgeKeys(&v, seen)
	moot := differ // SES's status of the identity is about records that are not the file's
	if len(w.identity.Verification) > 0 {
		moot = w.judgeToken(&v, seen)
	}
	if !moot {
		w.judgeVerification(&v, seen)
	}
	if w.signs() && w.said.DKIM != nil && !differ {
		w.judgeDKIM(&v, seen)
	}
	if w.identity.MailFrom != nil && w.said.MailFrom != nil && !breaks {
		w.judgeMailFrom(&v, seen)
	}
	w.judgePending(&v, seen, differ, moot)
	w.judgeServers(&v, seen)
	return v
}

// promised reports whether a plan changes the subject of a finding, and notes
// that.
func (w want) promised(v *part.Verdict, about record.Question, by func(account.Change) bool, checks ...*finding.Check) bool {
	i := slices.IndexFunc(w.changes, by)
	if i >= 0 {
		v.Promises = append(v.Promises, finding.Promise{Record: about, Count: 1, From: w.changes[i].From, Checks: checks})
	}
	return i >= 0
}

// deleted finds a plan's deletion of the identity. One that the plan makes in its
// place, perhaps as another kind of resource, stays.
func (w want) deleted() (c account.Change, ok bool) {
	if slices.ContainsFunc(w.changes, func(c account.Change) bool { return c.Makes }) {
		return c, false
	}
	i := slices.IndexFunc(w.changes, func(c account.Change) bool { return c.Deletes })
	if i < 0 {
		return c, false
	}
	return w.changes[i], true
}

// goes reports that a plan deletes the identity.
func (w want) goes(c account.Change) finding.Finding {
	f := w.finding(IdentityMissing)
	f.Message = fmt.Sprintf("the plan deletes the identity %s%s from Amazon SES", w.domain.Name, w.region())
	f.Origin = originOf(c, true)
	f.Advice = "Keep it in the plan. If it is deleted on purpose, delete it from the file and its records from DNS."
	return f
}

// originOf is the place of a change.
func originOf(c account.Change, deletes bool) finding.Origin {
	return finding.Origin{File: c.Place.File, Line: c.Place.Line, EndLine: c.Place.EndLine, Address: c.From, Deletes: deletes}
}

// breaksMailFrom finds a plan's change that sets another MAIL FROM domain than the
// file's, or else one that takes that from SES, perhaps with its identity. If a further change sets the
// file's, perhaps with another kind of resource, it stays.
func (w want) breaksMailFrom() (c account.Change, ok bool) {
	if w.identity.MailFrom == nil || !mine(w.identity) || slices.ContainsFunc(w.changes, w.maySetMailFrom) {
		return c, false
	}
	i := slices.IndexFunc(w.changes, func(c account.Change) bool { return c.MailFrom != "" })
	if i < 0 {
		i = slices.IndexFunc(w.changes, func(c account.Change) bool { return c.Drops == w.identity.MailFrom.Name.Value })
	}
	if i < 0 {
		_, renews := w.renewsKeys() // that finding says it too
		c, ok = w.recreated()
		_, loses := w.losesMailFrom()
		return c, ok && loses && !renews
	}
	return w.changes[i], true
}

// judgeChange reports a plan that sets another MAIL FROM domain than the file's, or
// removes that.
func (w want) judgeChange(v *part.Verdict, c account.Change, seen seenParts) {
	m := w.identity.MailFrom
	f := finding.Finding{Record: w.mailFromRecord(), Subject: w.regionName(), Place: m.Place, Origin: originOf(c, c.Gone)}
	switch {
	case c.MailFrom != "":
		f.Check = MailFromDiffers
		f.Expected, f.Actual = []string{string(m.Name.Value)}, []string{string(c.MailFrom)}
		f.Message = fmt.Sprintf("the plan sets %s as the MAIL FROM domain of %s%s, and the file has %s", c.MailFrom, w.domain.Name, w.region(), m.Name.Value)
		f.Advice = "Use the name from the file in the plan. If it changes on purpose, write the new name to the file."
	case seen.mailFrom.state == wrongNow:
		v.Hide(f.Record, mailfrom.MXMissing, MailFromUnset)
		return
	case !c.Gone && c.Drops == "":
		f.Check = MailFromUnset
		f.Message = fmt.Sprintf("the plan deletes the identity %s%s and creates it again, and does not set its MAIL FROM domain %s again", w.domain.Name, w.region(), m.Name.Value)
		f.Advice = "Keep the identity in the plan if you can. Otherwise replace the resource of the MAIL FROM domain too, or plan and apply again afterwards."
	default:
		f.Check = MailFromUnset
		f.Message = fmt.Sprintf("the plan removes the MAIL FROM domain %s of %s%s from Amazon SES", m.Name.Value, w.domain.Name, w.region())
		f.Advice = "Keep it in the plan. If it is removed on purpose, delete mail_from from the file and its records from DNS."
	}
	v.Add(f)
}

// missing reports that SES does not have the identity.
func (w want) missing() finding.Finding {
	f := w.finding(IdentityMissing)
	f.Message = fmt.Sprintf("Amazon SES has no identity %s%s", w.domain.Name, w.region())
	switch {
	case len(w.regions) > 0:
		f.Notef("it has one in %s", shorten.List(w.regions, 4))
		f.Advice = "If the identity was moved, correct the region in the file. Otherwise create it: " + w.command("create-email-identity") + ", and publish the tokens that SES creates."
	case w.covered != "":
		f.Notef("it can send as this domain with its identity for %s", w.covered)
		f.Impact = fmt.Sprintf("SES signs and sends with the settings of %s, so the keys in the file have no effect", w.covered)
		f.Advice = fmt.Sprintf("Remove the keys of the identity from the file if %s is enough. Otherwise create it: %s.", w.covered, w.command("create-email-identity"))
	default:
		f.Advice = "Create it: " + w.command("create-email-identity") + ", and publish the tokens that SES creates. If it was deleted on purpose, delete it from the file and its records from DNS."
	}
	return f
}

// finding starts a finding about the identity.
func (w want) finding(c *finding.Check) finding.Finding {
	return finding.Finding{Check: c, Record: w.record(), Subject: w.regionName(), Place: w.identity.Place}
}

// renewsKeys finds a plan's change after which SES has other keys than the file: the
// plan switches to another kind of DKIM or another selector, or deletes the
// identity and creates it again.
func (w want) renewsKeys() (c account.Change, ok bool) {
	if !w.signs() || !mine(w.identity) {
		return c, false
	}
	first := func(is func(account.Change) bool) bool {
		i := slices.IndexFunc(w.changes, is)
		if i >= 0 {
			c = w.changes[i]
		}
		return i >= 0
	}
	k := w.identity.DKIM
	switch {
	case first(func(c account.Change) bool { return c.Selector != "" }):
		return c, c.Selector != k.Selector.Value && (k.Selector.Value != "" || len(k.Tokens) > 0)
	case k.Selector.Value != "":
		return c, first(func(c account.Change) bool { return c.Easy })
	case len(k.Tokens) == 0:
		return c, false
	}
	return w.recreated()
}

// recreated finds a plan's change that creates the identity again after its deletion.
func (w want) recreated() (c account.Change, ok bool) {
	i := slices.IndexFunc(w.changes, func(c account.Change) bool { return c.Renews })
	if i < 0 && slices.ContainsFunc(w.changes, func(c account.Change) bool { return c.Deletes }) {
		i = slices.IndexFunc(w.changes, func(c account.Change) bool { return c.Makes })
	}
	if i < 0 {
		return c, false
	}
	return w.changes[i], true
}

// newKeys reports a plan after which SES has other keys than the file.
func (w want) newKeys(c account.Change) finding.Finding {
	f, k := w.finding(TokensDiffer), w.identity.DKIM
	f.Place, f.Origin = k.Place, originOf(c, false)
	switch {
	case c.Selector != "":
		f.Message = fmt.Sprintf("the plan lets Amazon SES sign %s%s with a key of your own (BYODKIM), selector %s, and %s", w.domain.Name, w.region(), c.Selector, w.keysInFile())
		f.Advice = "Write the key to the file as dkim: {selector: " + c.Selector + ", public_key: …} and publish it before the apply, or keep the keys in the plan."
	case k.Selector.Value != "":
		f.Message = fmt.Sprintf("the plan creates the identity %s%s with Easy DKIM, and %s", w.domain.Name, w.region(), w.keysInFile())
		f.Advice = "Set the selector and the key in the plan too, or write dkim: easy to the file."
	default:
		f.Message = fmt.Sprintf("the plan deletes the identity %s%s and creates it again, so Amazon SES makes new tokens, and %s", w.domain.Name, w.region(), w.keysInFile())
		f.Advice = "Keep the identity in the plan if you can: import it into its new resource, and forget the old one. Otherwise write dkim: easy to the file and make the records from the tokens of the new identity in the plan, or list its tokens in the file after the apply."
		if n, ok := w.losesMailFrom(); ok {
			f.Advice += fmt.Sprintf(" With the old identity, SES also deletes its MAIL FROM domain %s, and the plan does not set that again: replace its resource too, or plan and apply again afterwards.", n)
		}
	}
	return f
}

// losesMailFrom finds the file's MAIL FROM domain in a resource that a plan does not
// change. It goes with its identity if the plan deletes that and creates it again.
func (w want) losesMailFrom() (record.Name, bool) {
	m := w.identity.MailFrom
	if m == nil || slices.ContainsFunc(w.changes, w.setsMailFrom) {
		return "", false
	}
	return m.Name.Value, slices.ContainsFunc(w.changes, func(c account.Change) bool { return c.Keeps == m.Name.Value })
}

// judgeToken compares SES's legacy token. It reports whether it is not in the file.
func (w want) judgeToken(v *part.Verdict, seen seenParts) (differ bool) {
	if !w.tokenDiffers() {
		return false
	}
	s := w.said
	f := w.finding(TokensDiffer)
	f.Record, f.Place = w.tokenRecord(), w.identity.Verification[0].Place
	for _, t := range w.identity.Verification {
		f.Expected = append(f.Expected, t.Value)
	}
	f.Actual = []string{s.Token}
	f.Message = fmt.Sprintf("the verification token of %s%s is %s in Amazon SES, and the file lists %s", w.domain.Name, w.region(), s.Token, shorten.List(f.Expected, 4))
	f.Impact = "SES looks for its own token, so the record that the file asks for does not verify the domain"
	if s.Verification != account.Unknown {
		f.Notef("the status of the identity is %s", s.Verification)
	}
	list := "list it in the file as verification: " + s.Token
	f.Publish = []record.RR{finding.ToPublish(f.Record.Name, record.NewTXT(s.Token))}
	if slices.ContainsFunc(seen.token.Records, func(r record.Record) bool {
		return strings.TrimPrefix(r.Text().Raw(), ses.VerificationPrefix) == s.Token
	}) {
		f.Publish = nil
		f.Notef("its record is in DNS already: %s", list)
		f.Advice = "Write it to the file as verification: " + s.Token + "."
	} else {
		f.Notef("publish its record and %s", list)
	}
	lookAgain(&f, s.Verification, w.restartToken())
	v.Add(f)
	return true
}

// lookAgain adds that SES must be made to look again, after the records are published.
func lookAgain(f *finding.Finding, status account.Status, restart string) {
	switch {
	case status != account.Failed:
	case f.Advice == "": // the records are the advice
		f.Notef("SES has stopped looking, so make it look again afterwards: %s", restart)
	default:
		f.Advice += " SES has stopped looking. Then make it look again: " + restart + "."
	}
}

// tokenDiffers reports whether SES has a legacy token, the file has some, and SES's
// is not among those of the domain.
func (w want) tokenDiffers() bool {
	return w.said.Token != "" && len(w.identity.Verification) > 0 && !listsToken(w.identity, w.said.Token) && !tokenOfAnother(w.domain, w.identity, w.said.Token)
}

// judgeKeys compares the keys. It reports whether they differ: then SES's state
// of DKIM is about records that are not the file's.
func (w want) judgeKeys(v *part.Verdict, seen seenParts) (differ bool) {
	k, s := w.identity.DKIM, w.said.DKIM
	if !w.signs() || s == nil || s.Promised || !w.comparable() || sameKeys(k, s) {
		return false
	}
	f := w.finding(TokensDiffer)
	f.Place = k.Place
	f.Expected = tokensOf(k)
	if k.Selector.Value != "" {
		f.Expected = []string{"selector " + k.Selector.Value}
	}
	switch {
	case s.Own:
		selector := cmp.Or(s.Selector, "that is not said")
		f.Actual = []string{"selector " + selector}
		f.Message = fmt.Sprintf("Amazon SES signs %s%s with a key of your own (BYODKIM), selector %s, and %s", w.domain.Name, w.region(), selector, w.keysInFile())
		f.Advice = "Write the key to the file as dkim: {selector: " + cmp.Or(s.Selector, "…") + ", public_key: …} and publish it, or switch SES back to Easy DKIM: " + w.command("put-email-identity-dkim-signing-attributes", "--signing-attributes-origin", "AWS_SES") + "."
		v.Add(f)
	default:
		tokens := slices.Sorted(slices.Values(s.Tokens))
		f.Actual = tokens
		f.Message = fmt.Sprintf("Amazon SES signs %s%s with the tokens %s, and %s", w.domain.Name, w.region(), shorten.List(tokens, 4), w.keysInFile())
		w.publish(&f, tokens, seen)
		v.Add(f, seen.tokens...)
	}
	if st := s.Status; st != account.Success && st != account.Unknown {
		last := &v.Findings[len(v.Findings)-1]
		last.Notef("the DKIM status in SES is %s", st)
		if !s.Own && k.Selector.Value == "" {
			lookAgain(last, st, w.restartDKIM())
		}
	}
	return true
}

// keysInFile describes the keys of the file, or of a plan if the file leaves them
// open.
func (w want) keysInFile() string {
	k := w.identity.DKIM
	switch {
	case k.Selector.Value != "":
		return "the file lists a key of your own at selector " + k.Selector.Value
	case k.Easy:
		return "the plan has " + shorten.List(tokensOf(k), 4)
	}
	return "the file lists " + shorten.List(tokensOf(k), 4)
}

// publish adds the records that SES expects now.
func (w want) publish(f *finding.Finding, tokens []string, seen seenParts) {
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
		f.Publish = append(f.Publish, finding.ToPublish(ses.DKIMName(t, w.domain.Name), record.Record{Type: record.CNAME, Host: ses.DKIMTarget(t, zone)}))
	}
	live := 0
	for _, a := range seen.tokens {
		if a.Status == record.Found {
			live++
		}
	}
	list := fmt.Sprintf("list them in the file as dkim: [%s]", strings.Join(tokens, ", "))
	if w.identity.DKIM.Easy {
		list = "make the plan again: it is older than these tokens"
	}
	if live == len(tokens) {
		f.Notef("their records are in DNS already: %s", list)
		f.Advice = strings.ToUpper(list[:1]) + list[1:] + "." + w.deleteOld()
		return
	}
	f.Notef("publish their records and %s", list)
}

// deleteOld is the advice to delete the records of the file's keys, except for those
// that an identity is known to use.
func (w want) deleteOld() string {
	old := slices.DeleteFunc(tokensOf(w.identity.DKIM), func(t string) bool { return slices.Contains(w.inUse, strings.ToLower(t)) })
	switch {
	case w.identity.DKIM.Selector.Value != "":
		return " Then delete the record of the old key, unless another identity uses it."
	case len(old) == 0:
		return ""
	}
	return fmt.Sprintf(" Then delete the records of %s, unless another identity uses them.", shorten.List(old, 4))
}

// judgeVerification reports an identity that SES failed to verify.
func (w want) judgeVerification(v *part.Verdict, seen seenParts) {
	byDKIM := len(w.identity.Verification) == 0
	if !w.said.Verification.Broken() {
		return
	}
	f := w.finding(VerificationFailed)
	f.Message = fmt.Sprintf("Amazon SES says %s for the identity %s%s", w.said.Verification, w.domain.Name, w.region())
	switch d := w.said.DKIM; {
	case !byDKIM:
		w.afterFailure(&f, w.said.Verification, seen.verification, w.restartToken())
	case w.signs() && d != nil && d.Status.Broken():
		f.Notef("it is verified by DKIM, see %s", DKIMFailed)
		f.Advice = "Do what " + DKIMFailed.ID + " says."
	default:
		w.afterFailure(&f, w.said.Verification, seen.dkim, w.restartDKIM())
	}
	v.Add(f)
}

// judgeDKIM reports that SES failed to verify DKIM, or does not sign with it.
func (w want) judgeDKIM(v *part.Verdict, seen seenParts) {
	s := w.said.DKIM
	switch {
	case s.Status.Broken():
		f := w.finding(DKIMFailed)
		f.Place = w.identity.DKIM.Place
		f.Message = fmt.Sprintf("Amazon SES says %s for DKIM of %s%s", s.Status, w.domain.Name, w.region())
		if strings.HasPrefix(w.said.Looked.Error, "REPLICATION_") {
			f.Notef("it is a replica of the identity in %s, and SES says %s about that one", cmp.Or(s.Parent, "another region"), w.said.Looked.Error)
			f.Advice = "Check the parent identity: it must exist and sign with Easy DKIM. Or give this one its own tokens: " +
				w.command("put-email-identity-dkim-signing-attributes", "--signing-attributes-origin", "AWS_SES") + "."
			v.Add(f)
			return
		}
		w.afterFailure(&f, s.Status, seen.dkim, w.restartDKIM())
		v.Add(f)
	case s.Status == account.Success && s.Signing != nil && !*s.Signing:
		f := w.finding(SigningOff)
		f.Place = w.identity.DKIM.Place
		f.Message = fmt.Sprintf("DKIM of %s%s is verified, but Amazon SES does not sign: signing is turned off", w.domain.Name, w.region())
		f.Advice = "Turn it on: " + w.command("put-email-identity-dkim-attributes", "--signing-enabled") + "."
		v.Add(f)
	}
}

// restartToken restarts verification by the legacy TXT record.
func (w want) restartToken() string {
	return "run `aws ses verify-domain-identity" + w.v1() + "`, and publish the token that it prints if it is new"
}

// v1 are flags of a call of API version 1.
func (w want) v1() string {
	flags := " --domain " + string(w.domain.Name)
	if r := w.regionName(); r != "" {
		flags = " --region " + r + flags
	}
	return flags
}

// restartDKIM restarts DKIM. A replica stays a replica.
func (w want) restartDKIM() string {
	if d := w.said.DKIM; d != nil && d.Parent != "" {
		if d.Parent == account.UnknownParent {
			return "first check the DKIM of the identity that this one is a replica of, in the console"
		}
		origin := "AWS_SES_" + strings.ToUpper(strings.ReplaceAll(d.Parent, "-", "_"))
		return "check the identity in " + d.Parent + " first, because this one is its replica, then run " + w.command("put-email-identity-dkim-signing-attributes", "--signing-attributes-origin", origin)
	}
	if k := w.identity.DKIM; k != nil && k.Selector.Value != "" {
		return "in the console, open the identity, Authentication, DKIM, Edit, and enter the selector and the private key again"
	}
	return "in the console, open the identity, Authentication, DKIM, Edit, and save; or run `aws ses verify-domain-dkim" + w.v1() + "`. SES may create new tokens, so fetch the identity again and check it with --ses"
}

// afterFailure describes the state of DNS after SES failed, and what to do.
func (w want) afterFailure(f *finding.Finding, status account.Status, dns partSeen, restart string) {
	switch dns.state {
	case wrongNow:
		f.Notef("DNS is still wrong, see %s", shorten.List(dns.wrong, 3))
		f.Advice = "Fix the records first."
		if status == account.Failed {
			f.Advice += " SES has stopped looking. Then make it look again: " + restart + "."
		}
	case rightNow:
		if status == account.Failed {
			f.Notef("DNS is now right, but SES has stopped looking")
			f.Advice = "Make SES look again: " + restart + "."
		} else {
			f.Notef("DNS is now right, and SES is still looking: it usually needs minutes and gives up after 72 hours")
			f.Advice = "Wait for SES to look again. If the status becomes FAILED, make SES look again: " + restart + "."
		}
	case openNow:
		f.Notef("DNS did not answer")
		f.Advice = "Check the records first. If they are right and the status is FAILED, make SES look again: " + restart + "."
	case promisedNow:
		f.Notef("the apply creates the records")
		f.Advice = "After the apply, SES looks again by itself."
		if status == account.Failed {
			f.Advice = "After the apply, make SES look again: " + restart + "."
		}
	default:
		f.Advice = "Compare the records with those that SES shows. If the status is FAILED, make SES look again: " + restart + "."
	}
	w.lookedLast(f)
}

// lookedLast notes the time and the error of SES's last look.
func (w want) lookedLast(f *finding.Finding) {
	at := w.said.Looked
	if at.Last.IsZero() {
		return
	}
	words := "SES last looked: " + at.Last.UTC().Format("2006-01-02 15:04 UTC")
	if at.Error != "" {
		words += ", and reported " + at.Error
	}
	f.Notef("%s", words)
}

// judgeMailFrom compares the MAIL FROM domain with SES's.
func (w want) judgeMailFrom(v *part.Verdict, seen seenParts) {
	m, s := w.identity.MailFrom, w.said.MailFrom
	f := finding.Finding{Record: w.mailFromRecord(), Subject: w.regionName(), Place: m.Place, Advice: "Set it: " + w.setMailFrom() + "."}
	switch {
	case s.Name == "":
		w.judgeUnset(v, f, seen)
		return
	case s.Name != m.Name.Value:
		if w.promised(v, f.Record, w.maySetMailFrom, MailFromDiffers) {
			return
		}
		f.Check = MailFromDiffers
		f.Expected, f.Actual = []string{string(m.Name.Value)}, []string{string(s.Name)}
		f.Message = fmt.Sprintf("Amazon SES uses %s as the MAIL FROM domain of %s%s, and the file has %s", s.Name, w.domain.Name, w.region(), m.Name.Value)
		f.Advice = "Set the name from the file in SES: " + w.setMailFrom() + ". Or write the name from SES to the file."
		if s.Status != account.Unknown && s.Status != account.Success {
			f.Notef("SES's status of %s is %s", s.Name, s.Status)
			if s.OnFailure == "reject" {
				f.Notef("SES refuses to send now, because BehaviorOnMxFailure is REJECT_MESSAGE")
				f.Impact = sendingStops
			}
		}
		v.Add(f)
	case s.Status.Broken(), s.Status == account.Pending && s.OnFailure == "reject":
		w.judgeMailFromStatus(v, f, seen)
	}
	if m.OnMXFailure.Value != "" && s.OnFailure != "" && s.OnFailure != m.OnMXFailure.Value &&
		!w.promised(v, f.Record, func(c account.Change) bool { return c.OnFailure == m.OnMXFailure.Value }, MXFailureDiffers) {
		f.Check, f.Message = MXFailureDiffers, fmt.Sprintf("without the MX of %s, Amazon SES is set to %s, and the file says on_mx_failure: %s", s.Name, s.OnFailure, m.OnMXFailure.Value)
		f.Expected, f.Actual, f.Impact = []string{m.OnMXFailure.Value}, []string{s.OnFailure}, ""
		f.Notes = nil
		f.Advice = "Set it in SES: " + w.setMailFrom() + ". Or correct on_mx_failure in the file."
		v.Add(f)
	}
}

// sendingStops is the impact if SES refuses to send without the MAIL FROM domain.
const sendingStops = "sending stops: SES answers MailFromDomainNotVerified"

// setsMailFrom reports whether a change of a plan sets the file's MAIL FROM
// domain.
func (w want) setsMailFrom(c account.Change) bool {
	return c.MailFrom == w.identity.MailFrom.Name.Value
}

// maySetMailFrom reports whether a change of a plan sets the file's MAIL FROM domain,
// or one whose name is not known yet.
func (w want) maySetMailFrom(c account.Change) bool { return c.Opens || w.setsMailFrom(c) }

// setMailFrom is the call that sets the file's MAIL FROM domain.
func (w want) setMailFrom() string {
	m := w.identity.MailFrom
	behaviour := "USE_DEFAULT_VALUE"
	if m.OnMXFailure.Value == "reject" || m.OnMXFailure.Value == "" && w.said.MailFrom.OnFailure == "reject" {
		behaviour = "REJECT_MESSAGE"
	}
	return w.command("put-email-identity-mail-from-attributes", "--mail-from-domain", string(m.Name.Value), "--behavior-on-mx-failure", behaviour)
}

// judgeUnset reports a MAIL FROM domain that is not set in SES. If its records
// are wrong, those must be fixed first.
func (w want) judgeUnset(v *part.Verdict, f finding.Finding, seen seenParts) {
	f.Check = MailFromUnset
	if w.promised(v, f.Record, w.maySetMailFrom, MailFromUnset) {
		return
	}
	switch dns := seen.mailFrom; dns.state {
	case rightNow:
		f.Message = fmt.Sprintf("the records of %s are live, but it is not set as the MAIL FROM domain of %s%s in Amazon SES", f.Record.Name, w.domain.Name, w.region())
		v.Add(f)
	case openNow:
		for _, u := range dns.open {
			v.Unknown(u.Answer, f.Record, f.Place, MailFromUnset)
		}
	case promisedNow:
		v.Promises = append(v.Promises, finding.Promise{Record: f.Record, Count: 1, From: "the plan", Checks: []*finding.Check{MailFromUnset}})
	case wrongNow:
		v.Hide(f.Record, mailfrom.MXMissing, MailFromUnset)
	}
}

// judgeMailFromStatus reports a MAIL FROM domain that SES does not use, or without
// which it refuses to send.
func (w want) judgeMailFromStatus(v *part.Verdict, f finding.Finding, seen seenParts) {
	s := w.said.MailFrom
	f.Check = MailFromFailed
	f.Message = fmt.Sprintf("Amazon SES says %s for the MAIL FROM domain %s of %s%s", s.Status, s.Name, w.domain.Name, w.region())
	if s.OnFailure == "reject" {
		f.Message = fmt.Sprintf("Amazon SES refuses to send as %s%s now: the MAIL FROM domain %s is %s, and BehaviorOnMxFailure is REJECT_MESSAGE", w.domain.Name, w.region(), s.Name, s.Status)
		f.Impact = sendingStops
	}
	w.afterFailure(&f, s.Status, seen.mailFrom, w.setMailFrom())
	v.Add(f)
}

// judgePending reports in one finding all that SES still waits for.
func (w want) judgePending(v *part.Verdict, seen seenParts, differ, moot bool) {
	var waits []string
	var states []partSeen
	started := true
	wait := func(what string, status account.Status, dns partSeen) {
		if status == account.Pending || status == account.NotStarted {
			waits, states = append(waits, what+" is "+status.String()), append(states, dns)
			started = started && status != account.NotStarted
		}
	}
	if !moot {
		dns := seen.verification
		if len(w.identity.Verification) == 0 {
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
	f := w.finding(Pending)
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
		f.Notef("the records in DNS are wrong, see %s", shorten.List(wrong, 3))
		f.Advice = "Fix the records. SES usually sees them within minutes; it looks for up to 72 hours."
	case isIn(openNow):
		f.Notef("DNS did not answer")
	case isIn(promisedNow):
		f.Notef("the apply creates them")
	case isIn(rightNow) && !started:
		f.Notef("DNS has them")
	case isIn(rightNow):
		f.Notef("DNS has them: SES usually needs minutes to see them and gives up after 72 hours")
	}
	if !started {
		f.Notef("NOT_STARTED means that SES is not looking yet")
		f.Advice = w.start(len(wrong) > 0)
	}
	w.lookedLast(&f)
	v.Add(f)
}

// start starts SES's first look.
func (w want) start(wrong bool) string {
	how := w.restartDKIM()
	if len(w.identity.Verification) > 0 && w.said.Verification == account.NotStarted {
		how = w.restartToken()
	}
	if wrong {
		return "Fix the records, then make SES look: " + how + "."
	}
	return "Make SES look: " + how + "."
}

// freshLook is the greatest age of a look of SES that says something about today.
const freshLook = 72 * time.Hour

// judgeServers compares the server that SES saw with those of the zone. For a
// verified identity, an old look says nothing.
func (w want) judgeServers(v *part.Verdict, seen seenParts) {
	at := w.said.Looked
	old := !at.Last.IsZero() && seen.now.Sub(at.Last) > freshLook
	if at.Server == "" || seen.zone.soa.Question.Name == "" || old && w.settled() {
		return
	}
	for _, a := range []record.Answer{seen.zone.soa, seen.zone.ns} {
		switch {
		case a.Question.Name == "": // the user has no such zone
			return
		case a.Status == record.Unknown:
			v.Unknown(a, w.record(), w.identity.Place, OtherServers)
			return
		}
	}
	servers := append(part.HostsOf(seen.zone.soa.Records), part.HostsOf(seen.zone.ns.Records)...)
	if len(servers) == 0 || slices.Contains(servers, string(at.Server)) {
		return
	}
	slices.Sort(servers)
	servers = slices.Compact(servers)
	f := w.finding(OtherServers)
	f.Expected, f.Actual = servers, []string{string(at.Server)}
	f.Cause = OtherServers.ID + " " + string(at.Server) + " " + strings.Join(servers, " ")
	f.Message = fmt.Sprintf("Amazon SES saw %s on the server %s, but the zone is on %s", w.domain.Name, at.Server, shorten.List(servers, 4))
	w.lookedLast(&f)
	v.Add(f, seen.zone.soa, seen.zone.ns)
}

// settled reports whether all states in SES are success.
func (w want) settled() bool {
	s := w.said
	return s.Verification == account.Success && (s.DKIM == nil || s.DKIM.Status == account.Success) &&
		(s.MailFrom == nil || s.MailFrom.Name == "" || s.MailFrom.Status == account.Success)
}

// judgeUnlisted reports identities of a domain in SES that are not in the file.
func judgeUnlisted(name record.Name, regions []string, place config.Place, listed bool) (found []finding.Finding) {
	for _, region := range regions {
		f := finding.Finding{Check: IdentityUnlisted, Domain: name, Record: beyondDNS(name), Subject: region, Place: place}
		in := ""
		if region != "" {
			in = " in " + region
		}
		f.Message = fmt.Sprintf("Amazon SES has an identity %s%s that the file does not list", name, in)
		if listed {
			f.Notef("the file has this domain in another region or account")
		} else {
			f.Cause = IdentityUnlisted.ID + in
		}
		found = append(found, f)
	}
	return found
}

// judgeRedirect reports a tracking domain with HTTPS links whose host can have no
// certificate for it.
func judgeRedirect(id *config.Identity, r account.Redirect) (f finding.Finding, found bool) {
	t := id.Tracking
	other := r.Region != "" && id.Region.Value != "" && r.Region != id.Region.Value
	if t == nil || t.Target != nil || t.Name.Value != r.Domain || r.HTTPS != "REQUIRE" || other {
		return f, false
	}
	f = finding.Finding{Check: TrackingHTTPS, Record: beyondDNS(r.Domain), Subject: untrusted.Line(r.Set), Place: t.Place}
	f.Message = fmt.Sprintf("configuration set %s requires HTTPS at %s, which is a plain CNAME to Amazon's servers: they have no certificate for that name", untrusted.QuoteStart(r.Set, mostQuoted), r.Domain)
	return f, true
}

// judgeRecommendation reports a recommendation of SES's advisor about records
// that are right in DNS.
func judgeRecommendation(d *config.Domain, r account.Recommendation, seen seenParts) (f finding.Finding, found bool) {
	dns, known := map[string]partSeen{"DKIM": seen.dkim, "SPF": seen.spf, "DMARC": seen.dmarc}[r.Type]
	if !r.Open || !known || dns.state != rightNow {
		return f, false
	}
	f = finding.Finding{Check: Recommendation, Record: beyondDNS(d.Name), Subject: r.Type + " " + r.Region, Place: d.Place}
	f.Message = fmt.Sprintf("Amazon SES has an open recommendation about %s of %s, but DNS is as the file says", r.Type, d.Name)
	if r.Text != "" {
		f.Notef("it says %s", untrusted.QuoteStart(r.Text, mostQuoted))
	}
	return f, true
}

// mostQuoted bounds quotes of texts from outside, in octets.
const mostQuoted = 200
