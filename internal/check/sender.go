package check

import (
	"fmt"
	"slices"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part/dkim"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/wanted"
)

// This file words findings for customers of a sender on SES: they have no SES
// console, and cannot change the sender's setup.

// senderOf is the sender whose customer a finding is for; nil without one.
func senderOf(d *config.Domain, f *finding.Finding) (of *ses.Sender) {
	for i := range d.Identities {
		id := &d.Identities[i]
		if !asksFor(id, d.Name, f) {
			continue
		}
		if of = ses.LookupSender(id.Sender.Value); of == nil {
			return nil
		}
	}
	return of
}

// asksFor reports whether a finding is about a record of an identity.
func asksFor(id *config.Identity, domain record.Name, f *finding.Finding) bool {
	name := f.Record.Name
	switch f.Part {
	case wanted.Verification:
		return len(id.Verification) > 0
	case wanted.Receiving:
		return id.Receiving != nil
	case wanted.Tracking:
		return id.Tracking != nil && id.Tracking.Name.Value == name
	case wanted.DKIM, wanted.OwnKey:
		k := id.DKIM
		return k != nil && (name == domain.Child("_domainkey") || name == ses.DKIMName(k.Selector.Value, domain) ||
			slices.ContainsFunc(k.Tokens, func(t config.At[string]) bool { return ses.DKIMName(t.Value, domain) == name }))
	}
	return id.MailFrom != nil && id.MailFrom.Name.Value == name
}

// forCustomer words a finding for a customer of a sender, after its change is
// known.
func forCustomer(f *finding.Finding, s *ses.Sender) {
	f.Sender = s.Name
	switch f.Check {
	case mailfrom.MXMissing, mailfrom.MXMultiple, mailfrom.MXWrong:
		f.Impact = fmt.Sprintf("Amazon SES, which %s uses to send, does not use the name: bounces are lost, SPF no longer aligns, and %s may no longer treat the domain as verified", s.Name, s.Name)
	case dkim.KeyWeak:
		f.Cause = dkim.KeyWeak.ID + " " + s.Key
	}
	if f.Advice != "" || !f.Change.Empty() {
		return
	}
	f.SenderFix = customersFix(f.Check, s)
}

// customersFix is the fix for a customer of a sender; "" if that of the check
// applies.
func customersFix(c *finding.Check, s *ses.Sender) string {
	switch c {
	case dkim.KeyWeak:
		return fmt.Sprintf("You cannot fix this in DNS: %s creates the key and chooses its size. Ask %s if you need 2048 bits.", s.Name, s.Name)
	case dkim.KeyMissing, dkim.KeyPartial:
		return fmt.Sprintf("Check the domain in %s: it was deleted there, or has other records now. Publish the records shown there.", s.Dashboard())
	case dkim.OtherZone:
		return fmt.Sprintf("Compare with the records in %s and, if what is live is right, set dkim.signing_hosted_zone in the file.", s.Dashboard())
	case dkim.KeyMismatch:
		return fmt.Sprintf("Publish the key that %s shows, or correct the file.", s.Dashboard())
	case dkim.KeyDuplicate:
		return fmt.Sprintf("Publish one TXT record, as %s shows it. A long key is several strings in one record, not several records.", s.Dashboard())
	}
	switch c.Part() {
	case wanted.Verification, wanted.DKIM, wanted.OwnKey, wanted.MailFrom:
		return fmt.Sprintf("Publish the record as %s shows it. Then verify the domain there again.", s.Dashboard())
	}
	return ""
}

// severityFor is the severity of a finding for a customer of a sender: a note if
// only the sender can fix it, unless the file has a severity.
func (s *settling) severityFor(c *finding.Check, of *ses.Sender) finding.Severity {
	if of != nil && c == dkim.KeyWeak && !s.given(c) {
		return finding.Note
	}
	return s.severity(c)
}
