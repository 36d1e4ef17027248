package ses

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/shorten"
)

// This file judges the keys and the legacy token of an identity.

// comparable reports whether both the file and SES name the keys.
func (w want) comparable() bool {
	k, s := w.identity.DKIM, w.said.DKIM
	if k.Selector.Value != "" {
		return s.Own && s.Selector != "" || len(s.Tokens) > 0
	}
	return len(k.Tokens) > 0 && (s.Own || len(s.Tokens) > 0)
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
