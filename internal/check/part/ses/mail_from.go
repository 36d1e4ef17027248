package ses

import (
	"fmt"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
)

// This file judges the MAIL FROM domain of an identity.

// sendingStops is the impact if SES refuses to send without the MAIL FROM domain.
const sendingStops = "sending stops: SES answers MailFromDomainNotVerified"

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
