package ses

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sescheck/sescheck/internal/account"
	"github.com/sescheck/sescheck/internal/check/finding"
	"github.com/sescheck/sescheck/internal/check/part"
	"github.com/sescheck/sescheck/internal/check/part/dkim"
	"github.com/sescheck/sescheck/internal/check/part/judgetest"
	"github.com/sescheck/sescheck/internal/check/part/mailfrom"
	"github.com/sescheck/sescheck/internal/check/part/verification"
	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/wanted"
)

// TestSeenInDNS: what of the other parts' verdicts is about an identity's records,
// and how these are then.
func TestSeenInDNS(t *testing.T) {
	t.Parallel()
	at := func(c *finding.Check, of wanted.Part, name record.Name) finding.Finding {
		return finding.Finding{Check: c, Part: of, Record: record.Question{Name: name, Type: record.TXT}}
	}
	open := func(of wanted.Part, name record.Name, fault record.Fault, checks ...*finding.Check) part.Undecided {
		q := record.Question{Name: name, Type: record.TXT}
		return part.Undecided{Answer: record.Answer{Question: q, Failure: &record.Failure{Question: q, Fault: fault}}, About: q, Part: of, Checks: checks}
	}
	contradicted := at(mailfrom.MXWrong, wanted.MailFrom, "bounce.example.com")
	contradicted.Status, contradicted.Rests = finding.Inconclusive, []record.Answer{{}}
	for name, c := range map[string]struct {
		verdict part.Verdict
		want    string // of DKIM and MAIL FROM
	}{
		"nothing":                     {part.Verdict{}, "right right"},
		"a key is missing":            {part.Verdict{Findings: []finding.Finding{at(dkim.Missing, wanted.DKIM, "b._domainkey.example.com")}}, "wrong right"},
		"a key of another":            {part.Verdict{Findings: []finding.Finding{at(dkim.Missing, wanted.DKIM, "x._domainkey.example.com")}}, "right right"},
		"Amazon's key is missing":     {part.Verdict{Findings: []finding.Finding{at(dkim.KeyMissing, wanted.DKIM, "b._domainkey.example.com")}}, "right right"},
		"some of Amazon's keys are":   {part.Verdict{Findings: []finding.Finding{at(dkim.KeyPartial, wanted.DKIM, "b._domainkey.example.com")}}, "right right"},
		"a weak key":                  {part.Verdict{Findings: []finding.Finding{at(dkim.KeyWeak, wanted.DKIM, "b._domainkey.example.com")}}, "right right"},
		"a warning that denies":       {part.Verdict{Findings: []finding.Finding{at(dkim.NotCNAME, wanted.DKIM, "b._domainkey.example.com")}}, "wrong right"},
		"an MX is missing":            {part.Verdict{Findings: []finding.Finding{at(mailfrom.MXMissing, wanted.MailFrom, "bounce.example.com")}}, "right wrong"},
		"the MX of another":           {part.Verdict{Findings: []finding.Finding{at(mailfrom.MXMissing, wanted.MailFrom, "mail.example.com")}}, "right right"},
		"contradicted":                {part.Verdict{Findings: []finding.Finding{contradicted}}, "right open"},
		"not answered":                {part.Verdict{Undecided: []part.Undecided{open(wanted.MailFrom, "bounce.example.com", record.Timeout, mailfrom.MXMissing)}}, "right open"},
		"not answered, of another":    {part.Verdict{Undecided: []part.Undecided{open(wanted.MailFrom, "mail.example.com", record.Timeout, mailfrom.MXMissing)}}, "right right"},
		"not answered, Amazon's key":  {part.Verdict{Undecided: []part.Undecided{open(wanted.DKIM, "b._domainkey.example.com", record.Timeout, dkim.KeyMissing, dkim.KeyPartial)}}, "right right"},
		"not answered, that and more": {part.Verdict{Undecided: []part.Undecided{open(wanted.DKIM, "b._domainkey.example.com", record.Timeout, dkim.KeyMissing, dkim.Missing)}}, "open right"},
		"a plan makes it":             {part.Verdict{Undecided: []part.Undecided{open(wanted.MailFrom, "bounce.example.com", record.Promised, mailfrom.MXMissing)}}, "right promised"},
		"a plan makes all keys":       {part.Verdict{Promises: []finding.Promise{{Part: wanted.DKIM, Record: record.Question{Name: "_domainkey.example.com"}}}}, "promised right"},
		"a plan makes another's":      {part.Verdict{Promises: []finding.Promise{{Part: wanted.MailFrom, Record: record.Question{Name: "mail.example.com"}}}}, "right right"},
		"wrong and open": {part.Verdict{
			Findings:  []finding.Finding{at(mailfrom.MXMissing, wanted.MailFrom, "bounce.example.com")},
			Undecided: []part.Undecided{open(wanted.MailFrom, "bounce.example.com", record.Timeout, mailfrom.MXMissing)},
		}, "right wrong"},
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {"+sesFile+"}\n")
		seen := seenInDNS(&c.verdict, want{domain: &f.Domains[0], identity: &f.Domains[0].Identities[0]})
		word := map[onDNS]string{rightNow: "right", wrongNow: "wrong", openNow: "open", promisedNow: "promised"}
		if got := word[seen.dkim.state] + " " + word[seen.mailFrom.state]; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestSeenOfKeys: an identity with a key of its own, or with none at all.
func TestSeenOfKeys(t *testing.T) {
	t.Parallel()
	missing := part.Verdict{Findings: []finding.Finding{
		{Check: dkim.KeyInvalid, Part: wanted.OwnKey, Record: record.Question{Name: "s1._domainkey.example.com"}},
		{Check: dkim.KeyInvalid, Part: wanted.OwnKey, Record: record.Question{Name: "._domainkey.example.com"}},
	}}
	for file, wrong := range map[string]int{
		"region: eu-west-1, dkim: {selector: s1, public_key: " + judgetest.RSA2048 + "}": 1,
		"region: eu-west-1, dkim: {selector: s2, public_key: " + judgetest.RSA2048 + "}": 0,
		"region: eu-west-1, dkim: [a, b, c]":                                             0,
		"region: eu-west-1, dkim: none":                                                  0,
		"region: eu-west-1, mail_from: bounce":                                           0,
		"region: eu-west-1, dkim: easy":                                                  0,
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {"+file+"}\n")
		seen := seenInDNS(&missing, want{domain: &f.Domains[0], identity: &f.Domains[0].Identities[0]})
		if len(seen.dkim.wrong) != wrong {
			t.Errorf("%s: %q", file, seen.dkim.wrong)
		}
	}
}

// compared is what is found of example.com with all that is in DNS.
func compared(t *testing.T, file, documents, live string) (*Side, part.Verdict, *config.Domain) {
	t.Helper()
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {"+file+"}\n")
	dns := judgetest.Live(t, live)
	var v part.Verdict
	var acc *account.Account
	if documents != "" {
		acc = said(t, documents)
	}
	side := Compare(t.Context(), part.Asker{Own: part.NewCache(dns), Shared: dns}, &f.Domains[0], acc, time.Unix(0, 0), &v)
	return side, v, &f.Domains[0]
}

// TestCompare: which checks can be made with what SES says of a domain, and whether
// it said anything of it.
func TestCompare(t *testing.T) {
	t.Parallel()
	const elsewhere = `{"EmailIdentity": "example.org", "Region": "eu-west-1", "VerificationStatus": "SUCCESS"}`
	for name, c := range map[string]struct {
		file, ses string
		want      string // checks of the scopes that are found
		unlooked  bool
		nothing   bool
	}{
		"all agrees":             {sesFile, sesAll, "", false, false},
		"SES says nothing":       {sesFile, "", "", true, true},
		"of another domain":      {sesFile, elsewhere, "", true, false},
		"in another region":      {strings.Replace(sesFile, "eu-west-1", "us-east-1", 1), sesAll, "ses-identity-unlisted", true, false},
		"a sender's":             {"identities: [{region: eu-west-1, sender: resend}]", elsewhere, "", false, false},
		"other tokens":           {"region: eu-west-1, dkim: [d, e, f], mail_from: bounce", sesAll, "ses-tokens-differ", false, false},
		"another MAIL FROM name": {"region: eu-west-1, dkim: [a, b, c], mail_from: mail", sesAll, "ses-mail-from-differs", false, false},
		"not verified":           {sesFile, strings.Replace(sesAll, `"VerificationStatus": "SUCCESS"`, `"VerificationStatus": "FAILED"`, 1), "ses-verification-failed", false, false},
	} {
		side, v, d := compared(t, c.file, c.ses, "")
		var got []string
		for _, f := range v.Findings {
			got = append(got, f.Check.ID)
		}
		slices.Sort(got)
		if s := strings.Join(slices.Compact(got), " "); s != c.want || (side == nil) != c.nothing || side.Unlooked(d) != c.unlooked {
			t.Errorf("%s: %s, want %s; not looked at: %v", name, s, c.want, side.Unlooked(d))
		}
		for _, f := range v.Findings {
			if !slices.ContainsFunc(side.Scopes(), func(s part.Scope) bool { return s.Record == f.Record && slices.Contains(s.Checks, f.Check) }) {
				t.Errorf("%s: %s of %s is not counted", name, f.Check, f.Record)
			}
		}
	}
}

// TestUnknownStatus: an identity with a status that is not known is not looked at.
func TestUnknownStatus(t *testing.T) {
	t.Parallel()
	weird := func(key string) string {
		return strings.Replace(sesAll, `"`+key+`": "SUCCESS"`, `"`+key+`": "WEIRD"`, 1)
	}
	const list = `{"Region": "eu-west-1", "EmailIdentities": [{"IdentityType": "DOMAIN", "IdentityName": "example.com", "VerificationStatus": "WEIRD"}]}`
	f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {"+sesFile+"}\n")
	for documents, unlooked := range map[string]bool{
		sesAll:                               false,
		weird("VerificationStatus"):          true,
		weird("Status"):                      true,
		weird("MailFromDomainStatus"):        true,
		weird("VerificationStatus") + sesAll: false, // the later answer counts
		sesAll + weird("VerificationStatus"): true,
		list:                                 true,
		`{"DkimAttributes": {"example.com": {"DkimTokens": ["a", "b", "c"], "DkimVerificationStatus": "Weird"}}}`: true,
	} {
		acc := &account.Account{}
		if err := acc.Read(strings.NewReader(documents), account.Hint{}); err != nil {
			t.Fatal(err)
		}
		dns := judgetest.Live(t, "")
		side := Compare(t.Context(), part.Asker{Own: part.NewCache(dns), Shared: dns}, &f.Domains[0], acc, time.Unix(0, 0), &part.Verdict{})
		if got := side.Unlooked(&f.Domains[0]); got != unlooked {
			t.Errorf("not looked at: %v, want %v: %s", got, unlooked, documents)
		}
	}
}

// TestObserve: for the comparison it is asked for the records of tokens that the
// file does not have, and for the servers of the zone where SES named one.
func TestObserve(t *testing.T) {
	t.Parallel()
	const server = `"VerificationInfo": {"SOARecord": {"PrimaryNameServer": "ns1.test", "SerialNumber": 1}}`
	with := func(all, more string) string { return strings.TrimSuffix(all, "}") + ", " + more + "}" }
	for name, c := range map[string]struct{ file, ses, want string }{
		"all agrees":   {sesFile, sesAll, ""},
		"other tokens": {"region: eu-west-1, dkim: [d, e, f], mail_from: bounce", sesAll, "CNAME a CNAME b CNAME c"},
		"no keys":      {"region: eu-west-1, dkim: none, mail_from: bounce", sesAll, ""},
		"a server":     {sesFile, with(sesAll, server), "SOA example.com NS example.com"},
		"of a sender":  {"identities: [{region: eu-west-1, sender: resend}]", with(sesAll, server), ""},
	} {
		var asked []string
		dns := judgetest.Answers(func(q record.Question) record.Answer {
			asked = append(asked, q.Type.String()+" "+strings.TrimSuffix(string(q.Name), "._domainkey.example.com"))
			if q.Type == record.SOA {
				return record.Answer{Question: q, Status: record.Found, Records: []record.Record{{Type: record.SOA, Host: "ns1.test"}}}
			}
			return judgetest.Absent(q, record.NoName)
		})
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {"+c.file+"}\n")
		var v part.Verdict
		Compare(t.Context(), part.Asker{Own: part.NewCache(dns), Shared: dns}, &f.Domains[0], said(t, c.ses), time.Unix(0, 0), &v)
		if got := strings.Join(asked, " "); got != c.want {
			t.Errorf("%s: asked for %s, want %s", name, got, c.want)
		}
	}
}

// TestObserveZone: the servers are those of the nearest zone above a name, as far
// as it is the user's.
func TestObserveZone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		zone record.Name // "" for none
		fail record.Name
		want string
	}{
		"its own":       {"a.b.example.com", "", "a.b.example.com found, NS a.b.example.com"},
		"one above":     {"b.example.com", "", "b.example.com found, NS b.example.com"},
		"the last":      {"example.com", "", "example.com found, NS example.com"},
		"none of these": {"com", "", "example.com no such name, NS "},
		"not answered":  {"example.com", "b.example.com", "b.example.com unknown, NS "},
	} {
		dns := judgetest.Answers(func(q record.Question) record.Answer {
			switch q.Name {
			case c.fail:
				return judgetest.Failing(q)
			case c.zone:
				return record.Answer{Question: q, Status: record.Found}
			}
			return judgetest.Absent(q, record.NoName)
		})
		z := observeZone(t.Context(), part.Asker{Own: part.NewCache(dns)}, "a.b.example.com")
		status := map[record.Status]string{record.Found: "found", record.NoName: "no such name", record.Unknown: "unknown"}[z.soa.Status]
		if got := fmt.Sprintf("%s %s, NS %s", z.soa.Question.Name, status, z.ns.Question.Name); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestFreshLook: SES's look at DNS is of today for 72 hours; an older one says
// nothing of what is verified.
func TestFreshLook(t *testing.T) {
	t.Parallel()
	const info = `"VerificationInfo": {"LastCheckedTimestamp": "2026-11-24T00:00:00Z", "SOARecord": {"PrimaryNameServer": "ns.other.test", "SerialNumber": 1}}`
	last := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		after    time.Duration
		verified bool
		want     bool
	}{{72 * time.Hour, true, true}, {72*time.Hour + 1, true, false}, {72*time.Hour + 1, false, true}} {
		doc := sesAll
		if !c.verified {
			doc = strings.Replace(doc, `"VerificationStatus": "SUCCESS"`, `"VerificationStatus": "PENDING"`, 1)
		}
		seen := everywhere(rightNow).served("ns1.test", "ns1.test", "ns2.test")
		seen.now = last.Add(c.after)
		v := judged(t, sesFile, strings.TrimSuffix(doc, "}")+", "+info+"}", seen)
		if got := slices.ContainsFunc(v.Findings, func(f finding.Finding) bool { return f.Check == OtherServers }); got != c.want {
			t.Errorf("%s later, verified %v: %v", c.after, c.verified, got)
		}
	}
}

// TestUnlisted: domains that SES has and the file does not are reported by region, each
// once.
func TestUnlisted(t *testing.T) {
	t.Parallel()
	domains := part.NewDomains([]config.Domain{{Name: "example.com"}})
	id := func(name, region string) string {
		return fmt.Sprintf(`{"EmailIdentity": %q, "Region": %q, "VerificationStatus": "SUCCESS"}`, name, region)
	}
	for name, c := range map[string]struct{ ses, want string }{
		"of the file":      {id("example.com", "eu-west-1"), ""},
		"another":          {id("example.org", "eu-west-1"), "example.org eu-west-1"},
		"in two regions":   {id("example.org", "us-east-1") + id("example.org", "eu-west-1"), "example.org eu-west-1, example.org us-east-1"},
		"the same twice":   {id("example.org", "eu-west-1") + id("example.org", "eu-west-1"), "example.org eu-west-1"},
		"two":              {id("b.example", "eu-west-1") + id("a.example", "eu-west-1"), "a.example eu-west-1, b.example eu-west-1"},
		"an address alone": {id("me@example.org", "eu-west-1"), ""},
	} {
		var got []string
		if len(Unlisted(nil, domains)) > 0 {
			t.Error("a domain that nobody named")
		}
		for _, f := range Unlisted(said(t, c.ses), domains) {
			got = append(got, strings.TrimSpace(string(f.Domain)+" "+f.Subject))
			if f.Check != IdentityUnlisted || f.Place.File != "ses.json" {
				t.Errorf("%s: %s at %v", name, f.Check, f.Place)
			}
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %s, want %s", name, s, c.want)
		}
	}
}

// TestRedirect: HTTPS is asked for at a plain CNAME of the file, in its region.
func TestRedirect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file string
		r    account.Redirect
		want bool
	}{
		{"region: eu-west-1, tracking: click", account.Redirect{Domain: "click.example.com", HTTPS: "REQUIRE", Region: "eu-west-1"}, true},
		{"region: eu-west-1, tracking: click", account.Redirect{Domain: "click.example.com", HTTPS: "REQUIRE"}, true},
		{"region: eu-west-1, tracking: click", account.Redirect{Domain: "click.example.com", HTTPS: "REQUIRE", Region: "us-east-1"}, false},
		{"region: eu-west-1, tracking: click", account.Redirect{Domain: "click.example.com", HTTPS: "OPTIONAL", Region: "eu-west-1"}, false},
		{"region: eu-west-1, tracking: link", account.Redirect{Domain: "click.example.com", HTTPS: "REQUIRE", Region: "eu-west-1"}, false},
		{"region: eu-west-1, dkim: none", account.Redirect{Domain: "click.example.com", HTTPS: "REQUIRE", Region: "eu-west-1"}, false},
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {"+c.file+"}\n")
		if _, found := judgeRedirect(&f.Domains[0].Identities[0], c.r); found != c.want {
			t.Errorf("%s, %+v: %v", c.file, c.r, found)
		}
	}
}

// TestRecommendationScope: recommendations are counted only if the advisor made any.
func TestRecommendationScope(t *testing.T) {
	t.Parallel()
	const advice = `{"Recommendations": [{"ResourceArn": "arn:aws:ses:eu-west-1:1:identity/example.com", "Type": "DMARC", "Status": "FIXED"}]}`
	for more, want := range map[string]bool{"": false, advice: true, strings.Replace(advice, "example.com", "example.org", 1): false} {
		side, _, _ := compared(t, sesFile, sesAll+more, "")
		if got := slices.ContainsFunc(side.Scopes(), func(s part.Scope) bool { return slices.Contains(s.Checks, Recommendation) }); got != want {
			t.Errorf("%s: %v", more, got)
		}
	}
}

// TestSharpen: a missing MX is worse if SES refuses to send without it.
func TestSharpen(t *testing.T) {
	t.Parallel()
	const usual = "impact of the check"
	identity := func(mailFrom string) string {
		return `{"EmailIdentity": "example.com", "Region": "eu-west-1", "VerificationStatus": "SUCCESS"` + mailFrom + `}`
	}
	for name, c := range map[string]struct{ ses, want string }{
		"not in the answer": {identity(""), usual},
		"falls back":        {identity(`, "MailFromAttributes": {"MailFromDomain": "bounce.example.com", "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}`), usual},
		"refuses":           {identity(`, "MailFromAttributes": {"MailFromDomain": "bounce.example.com", "BehaviorOnMxFailure": "REJECT_MESSAGE"}`), mailfrom.ImpactOf(true)},
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {"+sesFile+"}\n")
		v := part.Verdict{Findings: []finding.Finding{{
			Check: mailfrom.MXMissing, Part: wanted.MailFrom, Impact: usual,
			Record: record.Question{Name: "bounce.example.com", Type: record.MX},
		}}}
		id := said(t, c.ses).Of("example.com")[0]
		sharpen(&v, want{domain: &f.Domains[0], identity: &f.Domains[0].Identities[0], said: &id})
		if got := v.Findings[0].Impact; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestLocate: the other regions of a domain are those that SES names.
func TestLocate(t *testing.T) {
	t.Parallel()
	identity := func(region string) string {
		return `{"EmailIdentity": "example.com"` + region + `, "VerificationStatus": "SUCCESS"}`
	}
	for name, c := range map[string]struct{ ses, want string }{
		"of the file": {identity(`, "Region": "eu-west-1"`), ""},
		"unknown":     {identity(""), ""},
		"another":     {identity(`, "Region": "us-east-1"`), "us-east-1"},
		"two others":  {identity(`, "Region": "us-west-2"`) + identity(`, "Region": "us-east-1"`), "us-east-1 us-west-2"},
		"on a list":   {`{"EmailIdentities": [{"IdentityType": "DOMAIN", "IdentityName": "example.com"}], "Region": "us-east-1"}`, "us-east-1"},
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {"+sesFile+"}\n")
		w := want{domain: &f.Domains[0], identity: &f.Domains[0].Identities[0]}
		acc := said(t, c.ses)
		w.locate(acc, acc.Of("example.com"))
		if got := strings.Join(w.regions, " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestOwnToken: a published legacy token that SES says is the identity's own is not
// one of an unknown identity.
func TestOwnToken(t *testing.T) {
	t.Parallel()
	answer := func(token string) string {
		return `{"Region": "eu-west-1", "VerificationAttributes": {"example.com": {"VerificationStatus": "Success", "VerificationToken": "` + token + `"}}}`
	}
	gone := account.Change{Name: "example.com", Deletes: true}
	for _, c := range []struct {
		what, ses string
		changes   []account.Change
		left      int
	}{
		{"its own", answer("b="), nil, 1},
		{"the file's", answer("a="), nil, 2},
		{"another one", answer("d="), nil, 2},
		{"not said", "{}", nil, 2},
		{"deleted", answer("b="), []account.Change{gone}, 2},
	} {
		f := judgetest.Parse(t, "version: 1\ndomains:\n  example.com: {region: eu-west-1, verification: \"a=\"}\n")
		var v part.Verdict
		for _, token := range []string{"b=", "c="} {
			v.Add(finding.Finding{Check: verification.Unexpected, Subject: token})
		}
		acc := said(t, c.ses)
		acc.Changes = c.changes
		wants, _ := pair(&f.Domains[0], acc)
		ownToken(&v, wants[0])
		if len(v.Findings) != c.left || len(v.Hidden) != 2-c.left {
			t.Errorf("%s: %v, hidden %v", c.what, v.Findings, v.Hidden)
		}
	}
}
