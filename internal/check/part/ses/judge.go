package ses

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
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
	add((w.listed || deleted) && w.needed(), IdentityMissing)
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

// needed reports whether SES must have the identity: for itself, or because none of a
// parent domain serves it.
func (w want) needed() bool { return mine(w.identity) && (keyed(w.identity) || w.covered == "") }

// judge compares an identity of the file with its state in SES and in DNS. It is
// pure.
func judge(w want, seen seenParts) (v part.Verdict) {
	if !mine(w.identity) {
		return v
	}
	if c, ok := w.deleted(); ok {
		if w.needed() {
			v.Add(w.goes(c))
		}
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
		case !w.listed || w.there || !w.needed():
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
