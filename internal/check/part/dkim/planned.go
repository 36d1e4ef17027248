package dkim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// tokensOfIdentity is the number of tokens of an identity with Easy DKIM.
const tokensOfIdentity = 3

// judgePromised judges the CNAMEs of a plan whose tokens are known after the
// apply: their number, and the known parts of their names and targets.
func (w easyWant) judgePromised() (v part.Verdict) {
	from := untrusted.Line(w.promised.From)
	right := 0
	var flawed []config.PromisedRecord
	for _, r := range w.promised.Records {
		if r.Flaw != "" {
			flawed = append(flawed, r)
		} else if f, wrong := w.judgePlanned(r); wrong {
			v.Add(f)
		} else {
			right++
		}
	}
	if n := len(w.promised.Records) - len(flawed); n < tokensOfIdentity {
		v.Add(w.tooFew(n, flawed))
	}
	if right > 0 {
		v.Promises = append(v.Promises, finding.Promise{Record: w.keys(), From: from, Count: right, Checks: slices.Clone(easyChecks)})
	}
	return v
}

// tooFew reports a plan with fewer DKIM CNAMEs than the identity has tokens, and
// those of its records that cannot work.
func (w easyWant) tooFew(n int, flawed []config.PromisedRecord) finding.Finding {
	from := untrusted.Line(w.promised.From)
	f := finding.Finding{
		Check: Missing, Record: w.keys(), Subject: w.promised.From, Place: w.place,
		Message: fmt.Sprintf("the plan makes %d of the %d DKIM CNAMEs of %s", n, tokensOfIdentity, from),
		Impact:  "SES verifies the three CNAMEs of an identity together: without all of them its DKIM stays pending, and mail is not signed with the domain's keys",
		Advice:  fmt.Sprintf("Create a CNAME for each of the three tokens: TOKEN._domainkey.%s, which points to TOKEN.%s.", w.domain, w.zone),
	}
	for i, r := range flawed {
		if i == 0 {
			f.Origin = finding.OriginAt(r.Place, r.Address)
		}
		if i < tokensOfIdentity {
			f.Notef("%s %s", untrusted.Line(r.Address), r.Flaw)
		}
	}
	return f
}

// judgePlanned judges the known text after the token of a record.
func (w easyWant) judgePlanned(r config.PromisedRecord) (f finding.Finding, wrong bool) {
	address := untrusted.Line(r.Address)
	resource, _, _ := strings.Cut(address, "[")
	f = finding.Finding{
		Record: w.keys(), Subject: r.Address, Place: w.place,
		Origin: finding.OriginAt(r.Place, r.Address),
	}
	behind, want := afterToken(r.Name), "._domainkey."+string(w.domain)
	zone := "." + string(r.Zone)
	switch {
	case behind == "", behind == want, r.Zone != "" && behind+zone == want, r.Zone == "" && strings.HasPrefix(want, behind+"."):
	case behind == want+"."+string(w.domain), r.Zone != "" && behind == want+zone:
		f.Check = part.NameDoubled
		f.Message = fmt.Sprintf("in the plan, %s has the name TOKEN%s, with the domain twice", address, untrusted.Line(behind))
	case !strings.Contains(behind, "_domainkey"):
		f.Check = Missing
		f.Message = fmt.Sprintf("in the plan, %s has the name TOKEN%s, without _domainkey", address, untrusted.Line(behind))
	default:
		f.Check = Missing
		f.Message = fmt.Sprintf("in the plan, %s has the name TOKEN%s instead of TOKEN%s", address, untrusted.Line(behind), want)
	}
	if f.Check == nil {
		target := afterToken(r.Target)
		at := record.Name(strings.TrimPrefix(target, "."))
		switch {
		case target == "", at == w.zone, slices.Contains(w.zones, at), w.any && ses.IsDKIMZone(at), w.shared && at == ses.SharedZone:
			return f, false
		case ses.IsDKIMZone(at):
			f.Notef("that is not the DKIM zone of %s", w.region)
		default:
			f.Notef("that is not a DKIM zone of SES")
		}
		f.Check = WrongTarget
		f.Message = fmt.Sprintf("in the plan, %s points to TOKEN%s instead of TOKEN.%s", address, untrusted.Line(target), w.zone)
	}
	f.Cause = f.Check.ID + " " + resource
	return f, true
}

// afterToken is the known text after the last unknown part, in lower case and
// without a final dot. It is "" if all is known, or nothing after that part.
func afterToken(pattern string) string {
	i := strings.LastIndex(pattern, "*")
	if i < 0 {
		return ""
	}
	return strings.ToLower(strings.TrimSuffix(pattern[i+1:], "."))
}
